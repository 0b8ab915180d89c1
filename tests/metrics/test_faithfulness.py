"""How far an explanation can be trusted, against slower and plainer ways to the same figures."""

import itertools

import numpy as np
import pytest
from scipy.stats import spearmanr

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.faithfulness import (
    STEPS,
    area,
    cell_labels,
    fall,
    ordered_map,
    random_map,
    rank_correlation,
    relative_area,
    shared_strongest,
    taken_away,
)


def flat(values, shape=(2, 5)):
    return np.array(values, dtype=np.float32).reshape(shape)


def test_the_highest_evidence_is_taken_away_and_nothing_else():
    values = flat([3, 2, 2, -1, 0, 0, 0, 0, 0, 0])
    assert taken_away(values, 0.2).ravel().tolist() == [True, True] + [False] * 8
    assert taken_away(values, 0.5).sum() == 3


def test_what_is_taken_away_is_what_sorting_pixel_by_pixel_takes():
    values = np.random.default_rng(0).integers(-5, 5, (2, 7, 9)).astype(np.float32)
    for share in STEPS:
        places = sorted(np.ndindex(values.shape), key=lambda place: -max(values[place], 0))
        wanted = np.zeros(values.shape, bool)
        for place in places[: round(share * values.size)]:
            wanted[place] = values[place] > 0
        assert np.array_equal(taken_away(values, share), wanted)


def test_a_fall_is_the_share_that_is_gone_of_what_the_empty_image_does_not_score():
    assert fall(5.0, 1.0, [5.0, 3.0, 1.0, 7.0]) == (0.0, 0.5, 1.0, -0.5)


@pytest.mark.parametrize("empty", [1.0, 2.0, float("nan")])
def test_an_image_that_scores_no_higher_than_the_empty_one_has_no_fall(empty):
    with pytest.raises(InvalidInputError, match=f"above the empty one.*1.0 and {empty}"):
        fall(1.0, empty, [1.0])


def test_an_area_is_what_summing_many_thin_strips_gives():
    falls = (0.3, 0.2, 0.7, 0.9, 1.1, 1.0)
    thin = np.linspace(0, STEPS[-1], 400_001)
    heights = np.interp(thin, [0.0, *STEPS], [0.0, *falls])
    assert area(falls) == pytest.approx((heights[1:] + heights[:-1]).mean() / 2, abs=1e-6)
    assert area([1.0] * 6) == pytest.approx(1 - 0.05 / 0.5 / 2)  # it starts from 0


def test_an_area_needs_a_value_for_each_step():
    with pytest.raises(InvalidInputError, match=r"each of 6 steps\. Got 2"):
        area((0.1, 0.2))


def test_an_area_lies_between_chance_and_the_ideal():
    assert relative_area(0.2, 0.2, 0.6) == 0.0
    assert relative_area(0.6, 0.2, 0.6) == 1.0
    assert relative_area(0.3, 0.2, 0.6) == pytest.approx(0.25)
    assert relative_area(0.1, 0.2, 0.6) == pytest.approx(-0.25)
    assert relative_area(0.5, 0.6, 0.6) is None
    assert relative_area(0.5, 0.7, 0.6) is None


def test_an_order_of_cells_is_taken_away_cell_by_cell():
    order = np.random.default_rng(0).permutation(36)
    values = ordered_map(order, (12, 18))
    cells = cell_labels((12, 18))
    for count in (1, 7, 36):
        taken = taken_away(values, count / 36)
        assert set(cells[taken]) == set(order[:count])
        assert taken.sum() == count * 6


def test_a_random_order_is_of_cells_and_every_cell_has_its_own_place():
    values = random_map((3, 12, 24), np.random.default_rng(0))
    assert values.shape == (3, 12, 24)
    assert sorted(values[0, ::2, ::4].ravel()) == list(range(1, 37))
    for row, column in itertools.product(range(0, 12, 2), range(0, 24, 4)):
        assert (values[:, row : row + 2, column : column + 4] == values[0, row, column]).all()
    assert not np.array_equal(values, random_map((3, 12, 24), np.random.default_rng(1)))


def test_a_rank_correlation_is_scipys():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 6, 7)).round(1)  # with ties
    assert rank_correlation(one, other) == pytest.approx(spearmanr(one.ravel(), other.ravel()).statistic)
    assert rank_correlation(one, np.exp(one)) == pytest.approx(1.0)
    assert rank_correlation(one, -one) == pytest.approx(-1.0)
    assert rank_correlation(one, np.ones_like(one)) == 0.0


def test_maps_of_two_shapes_are_not_compared():
    with pytest.raises(InvalidInputError, match=r"\(2, 5\) and \(5, 2\)"):
        rank_correlation(np.zeros((2, 5)), np.zeros((5, 2)))


def test_what_two_maps_share_is_a_share_of_the_smaller_ones_strongest():
    one = flat([9, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    wide = flat([9, 9, 0, 0, 0, 0, 0, 0, 0, 0])
    assert shared_strongest(one, wide) == shared_strongest(wide, one) == 1.0
    assert shared_strongest(one, flat([0, 9, 0, 0, 0, 0, 0, 0, 0, 0])) == 0.0
    assert shared_strongest(wide, flat([0, 9, 9, 0, 0, 0, 0, 0, 0, 0])) == 0.5
    nothing = flat(np.zeros(10))
    assert (shared_strongest(one, nothing), shared_strongest(nothing, -wide)) == (0.0, 1.0)
