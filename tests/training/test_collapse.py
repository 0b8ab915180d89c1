"""A learning rate that is far too large is noticed; what is healthy is not taken for it."""

import math

import pytest
import torch

from tests.training.test_loop import pixels, recipe, tiny_network, train  # noqa: F401  # a fixture
from xai_ad.errors import InvalidInputError
from xai_ad.training.collapse import PATIENCE, SETTLED, Spread, Watch, average_image
from xai_ad.training.loop import CHECKPOINT, read_checkpoint


def watched(*epochs, average=1.0, steps=SETTLED):
    """Follow epochs of (training loss, validation loss, share of the variance)."""
    watch = Watch(learning_rate=10.0, average=average)
    for epoch in epochs:
        watch.note(*epoch, steps=steps)
        watch.require_learning()
    return watch


@pytest.mark.parametrize("rate", [10.0, 1000.0])
def test_a_learning_rate_that_is_far_too_large_ends_the_training_early(pixels, tmp_path, rate):  # noqa: F811
    with pytest.raises(InvalidInputError) as refused:
        train(pixels, tmp_path, recipe=recipe(epochs=30, learning_rate=rate))
    said = str(refused.value)
    assert said.startswith(f"Training collapsed by epoch {PATIENCE + 1}: ")
    assert said.endswith(
        f"The learning rate {rate:g} is probably too large: choose a smaller one, as --recipe learning_rate=0.001."
    )
    assert read_checkpoint(tmp_path / CHECKPOINT)["watch"]["epochs"] == PATIENCE + 1


@pytest.mark.parametrize("rate", [1e-5, 1e-3, 0.03])
@pytest.mark.parametrize("spread", [1, 60])
def test_a_healthy_training_is_left_alone(tmp_path, rate, spread, caplog):
    """Also of images that are nearly equal, and of epochs of one step, whose first answers are all alike."""
    generator = torch.Generator().manual_seed(1)
    base = torch.randint(60, 120, (1, 3, 16, 16), generator=generator)
    images = (base + torch.randint(0, spread + 1, (20, 3, 16, 16), generator=generator)).to(torch.uint8)
    outcome, _ = train(images, tmp_path, recipe=recipe(epochs=20, batch_size=16, learning_rate=rate))
    assert outcome.learnt
    assert caplog.messages == []


def test_a_network_that_becomes_constant_stops_and_keeps_its_last_good_weights(
    pixels,  # noqa: F811
    tmp_path,
    monkeypatch,
    caplog,
):
    def note(watch, training, validation, kept, *, steps, original=Watch.note):
        late = watch.epochs >= 20
        original(watch, training, 9.0 if late else validation, 0.0 if late else kept, steps=SETTLED)

    monkeypatch.setattr(Watch, "note", note)
    settings = recipe(epochs=60, patience=60, learning_rate=0.01)
    outcome, reports = train(pixels, tmp_path, recipe=settings)
    assert (outcome.ended_by, outcome.epochs, outcome.learnt) == ("collapse", 20 + PATIENCE, True)
    assert len(reports) == 20 + PATIENCE
    best = max(report.epoch for report in reports if report.is_best)
    assert caplog.messages[-1].startswith(
        "Training collapsed by epoch 25: the network answers every image alike."
    )
    assert caplog.messages[-1].endswith(f"The weights of epoch {best} are kept.")


def test_a_short_training_that_learnt_nothing_is_said_and_noted(pixels, tmp_path, caplog):  # noqa: F811
    outcome, _ = train(pixels, tmp_path, recipe=recipe(epochs=3, learning_rate=10.0))
    assert not outcome.learnt
    (line,) = caplog.messages
    assert line.startswith("The model is of little use: its loss is higher than in the first epoch")


def test_answers_that_are_all_alike_are_a_collapse_only_where_that_lasts():
    alike, better, varied = (0.5, 0.5, 0.0), (0.4, 0.4, 0.0), (0.5, 0.6, 0.01)
    watched(alike, *[better] * PATIENCE)
    watched(alike, *[(0.5 - epoch / 100, 0.5 - epoch / 100, 0.0) for epoch in range(20)])
    watched(alike, better, *[better] * (PATIENCE - 1), varied, *[better] * (PATIENCE - 1))
    watched(*[alike] * 30, steps=SETTLED - 1)
    watched(alike, *[(0.4, 0.5, None)] * 30)  # nothing varies
    with pytest.raises(
        InvalidInputError, match=rf"by epoch {PATIENCE + 2}: the network answers every image alike\. "
    ):
        watched(alike, better, *[better] * PATIENCE)
    with pytest.raises(InvalidInputError, match="answers every image alike"):
        watched(*[(0.5, math.nan, math.nan)] * PATIENCE)


def test_the_share_of_the_variance_is_that_of_all_images_at_once():
    generator = torch.Generator().manual_seed(0)
    wanted, answered = torch.rand(2, 10, 3, 8, 8, generator=generator)
    spread = Spread()
    for begin, end in ((0, 4), (4, 8), (8, 10)):
        spread.add(wanted[begin:end], answered[begin:end])
    exact = answered.double().var(0, correction=0).mean() / wanted.double().var(0, correction=0).mean()
    assert spread.kept() == pytest.approx(float(exact), rel=1e-9)
    same = Spread()
    same.add(wanted[:1].expand(4, -1, -1, -1), answered[:4])
    assert same.kept() is None
    assert Spread().kept() is None


def test_the_average_image_is_the_mean_of_all():
    images = torch.randint(0, 256, (600, 1, 2, 2), dtype=torch.uint8)
    assert torch.allclose(average_image(images), images.double().mean(0).float() / 255)


def test_a_resumed_training_is_watched_from_where_it_stood(pixels, tmp_path):  # noqa: F811
    with pytest.raises(InvalidInputError) as whole:
        train(pixels, tmp_path / "whole", recipe=recipe(epochs=30, learning_rate=10.0))
    train(pixels, tmp_path / "part", recipe=recipe(epochs=3, learning_rate=10.0))
    with pytest.raises(InvalidInputError) as resumed:
        train(pixels, tmp_path / "part", recipe=recipe(epochs=30, learning_rate=10.0), resume=True)
    assert str(resumed.value) == str(whole.value)
