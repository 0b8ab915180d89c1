"""How good one explanation is: where its evidence lies, and how much of the score goes when that is taken away.

A map is (H, W), in any unit; what it holds against being normal, its evidence, is what is positive.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.localisation import pixel_auc_roc
from xai_ad.types import Mask

Map = NDArray[np.floating]

STRONGEST = 0.1
"""The share of an image that its strongest evidence may cover."""
WIDEST = 0.5
"""Evidence that is equally strong over more of an image than this is strongest nowhere."""
FRACTIONS = (0.05, 0.1, 0.2, 0.3)
"""The shares of an image that are taken away, the strongest evidence first."""
CELLS = 8
"""A random order is of the cells of a grid with so many to a side: scattered pixels are noise that no network knows."""


def localisation(values: Map, mask: Mask) -> float:
    """Return the pixel AUC-ROC of the evidence against the mask: 1 in the right place, 0.5 by chance or without any."""
    return pixel_auc_roc(_evidence(values)[None].astype(np.float32), mask[None])


def strongest(values: Map, share: float = STRONGEST) -> Mask:
    """Return the strongest evidence, (H, W): whole groups of equal values, highest first, while they fit in the share.

    The first group is taken if it covers no more than half of the image: a region's pixels are all equal, and a
    region may be larger than the share.
    """
    evidence = _evidence(values)
    levels, places, counts = np.unique(evidence, return_inverse=True, return_counts=True)  # ascending
    if levels[-1] <= 0 or counts[-1] > max(WIDEST, share) * evidence.size:
        return np.zeros(evidence.shape, dtype=bool)
    fitting = np.cumsum(counts[::-1]) <= share * evidence.size
    fitting[0] = True
    taken = fitting[::-1] & (levels > 0)
    found: Mask = taken[places].reshape(evidence.shape)
    return found


def hits(values: Map, mask: Mask, share: float = STRONGEST) -> bool:
    """Return whether the strongest evidence overlaps the mask."""
    return bool((strongest(values, share) & _same_shape(mask, values)).any())


def pointing(values: Map, mask: Mask) -> float:
    """Return the share of the highest pixels that lie in the mask (the pointing game, Zhang et al. 2018); 0 without any."""
    evidence = _evidence(values)
    if evidence.max() <= 0:
        return 0.0
    return float(_same_shape(mask, values)[evidence == evidence.max()].mean())


def intersection_over_union(values: Map, mask: Mask) -> float:
    """Return how far all evidence and the mask are one: the area that both cover over what either does."""
    found = _evidence(values) > 0
    both, either = found & _same_shape(mask, values), found | mask
    return float(both.sum() / either.sum()) if either.any() else 0.0


def taken_away(values: Map, fraction: float) -> Mask:
    """Return the highest pixels that are evidence, at most that fraction of the image, (H, W); of equal ones the first."""
    evidence = _evidence(values)
    order = np.argsort(-evidence.ravel(), kind="stable")[: round(fraction * evidence.size)]
    found = np.zeros(evidence.size, dtype=bool)
    found[order] = evidence.ravel()[order] > 0
    return found.reshape(evidence.shape)


def removed(score: float, empty: float, without: Sequence[float]) -> float:
    """Return the mean share of the score above the empty image's that goes; `without` are the scores that are left.

    1 where all of it goes at once, 0 where none does, and less where what is taken away held the score down. Raises
    `InvalidInputError` where the image scores no higher than the empty one.
    """
    if not score > empty:
        raise InvalidInputError(
            f"The image must score above the empty one to lose a share of it. Got {score!r} and {empty!r}."
        )
    return float(np.mean([(score - left) / (score - empty) for left in without]))


def random_map(shape: tuple[int, int], rng: np.random.Generator) -> Map:
    """Return a map, (H, W), whose evidence is the cells of a grid in random order."""
    order = rng.permutation(CELLS * CELLS).reshape(CELLS, CELLS) + 1.0
    rows, columns = (np.arange(side) * CELLS // side for side in shape)
    return np.asarray(order[np.ix_(rows, columns)])


def _evidence(values: Map) -> Map:
    return np.maximum(values, 0)


def _same_shape(mask: Mask, values: Map) -> Mask:
    if mask.shape != values.shape:
        raise InvalidInputError(
            f"A map and its mask must have one shape. Got {values.shape} and {mask.shape}."
        )
    return mask
