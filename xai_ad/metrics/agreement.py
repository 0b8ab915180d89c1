"""How far maps of one picture agree: over all its places, and on the strongest; and how well one lies on a mask.

A map is (H, W), in any unit: maps are compared by the ranks of their pixels, since the units of methods do not compare.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.localisation import Map, evidence_in, pixel_auc_roc, pointing
from xai_ad.types import Mask

Matrix = NDArray[np.float64]

STRONGEST = 0.05
"""The share of a picture that maps' strongest evidence is compared on."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """How well a map lies on a mask.

    `iou` is the intersection over union at the threshold where that is largest; `pixel_auc_roc` is 1 in the right place,
    0.5 by chance; `pointing` is the share of the map's highest pixels that lie in the mask. Without any evidence `iou` is
    0, `pixel_auc_roc` 0.5 and `pointing` None.
    """

    iou: float
    pixel_auc_roc: float
    pointing: float | None


def ranks(maps: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rank the values of each map, (E, P), ascending from 1; equal ones share the mean of their ranks.

    >>> ranks(np.array([[0.0, 5.0, 5.0, 9.0]])).tolist()
    [[1.0, 2.5, 2.5, 4.0]]
    """
    from scipy.stats import rankdata  # late: the first page needs nothing of it

    return np.asarray(rankdata(maps, axis=1), dtype=np.float64)


def places(maps: Sequence[Map]) -> NDArray[np.float64]:
    """Return how high maps rank each place, (E, H, W) in (0, 1).

    That is the share of the picture that a place exceeds, and half of what equals it: so all of a flat map ranks 0.5.
    Raises `InvalidInputError` for no maps, and for maps of different shapes.
    """
    shapes = {one.shape for one in maps}
    if len(shapes) != 1:
        raise InvalidInputError(f"Maps that are compared have one shape. Got {sorted(shapes) or 'no maps'}.")
    flat = np.stack([one.ravel() for one in maps])
    shares: NDArray[np.float64] = (ranks(flat) - 0.5) / flat.shape[1]
    return shares.reshape(len(maps), *shapes.pop())


def agreement(ranked: NDArray[np.float64]) -> Map:
    """Return how high maps rank each place on average, (H, W) in (0, 1); `ranked` are their `places`, (E, H, W)."""
    found: Map = ranked.mean(axis=0)
    return found


def disagreement(ranked: NDArray[np.float64]) -> Map:
    """Return how far apart maps rank each place, (H, W) in [0, 1): twice the standard deviation of its ranks.

    0 where all rank it alike; towards 1 where half of them rank it first and half last. `ranked` are their `places`.
    """
    found: Map = 2 * ranked.std(axis=0)
    return found


def rank_correlations(maps: NDArray[np.floating]) -> Matrix:
    """Return Spearman's correlation of each two maps, (E, P) -> (E, E), over all their values.

    Equal values share the mean of their ranks. A flat map orders nothing: its correlations are 0, with itself too.
    """
    return correlations(ranks(maps))


def correlations(values: NDArray[np.floating]) -> Matrix:
    """Return Pearson's correlation of each two rows, (E, P) -> (E, E), 0 where one is flat; of ranks it is Spearman's."""
    centred = values - values.mean(axis=1, keepdims=True)
    products = centred @ centred.T  # (E, E)
    sizes = np.sqrt(np.outer(np.diag(products), np.diag(products)))
    found: Matrix = np.divide(products, sizes, out=np.zeros_like(products), where=sizes > 0)
    return found


def strongest_parts(maps: NDArray[np.floating], share: float = STRONGEST) -> NDArray[np.float64]:
    """Return how far each value belongs to its map's strongest evidence, (E, P) in [0, 1].

    That is the highest positive values of a `share` of the picture, or all of them where fewer are positive. Where equal
    values straddle that share, each of them belongs to it in part, and all in equal parts: a region that is twice as large
    as the share belongs to it by half. A flat map has no strongest place.
    """
    return np.stack([_belonging(one, share) for one in maps])


def overlaps(parts: NDArray[np.float64]) -> Matrix:
    """Return the intersection over union of each two maps' strongest evidence, of their `strongest_parts`, as (E, E).

    Intersection and union are the sums of the lesser and the larger parts, and so those of sets where no values are equal.
    Where one of two maps has no evidence, they share nothing: 0.
    """
    some = parts[:, parts.any(axis=0)]  # (E, P)
    both = np.stack([np.minimum(one, some).sum(axis=1) for one in some])  # (E, E)
    sizes = parts.sum(axis=1)
    either = sizes[:, None] + sizes[None] - both  # lesser and larger part add up to both parts
    found: Matrix = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    return found


def placed(values: Map, mask: Mask) -> Placed | None:
    """Return how well a map's evidence, what is positive in it, lies on a mask of its shape, (H, W).

    None where the mask marks nothing, or everything. Raises `InvalidInputError` for a mask of another shape.
    """
    if mask.shape != values.shape:
        raise InvalidInputError(
            f"A map and its mask must have one shape. Got {values.shape} and {mask.shape}."
        )
    if not mask.any() or mask.all():
        return None
    evidence = evidence_in(values)
    return Placed(
        iou=_best_overlap(evidence, mask),
        pixel_auc_roc=pixel_auc_roc(evidence[None].astype(np.float32), mask[None]),
        pointing=pointing(values, mask) if evidence.any() else None,
    )


def _belonging(values: NDArray[np.floating], share: float) -> NDArray[np.float64]:
    """Return how far each of a map's values, (P,), belongs to its strongest share, in [0, 1]."""
    if values.min() == values.max():
        return np.zeros(values.size)
    room = share * values.size
    last = min(max(math.ceil(room), 1), values.size)
    level = np.partition(values, -last)[-last]  # that the share ends with
    above, equal = values > level, values == level
    parts: NDArray[np.float64] = above + equal * ((room - above.sum()) / equal.sum())
    return np.clip(parts, 0, 1) * (values > 0)


def _best_overlap(evidence: Map, mask: Mask) -> float:
    """Return the largest intersection over union of a mask and what reaches a threshold, over all that are positive."""
    levels, places, sizes = np.unique(evidence, return_inverse=True, return_counts=True)  # ascending
    inside = np.bincount(places.ravel(), weights=mask.ravel(), minlength=len(levels))
    taken, both = np.cumsum(sizes[::-1])[::-1], np.cumsum(inside[::-1])[::-1]
    overlaps = (both / (taken + mask.sum() - both))[levels > 0]
    return float(overlaps.max()) if len(overlaps) else 0.0
