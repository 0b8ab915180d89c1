"""Integrated gradients against a closed form, and against the same sum taken step by step in float64."""

import copy

import numpy as np
import pytest
import torch

from tests.explain.conftest import blind_network
from xai_ad.detector.scores import Score
from xai_ad.explain import Fill, IntegratedGradients
from xai_ad.explain.base import raw_score
from xai_ad.explain.fills import fill_image
from xai_ad.explain.integrated_gradients import BATCH_SIZE, _missed
from xai_ad.explain.results import Attribution, diagnostics
from xai_ad.explain.segments import grid_segments


def filled(classifier, image, fill):
    return fill_image(classifier, image, grid_segments(16, 16, 4), fill)


def step_by_step(classifier, image, start, steps):
    """Sum gradient x weight over Gauss's and Legendre's nodes on [0, 1], one at a time, in float64."""
    classifier = copy.deepcopy(classifier).double()
    image, start = image.double(), start.double()
    total = torch.zeros_like(image)
    for node, weight in zip(*np.polynomial.legendre.leggauss(steps), strict=True):
        place = (start + (node + 1) / 2 * (image - start)).requires_grad_()
        (gradient,) = torch.autograd.grad(classifier(place[None])[0], place)
        total += weight / 2 * gradient
    return (total * (image - start)).sum(dim=0).numpy()


@pytest.mark.parametrize("score", Score)
@pytest.mark.parametrize("steps", [1, BATCH_SIZE, 2 * BATCH_SIZE + 1])
def test_it_is_the_mean_gradient_times_the_way(make_classifier, image, score, steps):
    classifier = make_classifier(score=score)
    found = IntegratedGradients(steps=steps, fill=Fill.MEAN).explain(classifier, image)
    start = filled(classifier, image, Fill.MEAN)
    expected = step_by_step(classifier, image, start, steps)
    assert found.relevance[0] == pytest.approx(expected, rel=1e-3, abs=1e-6)
    assert found.baseline == raw_score(classifier, start)
    assert found.evaluations == steps + 2


@pytest.mark.parametrize("steps", [1, 7])
def test_a_score_whose_gradient_is_linear_is_shared_exactly(make_classifier, image, steps):
    classifier = make_classifier(network=blind_network())
    found = IntegratedGradients(steps=steps, fill=Fill.MEAN).explain(classifier, image)
    start = filled(classifier, image, Fill.MEAN)
    shares = ((image - 0.5) ** 2 - (start - 0.5) ** 2).sum(dim=0) / image.numel()
    assert found.relevance[0] == pytest.approx(shares.numpy(), rel=1e-4, abs=1e-8)
    assert abs(found.residual) < 1e-5 * found.score
    assert "warning" not in diagnostics(found)


@pytest.mark.parametrize("score", Score)
def test_the_shares_add_up_with_many_steps(make_classifier, image, score):
    classifier = make_classifier(score=score)
    found = IntegratedGradients(steps=400, fill=Fill.MEAN).explain(classifier, image)
    assert abs(found.residual) < 0.01 * abs(found.score - found.baseline)
    assert ("highest 1 %" in diagnostics(found).get("note", "")) == (score is Score.SSIM)


def test_steps_that_miss_much_of_the_score_come_with_a_warning(make_classifier, image):
    classifier = make_classifier(score=Score.SSIM)
    found = IntegratedGradients(steps=1, fill=Fill.MEAN).explain(classifier, image)
    missed = abs(found.residual / (found.score - found.baseline))
    assert missed > 0.05
    assert (
        f"The steps miss {missed:.0%} of what lies between normal and the score"
        in diagnostics(found)["warning"]
    )


def test_progress_is_heard_after_every_batch(classifier, image):
    heard = []
    IntegratedGradients(steps=3 * BATCH_SIZE).explain(classifier, image, on_progress=heard.append)
    assert heard == pytest.approx([0, 0.33, 0.66, 0.99, 1])


def test_steps_that_miss_more_than_all_are_not_told_in_percent():
    found = Attribution(
        method="integrated_gradients",
        relevance=np.full((1, 2, 2), -5.0, np.float32),
        score=1.0,
        baseline=0.5,
        evaluations=1,
    )
    assert (
        _missed(found)
        == "The steps miss as much as lies, or more, between normal and the score: take more of them."
    )
