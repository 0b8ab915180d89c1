"""How well per-pixel maps lie on the marked defects."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from xai_ad.errors import InvalidInputError


def pixel_auc_roc(maps: NDArray[np.float32], masks: NDArray[np.bool_]) -> float:
    """Area under the ROC curve over all pixels of all images; maps and masks (N, H, W)."""
    if maps.shape != masks.shape:
        raise InvalidInputError(f"Maps and masks must have one shape. Got {maps.shape} and {masks.shape}.")
    if not masks.any() or masks.all():
        raise InvalidInputError(
            "A pixel AUROC needs marked and unmarked pixels; the masks hold only one kind."
        )
    return float(roc_auc_score(masks.ravel(), maps.ravel()))
