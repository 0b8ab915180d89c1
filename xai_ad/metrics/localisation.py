"""How well per-pixel maps lie on the marked defects."""

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError

FALSE_POSITIVES = 0.3
"""The rate of false positives up to which AUPRO integrates (Bergmann et al. 2021)."""

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
