"""Comparisons of explanations that are made up, under an untrained model."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from xai_ad.explain import Lrp, Occlusion, Residual
from xai_ad.explain.results import Attribution
from xai_ad.inspection import agreeing
from xai_ad.inspection.cases import Outcome, open_case
from xai_ad.inspection.comparing import Cell, Comparison, Row
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.image_files import list_samples, make_image_file
from xai_ad.inspection.models import open_model
from xai_ad.inspection.results import BoundedCache, TimedExplanation
from xai_ad.ui import layers
from xai_ad.ui.compare import agreement, marking

METHODS = (Residual(), Lrp(), Occlusion())
PLACES = {"lower right": (slice(100, 120), slice(100, 120)), "top": (slice(4, 24), slice(50, 70))}


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch):
    """What is made up in one test is not at hand in the next: their questions are alike."""
    monkeypatch.setattr(agreement, "_FIGURES", BoundedCache(16))
    monkeypatch.setattr(agreeing, "_AIMS", BoundedCache(64))
    monkeypatch.setattr(marking, "_PLACED", BoundedCache(16))
    monkeypatch.setattr(layers.LAYERS, "_names", BoundedCache(256))


@pytest.fixture
def case(stored_model):
    """A shipped scratch without its name, so that its truth is not known, under a model that never saw one."""
    content = list_samples("washer")["scratch/000"].read_bytes()
    return open_case(open_model(stored_model), make_image_file("part.png", content))


def spot(place):
    """A map of 128 x 128 that is strong in one place, or nowhere."""
    values = np.zeros((128, 128), np.float32)
    if place in PLACES:
        values[PLACES[place]] = 1
    return values


def cell(explainer, values):
    """A cell whose explanation is a map, (H, W), or that is not there yet, for None."""
    if values is None:
        return Cell(explainer=explainer, outcome=Outcome(state=JobState.RUNNING))
    found = Attribution(method=explainer.id, relevance=values[None], score=1.0, baseline=0.0, evaluations=1)
    done = TimedExplanation(explanation=found, seconds=1.0)
    return Cell(explainer=explainer, outcome=Outcome(state=JobState.DONE, fraction=1.0, result=done))


def row(case, stored, *places, name=None):
    """A model's row; a model may go by another name, and is then another one."""
    card = replace(stored.card, id=name or stored.card.id)
    model = replace(case.model, card=card)
    cells = [
        cell(explainer, values if values is None or isinstance(values, np.ndarray) else spot(values))
        for explainer, values in zip(METHODS, places, strict=True)
    ]
    return Row(stored=replace(stored, card=card), case=replace(case, model=model), cells=tuple(cells))


def comparison(case, *rows):
    return Comparison(image_file=case.image_file, methods=METHODS, rows=rows)


def run(script, *args):
    """Run a panel by Streamlit's own test driver; an exception in it fails the test."""
    app = AppTest.from_function(script, args=args, default_timeout=60).run()
    assert [exception.value for exception in app.exception] == []
    return app
