import math

import pytest
from scipy.stats import ttest_1samp

from xai_ad.thesis.statistics import Verdict, judge, lower_bound, summarise


@pytest.mark.parametrize("values", [[0.1, 0.3, 0.2], [-1.0, 2.0], [0.5, 0.5, 0.6, 0.9]])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_lower_bound_is_that_of_students_test(values, confidence):
    expected = ttest_1samp(values, 0, alternative="greater").confidence_interval(confidence).low
    assert lower_bound(values, confidence=confidence) == pytest.approx(expected, rel=1e-9)


def test_one_seed_decides_nothing():
    assert lower_bound([1.0]) == -math.inf
    assert judge([[1.0]]) is Verdict.UNDECIDED


def test_a_claim_holds_only_where_every_comparison_does():
    clear, unclear, against = [0.10, 0.11, 0.12], [0.1, -0.1, 0.02], [-0.10, -0.11, -0.12]
    assert judge([clear, clear]) is Verdict.YES
    assert judge([clear, unclear]) is Verdict.UNDECIDED
    assert judge([clear, against]) is Verdict.NO
    assert judge([[0.0, 0.0, 0.0]]) is Verdict.UNDECIDED  # no difference is no gain


def test_more_comparisons_ask_for_a_clearer_no():
    barely = [-0.10, -0.10, -0.03]
    assert lower_bound([-value for value in barely]) > 0
    assert judge([barely]) is Verdict.NO
    assert judge([barely, *[[0.1, -0.1, 0.0]] * 20]) is Verdict.UNDECIDED


def test_a_summary_has_no_spread_for_a_single_figure():
    assert summarise([0.5]).spread is None
    assert summarise([1.0, 3.0]).spread == pytest.approx(math.sqrt(2))
    assert summarise([1.0, 3.0]).mean == 2
