import numpy as np
import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.localisation import pixel_auc_roc


def test_pixels_of_all_images_are_ranked_together():
    maps = np.array([[[0.1, 0.9]], [[0.2, 0.4]]], np.float32)
    masks = np.array([[[False, True]], [[False, True]]])
    assert pixel_auc_roc(maps, masks) == 1.0
    maps[1, 0, 0] = 0.5  # one normal pixel above one of the two marked ones
    assert pixel_auc_roc(maps, masks) == 0.75


def test_masks_of_one_kind_are_refused():
    with pytest.raises(InvalidInputError, match="only one kind"):
        pixel_auc_roc(np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 2), bool))


def test_other_shapes_are_refused():
    with pytest.raises(InvalidInputError, match="one shape"):
        pixel_auc_roc(np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 3), bool))
