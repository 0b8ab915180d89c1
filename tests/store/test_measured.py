"""What was measured, as it is stored: figures with their intervals, strict both ways."""

import numpy as np
import pytest
from pydantic import ValidationError

from xai_ad.detector.scores import Score
from xai_ad.metrics.medians import difference, estimate
from xai_ad.store.measured import FIGURES, MEASURED, PLACE, MeasuredExplanations, MeasuredMethod

PLACES = (0.9, 0.7, 0.8, 0.95)
OTHERS = (0.8, 0.75, 0.5, 0.9)
GROUPS = ("a", "a", "b", "c")


@pytest.fixture
def measured():
    return MeasuredExplanations(
        calibration="any",
        score=Score.SSIM,
        seed=0,
        images=tuple("pqrs"),
        kinds=("hole",) * 4,
        groups=GROUPS,
        methods=(
            MeasuredMethod(
                method="lime", localisation=PLACES, hits=(1.0, 0.0, 1.0, 1.0), randomised=(0.3, 0.1)
            ),
            MeasuredMethod(method="lrp", localisation=OTHERS, faithfulness=(None, 0.5, 0.25, None)),
        ),
    )


def test_a_figure_is_the_median_with_an_interval_over_whole_groups(measured):
    assert measured.figure("lime", "localisation") == estimate(PLACES, GROUPS)
    assert measured.figure("lime", "localisation").value == pytest.approx(np.median(PLACES))


def test_of_what_is_yes_or_no_it_is_the_mean(measured):
    assert measured.figure("lime", "hits").value == 0.75


def test_what_was_measured_on_the_first_pictures_has_their_groups(measured):
    assert measured.figure("lime", "randomised") == estimate((0.3, 0.1), ("a", "a"))


def test_what_was_not_measured_has_no_figure(measured):
    assert measured.figure("lime", "noise") is None
    assert measured.figure("occlusion", "localisation") is None
    assert measured.figure("lrp", "faithfulness").n == 2


def test_a_difference_is_taken_picture_by_picture(measured):
    assert measured.less("lime", "lrp", "localisation") == difference(PLACES, OTHERS, GROUPS)
    assert measured.less("lime", "lrp", "faithfulness") is None
    assert measured.less("lime", "occlusion", "localisation") is None


def test_it_is_json_both_ways_and_what_is_unknown_is_refused(measured):
    text = MEASURED.dump_json((measured,))
    assert MEASURED.validate_json(text) == (measured,)
    with pytest.raises(ValidationError, match="overlap"):
        MEASURED.validate_json(text.replace(b'"iou"', b'"overlap"'))


def test_every_figure_has_a_name():
    assert set(PLACE) < set(FIGURES)
    assert "method" not in FIGURES
