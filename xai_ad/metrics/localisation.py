"""How well per-pixel maps lie on the marked defects."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from sklearn.metrics import roc_auc_score

from xai_ad.errors import InvalidInputError

FALSE_POSITIVES = 0.3
"""The rate of false positives up to which AUPRO integrates (Bergmann et al. 2021)."""

_TOUCHING = np.ones((3, 3), dtype=int)
"""Pixels are one region when they touch by a side or a corner."""


def pixel_auc_roc(maps: NDArray[np.float32], masks: NDArray[np.bool_]) -> float:
    """Area under the ROC curve over all pixels of all images; maps and masks (N, H, W)."""
    _require_both(maps, masks)
    return float(roc_auc_score(masks.ravel(), maps.ravel()))


def aupro(
    maps: NDArray[np.float32], masks: NDArray[np.bool_], *, false_positives: float = FALSE_POSITIVES
) -> float:
    """Area under the per-region overlap curve, up to a rate of false positives, over its width; in [0, 1].

    maps and masks (N, H, W). At a threshold the overlap is the mean, over the connected regions of all masks, of the
    region's share above it: small defects count as much as large ones. Every threshold counts, with straight lines
    between them (Bergmann et al. 2021). Regions touch by side or corner.
    """
    _require_both(maps, masks)
    share = _region_shares(masks)  # what a pixel adds to the overlap
    order = np.argsort(maps.ravel(), kind="stable")[::-1]
    ordered = maps.ravel()[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)  # ends of runs of equal values
    overlaps = np.concatenate([[0.0], np.cumsum(share[order])[last]])
    unmarked = ~masks.ravel()
    rates = np.concatenate([[0.0], np.cumsum(unmarked[order])[last] / unmarked.sum()])
    inside = rates <= false_positives
    x = np.append(rates[inside], false_positives)
    y = np.append(overlaps[inside], np.interp(false_positives, rates, overlaps))
    return float(np.trapezoid(y, x) / false_positives)


def _region_shares(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each marked pixel's share of its region over the number of regions, (N H W,); 0 where nothing is marked."""
    share = np.zeros(masks.shape)
    regions = 0
    for place, mask in enumerate(masks):
        labels, count = label(mask, structure=_TOUCHING)  # (H, W)
        sizes = np.bincount(labels.ravel(), minlength=1).astype(np.float64)
        regions += count
        sizes[0] = math.inf
        share[place] = 1 / sizes[labels]
    return share.ravel() / regions


def _require_both(maps: NDArray[np.float32], masks: NDArray[np.bool_]) -> None:
    if maps.shape != masks.shape:
        raise InvalidInputError(f"Maps and masks must have one shape. Got {maps.shape} and {masks.shape}.")
    if not masks.any() or masks.all():
        raise InvalidInputError(
            "Pixel figures need marked and unmarked pixels; the masks hold only one kind."
        )
