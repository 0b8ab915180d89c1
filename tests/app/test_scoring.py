"""The score measured best judges; the thesis's own is one click away, is labelled, and stands in the address."""

from dataclasses import replace

import pytest

from tests.app.conftest import checked, component
from xai_ad.detector.scores import Score, Scoring
from xai_ad.store import add_calibration, load_calibration


@pytest.fixture
def two_scores(store):
    """A model that judges by its structure, and may by the thesis's squared error."""
    stored = store("own-bcae1", dataset="washer")
    record = load_calibration(stored)
    structure = replace(record.calibration, scoring=Scoring(score=Score.SSIM))
    return add_calibration(stored, replace(record, id="structure", calibration=structure))


def measured_by(app):
    return component(app, "verdict")["details"][0]["value"]


def test_the_thesis_s_own_score_is_one_click_away(open_app, two_scores):
    app = open_app(model="own-bcae1")
    assert "structure" in measured_by(app)
    assert "thesis's own" in app.radio("score").options[1]
    checked(app.radio("score").set_value("squared_error").run())
    assert "squared error" in measured_by(app)
    assert app.query_params["score"] == "squared_error"


def test_the_address_chooses_the_score_and_an_unknown_one_is_told(open_app, two_scores):
    assert "squared error" in measured_by(open_app(model="own-bcae1", score="squared_error"))
    app = open_app(model="own-bcae1", score="guess")
    assert "structure" in measured_by(app)
    assert "There is no score 'guess'" in app.error[0].value
    assert "Squared error" in app.error[0].value


def test_a_model_of_one_score_offers_no_other(open_app, store):
    store("own-bcae1", dataset="washer")
    assert len(open_app(model="own-bcae1").radio) == 0
