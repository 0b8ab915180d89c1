"""A limit's words: how it was placed, which images measure it, and what it does among its own."""

from dataclasses import replace

import pytest

from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.scores import Score, Scoring
from xai_ad.presentation.limits import (
    LIMIT_WORDS,
    about_measured,
    about_setting,
    elsewhere_words,
    limit_line,
    placed_words,
    set_title,
)
from xai_ad.presentation.words import NARROW, TIMES
from xai_ad.store import CalibrationProtocol, CalibrationRecord, JudgedImage


def image(score, label):
    return JudgedImage(score=score, label=label, kind="good" if label == 0 else "dent", sha256="0" * 64)


@pytest.fixture
def record():
    return CalibrationRecord(
        id="a",
        protocol=CalibrationProtocol.HELD_OUT,
        calibration=Calibration(threshold=2.0, score_max=4.0, map_scale=1.0),
        images=(image(1.0, 0), image(2.5, 0), image(3.0, 1)),
    )


def test_a_limit_says_how_it_was_placed(record):
    assert placed_words(record) == "balanced between both kinds, on pictures of its own"
    quantile = replace(record, protocol=CalibrationProtocol.NORMAL_QUANTILE, quantile=0.95)
    assert placed_words(quantile).replace(NARROW, " ") == "so that 95 % of normal pictures pass"
    by_hand = replace(record, protocol=CalibrationProtocol.MANUAL, reason="late", by="Ada")
    assert placed_words(by_hand) == "set by hand"


def test_only_images_that_placed_no_limit_are_called_a_measurement(record):
    assert about_measured(record, record.images, Subject.PART).startswith("A measurement: these 3 pictures")
    assert about_setting(record, Subject.PART).startswith(
        "No measurement: the limit was placed by 3 pictures"
    )
    by_hand = replace(record, protocol=CalibrationProtocol.MANUAL, reason="late", by="Ada")
    assert "A measurement" not in about_measured(by_hand, record.images, Subject.PART)


def test_normal_images_alone_tell_nothing_of_what_is_caught(record):
    normal = replace(record, images=record.images[:2])
    assert about_setting(normal, Subject.SCENE).endswith(
        "All are normal frames: what it catches they cannot tell."
    )


def test_a_limit_is_listed_in_multiples_of_the_one_in_force(record):
    lower = replace(record, id="b", calibration=replace(record.calibration, threshold=1.0))
    line = limit_line(lower, record, Subject.PART)
    assert line.figures == f"0.500{TIMES} the limit in force; rejects 1 of 2, catches 1 of 1"
    assert "flags 1 of 2" in limit_line(lower, record, Subject.LESION).figures
    said = replace(lower, protocol=CalibrationProtocol.MANUAL, reason="Too strict", by="Ada")
    assert limit_line(said, record, Subject.PART).said == "Too strict (Ada)"


def test_a_limit_of_another_score_is_listed_raw(record):
    other = replace(record, calibration=replace(record.calibration, scoring=Scoring(score=Score.SSIM)))
    line = limit_line(other, record, Subject.PART)
    assert line.figures == "raw 2.00; rejects 1 of 2, catches 1 of 1"
    assert line.title == "Structure (SSIM): balanced between both kinds, on pictures of its own"


def test_lesions_and_scenes_are_neither_good_nor_defective():
    for subject in (Subject.LESION, Subject.SCENE):
        words = " ".join(vars(LIMIT_WORDS[subject]).values()).lower()
        assert not any(word in words for word in ("good", "defect", "reject"))


@pytest.mark.parametrize(
    ("missing", "told"),
    [(0, ""), (3, "Other pictures are not"), (8, "The pictures themselves are not")],
)
def test_pictures_that_are_not_at_hand_are_said_to_be_elsewhere(missing, told):
    assert elsewhere_words(missing, 8, Subject.PART).startswith(told)
    assert bool(elsewhere_words(missing, 8, Subject.PART)) == bool(told)


def test_a_set_says_whether_it_set_the_limit():
    assert set_title(1200, sets_limit=True, subject=Subject.SCENE) == "1,200 frames that set the limit"
    assert set_title(1, sets_limit=True, subject=Subject.PART) == "1 picture that sets the limit"
    assert set_title(54, sets_limit=False, subject=Subject.PART) == "54 pictures that set no limit"
