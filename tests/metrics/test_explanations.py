"""How good one explanation is, on maps small enough to count by hand."""

import numpy as np
import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.explanations import (
    hits,
    intersection_over_union,
    localisation,
    pointing,
    random_map,
    removed,
    strongest,
    taken_away,
)


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


def test_the_overlap_is_what_both_cover_over_what_either_does():
    assert intersection_over_union(flat([1, 0, 1, 1, -1, 0, 0, 0, 0, 0]), MASK) == 0.25
    assert intersection_over_union(flat(np.zeros(10)), MASK) == 0.0


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(InvalidInputError, match="one shape"):
        hits(flat(np.arange(10)), MASK.T)


def test_the_highest_evidence_is_taken_away_and_nothing_else():
    values = flat([3, 2, 2, -1, 0, 0, 0, 0, 0, 0])
    assert taken_away(values, 0.2).ravel().tolist() == [True, True] + [False] * 8
    assert taken_away(values, 0.5).sum() == 3


def test_what_is_removed_is_a_share_of_what_the_empty_image_does_not_score():
    assert removed(5.0, 1.0, [5.0, 3.0, 1.0]) == pytest.approx((0 + 0.5 + 1) / 3)
    assert removed(5.0, 1.0, [7.0]) == -0.5
    with pytest.raises(InvalidInputError, match="above the empty one"):
        removed(1.0, 1.0, [1.0])


def test_a_random_order_is_of_cells_and_every_cell_has_its_own_place():
    values = random_map((16, 24), np.random.default_rng(0))
    assert values.shape == (16, 24)
    assert sorted(values[::2, ::3].ravel()) == list(range(1, 65))
    assert all(
        (values[row : row + 2, column : column + 3] == values[row, column]).all()
        for row in (0, 8)
        for column in (0, 9)
    )
    assert not np.array_equal(values, random_map((16, 24), np.random.default_rng(1)))
