"""How a familiarity is fitted to normal pictures: each picture's distance comes from a fit that did not see it."""

from collections.abc import Mapping

import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.detector.familiarity.familiarity import Familiarity, Group, distances_of
from xai_ad.detector.familiarity.features import measure
from xai_ad.errors import InvalidInputError

FOLDS = 10
LEAST = 4
"""Normal pictures that a fit needs."""
DIRECTIONS = 12
MARGIN = 1.5
_BATCH = 256


def fit_familiarity(pixels: Tensor) -> Familiarity:
    """Fit to normal pictures, (N, C, H, W) uint8; raises `InvalidInputError` for fewer than four."""
    if len(pixels) < LEAST:
        raise InvalidInputError(f"At least {LEAST} normal pictures tell strangers. Got {len(pixels)}.")
    batches = [measure(to_float(batch)) for batch in torch.split(pixels, _BATCH)]
    features = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
    folds = torch.arange(len(pixels)) % min(FOLDS, len(pixels))
    groups = {name: _fitted(values) for name, values in features.items()}
    apart = torch.empty(len(pixels), len(groups))
    for fold in range(min(FOLDS, len(pixels))):
        seen, unseen = _rows(features, folds != fold), _rows(features, folds == fold)
        apart[folds == fold] = distances_of({name: _fitted(seen[name]) for name in groups}, unseen)
    units = apart.max(dim=0).values.clamp(min=1e-6)  # (G,)
    scaled = {
        name: Group(**{**vars(group), "unit": unit})
        for (name, group), unit in zip(groups.items(), units, strict=True)
    }
    return Familiarity(groups=scaled, distances=(apart / units).max(dim=1).values, limit=MARGIN)


def _rows(features: Mapping[str, Tensor], chosen: Tensor) -> dict[str, Tensor]:
    return {name: values[chosen] for name, values in features.items()}


def _fitted(features: Tensor) -> Group:
    """Fit one group's features, (N, d): principal directions as far as the pictures tell them apart."""
    mean, scale = features.mean(dim=0), features.std(dim=0).clamp(min=1e-3)
    standard = (features - mean) / scale
    rank = max(1, min(DIRECTIONS, features.shape[1], len(features) // 4))
    _, values, directions = torch.linalg.svd(standard, full_matrices=False)
    spreads = (values / max(len(features) - 1, 1) ** 0.5).clamp(min=0.05)
    rest = (spreads[rank:].square().sum() / max(features.shape[1] - rank, 1)).sqrt().clamp(min=0.05)
    return Group(
        mean=mean,
        scale=scale,
        directions=directions[:rank].T.contiguous(),
        spreads=spreads[:rank],
        rest=rest,
        unit=torch.ones(()),
    )
