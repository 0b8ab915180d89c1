"""The app without a browser: its script, run by Streamlit's own test driver."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from streamlit.testing.v1 import AppTest

import xai_ad
from xai_ad.data.specs import Subject
from xai_ad.detector.scores import Scoring
from xai_ad.inspection import (
    cases,
    clip_frames,
    clip_scoring,
    explainers,
    model_sheets,
    models,
    opening,
)
from xai_ad.inspection.engines.threads import ThreadEngine
from xai_ad.inspection.results import BoundedCache
from xai_ad.machine.places import home, pages
from xai_ad.networks import build_network
from xai_ad.store import load_calibration, save_model
from xai_ad.ui import layers
from xai_ad.ui.compare import board
from xai_ad.ui.inspect import workbench
from xai_ad.ui.models import work as models_work
from xai_ad.ui.train import ordering, surveying
from xai_ad.ui.video import work

SHELL = Path(xai_ad.__file__).parent / "ui" / "shell.py"


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    """A process of the test's own, as far as the app can tell: its engine, results and opened models."""
    own = ThreadEngine(cases.perform)
    monkeypatch.setattr(cases, "RESULTS", BoundedCache(64))
    monkeypatch.setattr(cases, "_CASES", BoundedCache(8))
    monkeypatch.setattr(models, "_MODELS", BoundedCache(4))
    monkeypatch.setattr(opening, "_OPENED", BoundedCache(16))
    monkeypatch.setattr(model_sheets, "_KNOWN", BoundedCache(4))
    monkeypatch.setattr(layers.LAYERS, "_names", BoundedCache(256))
    monkeypatch.setattr(workbench, "ENGINE", own)
    monkeypatch.setattr(board, "ENGINE", own)
    monkeypatch.setattr(work, "ENGINE", own)
    monkeypatch.setattr(models_work, "ENGINE", own)
    monkeypatch.setattr(surveying, "ENGINE", own)
    monkeypatch.setattr(ordering, "ENGINE", own)
    monkeypatch.setattr(clip_scoring, "_SCORED", BoundedCache(8))
    monkeypatch.setattr(clip_frames, "_FRAMES", BoundedCache(8))
    explainers._finding_out.cache_clear()
    explainers.await_machine()
    yield own
    own.close()


@pytest.fixture
def store(stored_model):
    """Stores untrained models in the test's own home: `store("bottle-bcae1", dataset="bottle")`; more sets the card."""

    def add(name, *, dataset, subject=Subject.PART, normals=None, seed=7, score=None, **fields):
        torch.manual_seed(seed)
        card = replace(stored_model.card, id=name, dataset=dataset, subject=subject, **fields)
        references = {"mean": torch.full((3, 128, 128), 0.5)}
        if normals is not None:
            references["normals"] = normals
        record = load_calibration(stored_model)
        if score is not None:
            scored = replace(record.calibration, scoring=Scoring(score=score))
            record = replace(record, calibration=scored)
        return save_model(
            home() / "models" / name,
            card,
            network=build_network(card.network, options=card.options),
            references=references,
            calibrations=(record,),
        )

    yield add
    shutil.rmtree(home(), ignore_errors=True)


@pytest.fixture
def only_own_models(monkeypatch, tmp_path):
    """Hides the shipped models."""
    monkeypatch.setenv("XAI_AD_MODELS", str(tmp_path))


@pytest.fixture
def open_app():
    """Runs the app at an address: `open_app(model="bottle-bcae1")`; an exception in it fails the test.

    `page` is a page's file; without one it is the home page.
    """

    def run(page=None, **query):
        app = AppTest.from_file(str(SHELL), default_timeout=120)
        if page is not None:
            app.switch_page(str(pages() / page))
        for name, value in query.items():
            app.query_params[name] = value
        return checked(app.run())

    return run


def checked(app):
    """Return the app unless its script ended in an exception."""
    assert [exception.value for exception in app.exception] == []
    return app


def component(app, name):
    """Return what a component was given, or None where it is not on the page."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == f"xai_ad_{name}":
            return json.loads(element.proto.json)
    return None


def panel(app, method):
    """Return what the viewer was told of an explanation."""
    return next(panel for panel in component(app, "viewer")["panels"] if panel["id"] == method)


def picture(seed=0, size=(40, 30)):
    """Return noise as the bytes of a PNG."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
