import itertools
import tracemalloc

import numpy as np
import pytest
from skimage.measure import label

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.localisation import (
    aupro,
    hits,
    localisation,
    pixel_auc_roc,
    pointing,
    strongest,
)


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


def flat(values, shape=(2, 5)):
    return np.array(values, dtype=np.float32).reshape(shape)


MASK = flat([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]).astype(bool)


def test_localisation_is_the_share_of_pairs_in_the_right_order():
    values = flat([9, 1, 5, 0, 0, 0, 0, 0, 0, 0])
    pairs = [(values[0, a] > v) + (values[0, a] == v) / 2 for a in (0, 1) for v in values[~MASK]]
    assert localisation(values, MASK) == pytest.approx(np.mean(pairs))
    assert localisation(flat(np.zeros(10)), MASK) == 0.5


def test_what_speaks_for_normal_is_no_evidence_wherever_it_lies():
    assert localisation(flat([-9, -1, 0, 0, 0, -3, 0, 0, 0, 0]), MASK) == 0.5
    assert localisation(flat([1, 1, -9, -9, 0, 0, 0, 0, 0, 0]), MASK) == 1.0


def test_the_strongest_are_whole_groups_of_equal_values_that_fit():
    values = flat([3, 2, 2, 1, 1, 1, 0, 0, 0, 0])
    assert strongest(values, 0.1).sum() == 1
    assert strongest(values, 0.2).sum() == 1  # both twos or none
    assert strongest(values, 0.3).sum() == 3
    assert strongest(values, 1.0).sum() == 6  # what is 0 is no evidence


def test_a_group_larger_than_the_share_is_taken_when_it_is_the_highest_and_no_more_than_half():
    assert strongest(flat([3, 3, 3, 3, 3, 1, 0, 0, 0, 0]), 0.1).sum() == 5
    assert strongest(flat([3, 3, 3, 3, 3, 3, 0, 0, 0, 0]), 0.1).sum() == 0
    assert strongest(flat(np.zeros(10)), 0.1).sum() == 0
    assert strongest(flat(-np.arange(10.0)), 0.1).sum() == 0


def test_the_strongest_overlap_the_mask_or_do_not():
    assert hits(flat([0, 5, 4, 0, 0, 0, 0, 0, 0, 0]), MASK)
    assert not hits(flat([3, 3, 9, 0, 0, 0, 0, 0, 0, 0]), MASK)
    assert not hits(flat(np.zeros(10)), MASK)


def test_the_pointing_game_counts_the_highest_pixels():
    assert pointing(flat([5, 0, 5, 5, 5, 0, 0, 0, 0, 0]), MASK) == 0.25
    assert pointing(flat([5, 0, 4, 0, 0, 0, 0, 0, 0, 0]), MASK) == 1.0
    assert pointing(flat(-np.ones(10)), MASK) == 0.0


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(InvalidInputError, match="one shape"):
        hits(flat(np.arange(10)), MASK.T)
