"""How a familiarity is fitted to normal pictures alone: each one's distance comes from a fit that did not see it."""

import math
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.detector.familiarity.altering import altered
from xai_ad.detector.familiarity.familiarity import Familiarity, Group, distances_of
from xai_ad.detector.familiarity.features import Measures, measure
from xai_ad.detector.familiarity.reference import FLOORS, GROUPS, Reference
from xai_ad.errors import InvalidInputError

LEAST = 4
"""Normal pictures that a fit needs."""
FOLDS = 5
COPIES, MOST_EACH, MOST_COPIES = 500, 5, 1000
"""How many altered copies there are: as near to so many as a few of each picture come, and of many pictures at most
so many, of some of them."""
WEIGHT = 200
"""For how many pictures the altered copies count beside the normal ones, where both say how features vary."""
NORMAL_QUANTILE, ALTERED_QUANTILE = 0.99, 0.95
"""The shares of normal pictures, and of altered ones, that lie within a group's limit."""
FEW = 2000
"""Pictures among which altered copies count for a third: of more, their own variety says what may differ."""
MARGIN = 5.5
"""A limit from n pictures is set farther by 1 + this / sqrt(n)."""
KEPT = 999
"""Distances that are stored at most, for p-values down to 0.001."""
_SHRINKING = 0.3
_BATCH = 64

Features: TypeAlias = Mapping[str, Tensor]


def fit_familiarity(pixels: Tensor, *, seed: int = 0) -> Familiarity:
    """Fit to normal pictures, (N, C, H, W) uint8, neighbours of a clip beside one another.

    A group's limit is where 99 % of the normal pictures lie, moved towards where 95 % of copies with a small part
    altered lie, the more so the fewer pictures there are, and a margin that shrinks with their number. Raises
    `InvalidInputError` for fewer than four pictures.
    """
    count = len(pixels)
    if count < LEAST:
        raise InvalidInputError(f"At least {LEAST} normal pictures tell strangers. Got {count}.")
    normal = _measured(pixels)
    origins = _origins(count)
    random = np.random.default_rng(seed)
    copies = torch.stack([torch.from_numpy(altered(pixels[index].numpy(), random)) for index in origins])
    damaged = _measured(copies)
    folds = torch.arange(count) * min(FOLDS, count) // count  # neighbours share one
    apart, apart_damaged = torch.empty(count, len(GROUPS)), torch.empty(len(origins), len(GROUPS))
    for fold in range(min(FOLDS, count)):
        unseen, unseen_damaged = folds == fold, folds[origins] == fold
        reference, groups = _fitted(rows(normal, ~unseen), rows(damaged, ~unseen_damaged))
        apart[unseen] = distances_of(groups, reference.compare(rows(normal, unseen)))
        apart_damaged[unseen_damaged] = distances_of(groups, reference.compare(rows(damaged, unseen_damaged)))
    limits = _limits(apart, apart_damaged)
    reference, groups = _fitted(normal, damaged)
    return Familiarity(
        reference=reference,
        groups={
            name: Group(mean=groups[name].mean, rounding=groups[name].rounding / limit)
            for name, limit in zip(GROUPS, limits, strict=True)
        },
        distances=_thinned((apart / limits).max(dim=1).values),
    )


def _limits(apart: Tensor, apart_damaged: Tensor) -> Tensor:
    """Return each group's limit, (G,), from the distances of normal pictures, (n, G), and of altered ones, (M, G).

    None is below 1, which is as far as `FLOORS` forgive.
    """
    count = len(apart)
    normal = apart.quantile(NORMAL_QUANTILE, dim=0)
    damaged = apart_damaged.quantile(ALTERED_QUANTILE, dim=0)
    farthest = normal + (damaged - normal).clamp(min=0) * math.exp(-count / FEW)
    return (farthest * (1 + MARGIN / math.sqrt(count))).clamp(min=1)


def _origins(count: int) -> Tensor:
    """Return of which pictures there are altered copies, (M,)."""
    if count > MOST_COPIES:
        return torch.linspace(0, count - 1, MOST_COPIES).round().long()
    return torch.arange(count).repeat_interleave(min(MOST_EACH, math.ceil(COPIES / count)))


def _thinned(distances: Tensor) -> Tensor:
    """Return the distances of at most `KEPT` pictures, taken evenly, rounded as they are stored."""
    if len(distances) > KEPT:
        distances = distances[torch.linspace(0, len(distances) - 1, KEPT).round().long()]
    return distances.half().float()


@torch.inference_mode()
def _measured(pixels: Tensor) -> dict[str, Tensor]:
    batches = [measure(to_float(batch)) for batch in torch.split(pixels, _BATCH)]
    return {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}


def rows(measures: Measures, chosen: Tensor) -> dict[str, Tensor]:
    """Return the measures of some pictures, (N,) bool."""
    return {name: values[chosen] for name, values in measures.items()}


def _fitted(normal: Measures, damaged: Measures) -> tuple[Reference, dict[str, Group]]:
    reference = Reference.of(normal)
    features, others = reference.compare(normal), reference.compare(damaged)
    return reference, {name: _group(features[name], others[name], FLOORS[name]) for name in GROUPS}


def fitted_groups(normal: Measures) -> tuple[Reference, dict[str, Group]]:
    """Fit to normal pictures' measures alone, without altered copies: how they differ from one another."""
    reference = Reference.of(normal)
    features = reference.compare(normal)
    return reference, {name: _group(features[name], features[name][:0], FLOORS[name]) for name in GROUPS}


def _group(features: Tensor, damaged: Tensor, floor: float) -> Group:
    """Fit to features (N, d) of normal pictures and (M, d) of altered ones.

    The covariance is that of both, shrunk towards its diagonal where there are few pictures for its size.
    """
    count, size = features.shape
    mean = features.mean(dim=0)
    apart, damage = (features - mean).double(), (damaged - mean).double()
    weight = WEIGHT if len(damage) else 0
    covariance = (apart.T @ apart + damage.T @ damage * (weight / max(len(damage), 1))) / (count - 1 + weight)
    shrink = _SHRINKING * min(1.0, size / count)
    covariance = (1 - shrink) * covariance + shrink * covariance.diag().diag()
    values, vectors = torch.linalg.eigh(covariance + floor**2 * torch.eye(size, dtype=torch.float64))
    return Group(mean=mean, rounding=(vectors / (values * size).sqrt()).float())
