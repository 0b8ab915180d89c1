"""A normal image is one that the model itself takes for normal, and the nearest one is the one that fills take."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xai_ad.data.specs import Subject
from xai_ad.detector.familiarity import Cause, Likeness
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import fill_image
from xai_ad.inspection import normals
from xai_ad.inspection.cases import open_case
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.models import open_model
from xai_ad.inspection.normals import nearest_to, objection
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.render import encode_png, to_image


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    """Each test gives the same case other normal images."""
    monkeypatch.setattr(normals, "_NEAREST", BoundedCache(4))


@pytest.fixture
def case(stored_model):
    """Noise, judged; `scored` gives it another score."""
    image = torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(0))
    return open_case(open_model(stored_model), make_image_file("n.png", encode_png(to_image(image))))


def scored(case, times, subject=Subject.PART):
    scores = torch.tensor([times * case.model.record.calibration.threshold])
    model = replace(case.model, card=replace(case.model.card, subject=subject))
    return replace(case, model=model, prediction=replace(case.prediction, scores=scores))


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (Subject.PART, "n.png itself fails: 3.10 times the limit."),
        (Subject.LESION, "n.png is itself judged atypical: 3.10 times the limit."),
        (Subject.SCENE, "n.png is itself judged abnormal: 3.10 times the limit."),
    ],
)
def test_an_image_that_fails_itself_is_objected_to_with_its_score(case, subject, told):
    found = objection(scored(case, 3.1, subject))
    assert found == f"{told} Explanations that fill from it would explain the wrong thing."


def test_an_image_below_the_limit_is_taken(case):
    assert objection(scored(case, 0.2)) is None


def test_a_stranger_is_objected_to_whatever_its_score(case):
    likeness = Likeness(p_value=0.001, is_stranger=True, cause=Cause.OBJECT, distance=3.0)
    assert "not like the training pictures" in objection(replace(scored(case, 0.2), likeness=likeness))


def with_normals(case, *offsets):
    """Give the model normal images that differ from the case's by constants."""
    given = torch.stack([case.image + offset for offset in offsets])
    classifier = case.model.classifier.with_normals(given)
    return replace(case, model=replace(case.model, classifier=classifier))


def test_the_nearest_normal_image_is_the_one_that_fills_take(case):
    given = with_normals(case, 0.3, -0.1, 0.2)
    nearest = nearest_to(given)
    filled = fill_image(given.model.classifier, case.image, np.zeros((128, 128), int), Fill.NORMAL)
    assert torch.equal(nearest.image, filled)
    assert nearest.distance == pytest.approx(0.1, rel=1e-5)
    # Nearest others: 0.1, 0.3 and 0.1 away.
    assert nearest.usual == pytest.approx(0.1, rel=1e-4)
    words = nearest.words.replace("\N{NO-BREAK SPACE}", " ")
    assert words.startswith("It differs by 10.0 % of full brightness")
    assert words.endswith("as far as normal pictures differ from their nearest.")


def test_a_farther_one_is_said_to_be_so(case):
    assert ", 3.00 times as far as normal" in nearest_to(with_normals(case, 0.3, 0.4, 0.5)).words


def test_of_a_single_normal_image_only_its_distance_is_said(case):
    nearest = nearest_to(with_normals(case, 0.25))
    assert nearest.usual is None
    assert nearest.words.endswith("(root mean square).")


def test_without_normal_images_none_is_nearest(case):
    assert nearest_to(case) is None
