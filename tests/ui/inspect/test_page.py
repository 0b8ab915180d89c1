"""The verdict's card says where a score stands, in figures that follow from the calibration."""

import pytest

from tests.presentation.test_judgement import NORMALS, PART, record
from xai_ad.detector.scores import Score
from xai_ad.ui.components.mounting import require_plain
from xai_ad.ui.inspect.page import verdict_data


def test_figures_are_fractions_of_the_largest_calibration_score():
    card = verdict_data(0.1, record(*NORMALS), PART)
    assert (card["score"], card["limit"]) == pytest.approx((0.5, 0.25))
    assert (card["verdict"], card["abnormal"]) == ("FAIL", True)
    require_plain(dict(card))


def test_a_score_exactly_at_the_limit_passes():
    assert verdict_data(0.05, record(*NORMALS), PART)["verdict"] == "PASS"


@pytest.mark.parametrize(
    ("score", "squared", "structure"),
    [(Score.SQUARED_ERROR, True, False), (Score.COMPOUND, True, True), (Score.SSIM, False, True)],
)
def test_the_card_says_which_score_it_is(score, squared, structure):
    told = verdict_data(0.1, record(*NORMALS, score=score), PART)["measure"]
    assert ("squared error" in told, "structure" in told) == (squared, structure)
