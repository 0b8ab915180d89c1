"""Where a score stands is told in figures that follow from the calibration."""

import itertools
from dataclasses import replace

import pytest

from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.scores import Score, Scoring
from xai_ad.presentation.judgement import BINS, FEW, caption, caution, histogram
from xai_ad.presentation.words import WORDING
from xai_ad.store import CalibrationProtocol, CalibrationRecord, JudgedImage

PART = WORDING[Subject.PART]


def judged(score, label=0):
    return JudgedImage(score=score, label=label, kind="good" if label == 0 else "dent", sha256="0" * 64)


def record(*images, threshold=0.05, score_max=0.2, score=Score.SQUARED_ERROR):
    return CalibrationRecord(
        id="c",
        protocol=CalibrationProtocol.HELD_OUT,
        calibration=Calibration(
            scoring=Scoring(score=score), threshold=threshold, score_max=score_max, map_scale=4.0
        ),
        images=images,
    )


NORMALS = [judged(0.01), judged(0.02), judged(0.03)]


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0.1, "Higher than all 3 good calibration parts."),
        (0.025, "Higher than 2 of 3 good calibration parts."),
        (0.001, "Not higher than any of the 3 good calibration parts."),
    ],
)
def test_the_caption_compares_with_the_normal_images(score, expected):
    assert caption(score, record(*NORMALS, judged(0.2, label=1)), PART) == expected


def test_without_normal_images_nothing_is_compared():
    assert caption(0.025, record(), PART) == caution(record(), PART) == ""


def test_a_limit_that_rests_on_few_normal_images_says_on_how_many():
    told = caution(record(*NORMALS, judged(0.2, label=1)), PART)
    assert told == "The limit rests on only 3 good calibration parts."
    assert caution(record(*[judged(0.01)] * FEW), PART) == ""


def test_a_limit_whose_quantile_had_to_be_lowered_says_so():
    told = caution(replace(record(*NORMALS), quantile=0.75), PART)
    assert told == (
        "The limit rests on only 3 good calibration parts. Of 3 good calibration parts at most 0.75 can be passed for "
        "sure, and 0.99 was asked for: the limit is their highest score."
    )
    assert caution(replace(record(*NORMALS), quantile=0.5), PART).endswith("only 3 good calibration parts.")


def test_every_image_is_counted_once_under_its_label():
    bins = histogram(record(*NORMALS, judged(0.2, label=1), judged(0.03, label=1)))
    assert sum(bar.normal for bar in bins) == 3
    assert sum(bar.abnormal for bar in bins) == 2
    assert bins[0].start == pytest.approx(0.2)
    assert bins[-1].end == pytest.approx(4.0)
    assert bins[-1].abnormal == 1
    assert not any(bar.open for bar in bins)


def test_bins_join_and_what_lies_far_beyond_the_limit_counts_in_the_last():
    bins = histogram(record(*NORMALS, judged(0.9, label=1), judged(0.4, label=1)))
    assert bins[-1].end == pytest.approx(6)
    assert bins[-1].abnormal == 2
    assert [bar.open for bar in bins] == [False] * (BINS - 1) + [True]
    assert all(left.end == right.start for left, right in itertools.pairwise(bins))


def test_a_calibration_of_one_image_or_none_still_draws():
    assert sum(bar.normal for bar in histogram(record(judged(0.02)))) == 1
    assert histogram(record()) == []


def test_only_lesions_carry_the_disclaimer():
    told = {subject: bool(wording.disclaimer) for subject, wording in WORDING.items()}
    assert told == {Subject.PART: False, Subject.LESION: True, Subject.SCENE: False}
