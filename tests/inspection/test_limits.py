"""A limit set by hand: what follows it, who set it and why, and the way back."""

import math
from dataclasses import replace

import pytest

from xai_ad.detector.calibration import Calibration
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.inspection.calibrating import recalibrate
from xai_ad.inspection.limits import limits_of, restore_limit, set_limit
from xai_ad.inspection.models import open_model
from xai_ad.presentation.judgement import caution
from xai_ad.presentation.words import WORDING
from xai_ad.store import (
    CalibrationProtocol,
    CalibrationRecord,
    JudgedImage,
    add_calibration,
    find_model,
    load_calibration,
    load_calibrations,
)
from xai_ad.training.calibration import gmean_threshold


def images_of(normals, anomalies):
    scored = [(score, 0) for score in normals] + [(score, 1) for score in anomalies]
    return tuple(
        JudgedImage(score=score, label=label, kind="any", sha256=f"{number:064}")
        for number, (score, label) in enumerate(scored)
    )


@pytest.fixture
def model(stored_model):
    """A model whose limit rests on four good parts and two defects."""
    record = CalibrationRecord(
        id="absolute_error-held-out-1",
        protocol=CalibrationProtocol.HELD_OUT,
        calibration=Calibration(
            scoring=Scoring(score=Score.ABSOLUTE_ERROR), threshold=0.5, score_max=0.9, map_scale=6.0
        ),
        images=images_of([0.1, 0.2, 0.3, 0.4], [0.6, 0.9]),
    )
    return add_calibration(stored_model, record)


def test_what_is_scaled_by_the_limit_follows_it(model):
    record = set_limit(model, 0.25, reason="  scratches\n matter now ", by=" Ada ")
    assert record == load_calibration(find_model(model.path))
    assert record.calibration == Calibration(
        scoring=Scoring(score=Score.ABSOLUTE_ERROR), threshold=0.25, score_max=0.9, map_scale=12.0
    )
    assert (record.protocol, record.quantile) == (CalibrationProtocol.MANUAL, None)
    assert (record.reason, record.by) == ("scratches matter now", "Ada")
    assert record.images == images_of([0.1, 0.2, 0.3, 0.4], [0.6, 0.9])


def test_without_anomalous_images_the_highest_score_is_twice_the_limit(model):
    normal = replace(load_calibration(model), id="normal", images=images_of([0.1, 0.2], []))
    record = set_limit(add_calibration(model, normal), 0.25, reason="why", by="who")
    assert record.calibration.score_max == 0.5


def test_a_moved_limit_is_what_calibrating_there_would_have_given(stored_model, mvtec_folder):
    """Scale and highest score belong to the images, wherever the limit lies: moved back it is the calibration again."""
    found = recalibrate(stored_model.path, mvtec_folder, "mvtec")
    set_limit(stored_model, found.calibration.threshold * 3, reason="why", by="who")
    back = set_limit(stored_model, found.calibration.threshold, reason="why", by="who")
    scores, labels = zip(*((one.score, one.label) for one in back.images), strict=True)
    assert back.calibration.threshold == gmean_threshold(scores, labels)
    assert back.calibration.score_max == found.calibration.score_max
    assert math.isclose(back.calibration.map_scale, found.calibration.map_scale, rel_tol=1e-12)


@pytest.mark.parametrize("threshold", [0.0, -1.0, math.nan, math.inf, 1e-320])
def test_a_limit_is_a_positive_finite_score(model, threshold):
    with pytest.raises(InvalidInputError, match=r"positive(,| and) finite"):
        set_limit(model, threshold, reason="why", by="who")
    assert len(load_calibrations(find_model(model.path))) == 2


@pytest.mark.parametrize(
    ("reason", "by"), [("", "who"), (" \n", "who"), ("why", " "), ("w" * 501, "who"), ("why", "w" * 101)]
)
def test_nobody_moves_a_limit_without_a_reason(model, reason, by):
    with pytest.raises(InvalidInputError, match="A limit needs a"):
        set_limit(model, 0.25, reason=reason, by=by)


def test_every_limit_says_how_it_does_among_its_own_images(model):
    set_limit(model, 0.35, reason="why", by="who")
    first, calibrated, manual = limits_of(model)
    assert (first.normals, first.anomalies, first.false_alarms, first.caught) == (1, 0, 0.0, None)
    assert (calibrated.false_alarms, calibrated.caught, calibrated.is_active) == (0.0, 1.0, False)
    assert (manual.false_alarms, manual.caught, manual.is_active) == (0.25, 1.0, True)
    assert (manual.reason, manual.by, manual.threshold) == ("why", "who", 0.35)
    assert manual.score is Score.ABSOLUTE_ERROR


def test_a_former_limit_comes_back_and_the_other_stays(model):
    manual = set_limit(model, 0.35, reason="why", by="who")
    assert restore_limit(model, "absolute_error-held-out-1").calibration.threshold == 0.5
    assert [one.id for one in limits_of(model) if one.is_active] == ["absolute_error-held-out-1"]
    assert restore_limit(model, manual.id) == manual
    with pytest.raises(UnknownNameError, match="no calibration 'ssim'"):
        restore_limit(model, "ssim")


def test_a_shipped_models_limit_is_moved_in_the_users_own_file(own_home):
    first = load_calibration("washer-bcae1")
    record = set_limit("washer-bcae1", 2 * first.calibration.threshold, reason="why", by="who")
    assert (own_home / "calibrations" / "washer-bcae1.json").is_file()
    assert limits_of("washer-bcae1")[0].id == load_calibration("washer-bcae1").id == record.id
    restore_limit("washer-bcae1", first.id)
    assert load_calibration("washer-bcae1") == first


def test_an_open_model_knows_who_set_its_limit(model):
    """At the very same place: nothing is certain of it but the person's word, so that it is another calibration."""
    before = open_model(find_model(model.path))
    for reason in ("first", "second"):
        record = set_limit(model, 0.5, reason=reason, by="Ada")
        opened = open_model(find_model(model.path))
        assert opened.record == record
        assert opened.fingerprint != before.fingerprint
        assert (
            caution(opened.record, WORDING[opened.card.subject]) == f"Ada set this limit by hand: {reason}."
        )


def test_data_set_no_manual_limit(model, mvtec_folder):
    with pytest.raises(InvalidInputError, match="needs no data"):
        recalibrate(model.path, mvtec_folder, "mvtec", protocol=CalibrationProtocol.MANUAL)
