"""Medians and their intervals, against a redrawing done by hand."""

import numpy as np
import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.medians import DRAWS, SEED, difference, estimate

VALUES = [0.3, 0.9, 0.1, 0.7, 0.5, 0.2]


def redrawn(values, groups, statistic):
    """Redraw whole groups value by value, with the draws that the module makes."""
    names = sorted(set(groups))
    rng = np.random.default_rng(SEED)
    draws = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    found = []
    for counts in draws:
        often = dict(zip(names, counts, strict=True))
        found.append(
            statistic(
                [value for value, group in zip(values, groups, strict=True) for _ in range(often[group])]
            )
        )
    return np.quantile(found, [0.05, 0.95])


@pytest.mark.parametrize("mean", [False, True])
@pytest.mark.parametrize("groups", [None, ["a", "b", "a", "c", "d", "b"]])
def test_an_estimate_is_that_of_redrawn_sets(mean, groups):
    statistic = np.mean if mean else np.median
    found = estimate(VALUES, groups, mean=mean)
    low, high = redrawn(VALUES, groups or list("012345"), statistic)
    assert found.value == pytest.approx(statistic(VALUES))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.n == 6


def test_values_that_are_not_there_are_left_out():
    assert estimate([None, *VALUES, None]).value == pytest.approx(np.median(VALUES))
    assert estimate([None, None]) is None
    assert estimate([]) is None


def test_one_value_has_an_interval_of_no_width():
    found = estimate([0.25])
    assert (found.value, found.low, found.high, found.n) == (0.25, 0.25, 0.25, 1)


def test_a_difference_is_of_the_same_pictures():
    shifted = [value + 0.1 for value in VALUES]
    found = difference(shifted, VALUES)
    assert (found.low, found.value, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.is_above_zero
    assert not found.is_below_zero
    assert difference(VALUES, shifted).is_below_zero
    assert difference([None, 1.0], [0.0, 0.5]).n == 1


def test_groups_and_pictures_must_be_as_many():
    with pytest.raises(InvalidInputError, match=r"2 values need as many groups\. Got 1"):
        estimate([1.0, 2.0], ["a"])
    with pytest.raises(InvalidInputError, match="Got 1 and 2 values"):
        difference([1.0], [1.0, 2.0])
