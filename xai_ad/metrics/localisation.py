"""How well per-pixel maps lie on the marked defects: the error maps of a set, and one explanation of one image.

An explanation's map is (H, W), or a window's (T, H, W), in any unit; what it holds against being normal, its evidence, is
what is positive.
"""

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.types import Mask

Map = NDArray[np.floating]

FALSE_POSITIVES = 0.3
"""The rate of false positives up to which AUPRO integrates (Bergmann et al. 2021)."""

STRONGEST = 0.1
"""The share of an image that its strongest evidence may cover."""
WIDEST = 0.5
"""Evidence that is equally strong over more of an image than this is strongest nowhere."""

_TOUCHING = np.ones((3, 3), dtype=int)
"""Pixels are one region when they touch by a side or a corner."""


def pixel_auc_roc(maps: NDArray[np.float32], masks: NDArray[np.bool_]) -> float:
    """Area under the ROC curve over all pixels of all images; maps and masks (N, H, W)."""
    _require_both(maps, masks)
    rates, hits = _curve(maps, masks, np.ones(np.count_nonzero(masks)))
    return float(np.trapezoid(hits, rates))


def aupro(
    maps: NDArray[np.float32], masks: NDArray[np.bool_], *, false_positives: float = FALSE_POSITIVES
) -> float:
    """Area under the per-region overlap curve, up to a rate of false positives, over its width; in [0, 1].

    maps and masks (N, H, W). At a threshold the overlap is the mean, over the connected regions of all masks, of the
    region's share above it: small defects count as much as large ones. Every threshold counts, with straight lines
    between them (Bergmann et al. 2021). Regions touch by side or corner.
    """
    _require_both(maps, masks)
    rates, overlaps = _curve(maps, masks, _region_shares(masks))
    inside = rates <= false_positives
    x = np.append(rates[inside], false_positives)
    y = np.append(overlaps[inside], np.interp(false_positives, rates, overlaps))
    return float(np.trapezoid(y, x) / false_positives)


def localisation(values: Map, mask: Mask) -> float:
    """Return the pixel AUC-ROC of the evidence against the mask: 1 in the right place, 0.5 by chance or without any."""
    return pixel_auc_roc(evidence_in(values)[None].astype(np.float32), mask[None])


def strongest(values: Map, share: float = STRONGEST) -> Mask:
    """Return the strongest evidence, (H, W): whole groups of equal values, highest first, while they fit in the share.

    The first group is taken if it covers no more than half of the image: a region's pixels are all equal, and a
    region may be larger than the share.
    """
    evidence = evidence_in(values)
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
    evidence = evidence_in(values)
    if evidence.max() <= 0:
        return 0.0
    return float(_same_shape(mask, values)[evidence == evidence.max()].mean())


def _curve(
    maps: NDArray[np.float32], masks: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rate of false positives and the share of the marked pixels' weights, (M,), above falling thresholds.

    Only thresholds at marked pixels bend the curve, so that no unmarked pixel needs more than its place in an order:
    the maps of a long video are many times larger than its marks.
    """
    unmarked = maps[~masks]
    unmarked.sort()
    values, places = np.unique(maps[masks], return_inverse=True)  # ascending
    weight = np.cumsum(np.bincount(places, weights=weights)[::-1])
    above = len(unmarked) - np.searchsorted(unmarked, values[::-1], side="right")
    not_below = len(unmarked) - np.searchsorted(unmarked, values[::-1], side="left")
    rates = np.stack([above, not_below], axis=1).ravel() / len(unmarked)
    shares = np.stack([np.append(0.0, weight[:-1]), weight], axis=1).ravel() / weight[-1]
    return np.concatenate([[0.0], rates, [1.0]]), np.concatenate([[0.0], shares, [1.0]])


def _region_shares(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each marked pixel's share of its region, (M,), image after image and row after row."""
    from scipy.ndimage import label  # late: explanations need nothing of it

    shares = []
    for mask in masks:
        regions = label(mask, structure=_TOUCHING)[0][mask]  # from 1
        shares.append(1 / np.bincount(regions)[regions])
    return np.concatenate(shares)


def _require_both(maps: NDArray[np.float32], masks: NDArray[np.bool_]) -> None:
    if maps.shape != masks.shape:
        raise InvalidInputError(f"Maps and masks must have one shape. Got {maps.shape} and {masks.shape}.")
    if not masks.any() or masks.all():
        raise InvalidInputError(
            "Pixel figures need marked and unmarked pixels; the masks hold only one kind."
        )


def evidence_in(values: Map) -> Map:
    """Return what a map holds against being normal: its positive values, 0 elsewhere."""
    return np.maximum(values, 0)


def _same_shape(mask: Mask, values: Map) -> Mask:
    if mask.shape != values.shape:
        raise InvalidInputError(
            f"A map and its mask must have one shape. Got {values.shape} and {mask.shape}."
        )
    return mask
