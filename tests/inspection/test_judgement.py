"""Four states: a stranger before all, then borderline, else the calibration's verdict."""

import numpy as np
import pytest

from xai_ad.detector.calibration import Calibration
from xai_ad.detector.familiarity import Likeness
from xai_ad.inspection.judgement import State, judge
from xai_ad.store import CalibrationProtocol, CalibrationRecord, JudgedImage
from xai_ad.training.limits import limit_interval


def likeness(*, is_stranger):
    return Likeness(p_value=0.001 if is_stranger else 0.5, is_stranger=is_stranger, cause=None, distance=1.0)


@pytest.fixture
def record():
    rng = np.random.default_rng(0)
    scored = [(score, 0) for score in rng.gamma(9, 0.1, 20)] + [(score, 1) for score in rng.gamma(9, 0.2, 20)]
    return CalibrationRecord(
        id="drawn",
        protocol=CalibrationProtocol.HELD_OUT,
        calibration=Calibration(threshold=1.2, score_max=4.0, map_scale=4.0),
        images=tuple(
            JudgedImage(score=score, label=label, kind="any", sha256="0") for score, label in scored
        ),
    )


def test_the_interval_is_borderline_both_ends_included_and_beyond_it_the_limit_judges(record):
    interval = limit_interval(record)
    assert interval.low < 1.2 < interval.high
    expected = {
        0.0: State.NORMAL,
        np.nextafter(interval.low, 0): State.NORMAL,
        interval.low: State.BORDERLINE,
        1.2: State.BORDERLINE,
        interval.high: State.BORDERLINE,
        np.nextafter(interval.high, 9): State.ANOMALOUS,
        50.0: State.ANOMALOUS,
    }
    assert {score: judge(score, record).state for score in expected} == expected


@pytest.mark.parametrize("score", [0.0, 1.2, 50.0])
def test_a_stranger_is_a_stranger_whatever_its_score(record, score):
    assert judge(score, record, likeness(is_stranger=True)).state is State.STRANGER
    assert not judge(score, record, likeness(is_stranger=True)).may_be_explained
    known = judge(score, record, likeness(is_stranger=False))
    assert known.state is judge(score, record).state
    assert known.may_be_explained


def test_a_judgement_carries_what_it_came_from(record):
    interval, found = limit_interval(record), judge(0.7, record)
    assert (found.score, found.limit_low, found.limit_high) == (0.7, interval.low, interval.high)
