import itertools
import tracemalloc

import numpy as np
import pytest
from skimage.measure import label

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.localisation import aupro, pixel_auc_roc


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


def brute_force_aupro(maps, masks, limit):
    """The curve at every threshold, one after the other, and its area by trapezoids."""
    regions = [label(mask, connectivity=2) for mask in masks]
    points = [(0.0, 0.0)]
    for threshold in sorted(set(maps.ravel().tolist()), reverse=True):
        above = maps >= threshold
        overlaps = [
            above[place][found == number].mean()
            for place, found in enumerate(regions)
            for number in range(1, found.max() + 1)
        ]
        points.append((above[~masks].mean(), np.mean(overlaps)))
    area = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 >= limit:
            break
        end = min(x1, limit)
        y_end = y0 + (y1 - y0) * (end - x0) / (x1 - x0) if x1 > x0 else y1
        area += (end - x0) * (y0 + y_end) / 2
    return area / limit


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit", [0.05, 0.3, 1.0])
def test_aupro_is_the_area_under_the_curve_of_every_threshold(seed, limit):
    rng = np.random.default_rng(seed)
    masks = np.zeros((3, 9, 8), bool)
    masks[0, 1:4, 1:3] = masks[0, 6, 5:8] = masks[1, 2, 2] = True  # regions of 6, 3 and 1 pixels
    masks[2, 4, 4] = masks[2, 5, 5] = masks[2, 6, 4] = True  # one region: its pixels touch by their corners
    maps = np.round(rng.random(masks.shape) + 0.3 * masks, 1).astype(np.float32)  # many ties
    found = aupro(maps, masks, false_positives=limit)
    assert found == pytest.approx(brute_force_aupro(maps, masks, limit), abs=1e-12)


def test_aupro_of_a_map_that_is_the_mask_is_one():
    masks = np.zeros((1, 6, 6), bool)
    masks[0, 2:4, 2:4] = True
    assert aupro(masks.astype(np.float32), masks) == 1.0


def test_aupro_counts_a_small_region_as_much_as_a_large_one():
    masks = np.zeros((1, 20, 20), bool)
    masks[0, :10, :10] = masks[0, 15, 15] = True
    only_large = masks.astype(np.float32)
    only_large[0, 15, 15] = 0
    assert aupro(only_large, masks) == pytest.approx(
        0.5 + 0.5 * 0.3 / 2, abs=0.002
    )  # rises to 1 with the rest


@pytest.mark.parametrize("seed", range(4))
def test_the_area_under_the_pixels_curve_is_the_share_of_pairs_in_order(seed):
    rng = np.random.default_rng(seed)
    masks = rng.random((3, 9, 8)) < 0.2
    maps = np.round(rng.random(masks.shape) + 0.3 * masks, 1).astype(np.float32)  # many ties
    marked, unmarked = maps[masks][:, None], maps[~masks][None]
    pairs = (marked > unmarked) + 0.5 * (marked == unmarked)
    assert pixel_auc_roc(maps, masks) == pytest.approx(pairs.mean(), abs=1e-12)


def test_pixel_figures_take_little_more_memory_than_the_maps_themselves():
    masks = np.zeros((64, 128, 128), bool)
    masks[:, 40:50, 40:50] = True
    maps = np.random.default_rng(0).random(masks.shape, dtype=np.float32)
    tracemalloc.start()
    try:
        aupro(maps, masks)
        pixel_auc_roc(maps, masks)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * maps.nbytes
