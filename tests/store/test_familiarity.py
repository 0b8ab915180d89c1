"""What tells strangers lies beside a model: it comes back as it was, or is refused."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save

from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing
from xai_ad.detector.familiarity import Cause, fit_familiarity
from xai_ad.errors import StoreError
from xai_ad.store import (
    find_model,
    load_familiarity,
    load_network,
    load_references,
    record_familiarity,
    save_model,
)
from xai_ad.store.loading import load_calibrations


@pytest.fixture(scope="module")
def familiarity():
    draw = torch.Generator().manual_seed(0)
    return fit_familiarity(torch.randint(90, 160, (8, 3, 32, 32), generator=draw, dtype=torch.uint8))


def shown_as(stored, familiarity, **card):
    """The model stored anew with a familiarity and a changed card."""
    return save_model(
        stored.path,
        replace(stored.card, **card),
        network=load_network(stored),
        references=load_references(stored),
        calibrations=load_calibrations(stored),
        familiarity=familiarity,
    )


def test_a_model_of_an_older_version_has_none(stored_model):
    assert load_familiarity(stored_model) is None


@pytest.mark.parametrize("way", ["recorded", "saved"])
def test_it_comes_back_as_it_was(stored_model, familiarity, way):
    if way == "recorded":
        record_familiarity(stored_model, familiarity)
    else:
        shown_as(stored_model, familiarity)
    found = load_familiarity(find_model(stored_model.path))
    images = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    assert found.judge_many(images) == familiarity.judge_many(images)
    assert "familiarity.safetensors" in find_model(stored_model.path).card.sha256


def test_a_damaged_file_is_refused(stored_model, familiarity):
    record_familiarity(stored_model, familiarity)
    path = stored_model.path / "familiarity.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreError, match="does not match the hash in its card"):
        load_familiarity(find_model(stored_model.path))


def test_a_file_of_something_else_is_refused(stored_model, familiarity, monkeypatch):
    monkeypatch.setattr(type(familiarity), "tensors", lambda _: {"weights": torch.zeros(2)})
    record_familiarity(stored_model, familiarity)
    with pytest.raises(
        StoreError, match="holds no familiarity: The tensor 'mean' of what tells strangers is missing"
    ):
        load_familiarity(find_model(stored_model.path))


def test_a_file_of_another_format_is_refused(stored_model, familiarity, monkeypatch):
    assert save(familiarity.tensors())
    monkeypatch.setattr("xai_ad.store.recording.save", lambda _: b"no tensors")
    record_familiarity(stored_model, familiarity)
    with pytest.raises(StoreError, match="is no safetensors file"):
        load_familiarity(find_model(stored_model.path))


@pytest.mark.parametrize(
    ("preprocessing", "right", "wrong"),
    [
        (Preprocessing(), (300, 450), (300, 300)),
        (Preprocessing(crop=(80, 0, 160, 360), crop_of=(240, 360)), (160, 360), (240, 360)),
        (Preprocessing(crop=(0, 0, 50, 100)), (500, 1000), (500, 750)),
    ],
)
def test_the_shape_is_that_of_what_was_seen_of_the_training_photographs(
    stored_model, familiarity, preprocessing, right, wrong
):
    photograph = Proportions(width=3, height=2)
    stored = shown_as(stored_model, familiarity, preprocessing=preprocessing, photograph=photograph)
    found = load_familiarity(stored)
    image = torch.full((3, 32, 32), 0.49)
    assert found.judge(image, wrong).cause is Cause.SHAPE
    assert found.judge(image, right).cause is not Cause.SHAPE
