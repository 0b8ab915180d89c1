"""LIME against the closed form of its weighted ridge."""

import numpy as np
import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.explain import Fill, Lime
from xai_ad.explain.lime import (
    KERNEL_WIDTHS,
    cosine_distances,
    expected_agreement,
    fit_surrogate,
    sample_coalitions,
    surrogate_weights,
)
from xai_ad.explain.masking import MaskingGame
from xai_ad.explain.results import diagnostics
from xai_ad.machine.execution import Precision


def closed_form(coalitions, scores, kernel_width, alpha):
    """Return weights, intercept and R^2 of the ridge whose intercept takes no penalty, all in float64."""
    present = coalitions.astype(np.float64)
    cosine = present.sum(axis=1) / np.sqrt(np.maximum(present.sum(axis=1), 1) * present.shape[1])
    proximity = np.sqrt(np.exp(-((1 - cosine) ** 2) / kernel_width**2))
    design = np.hstack([np.ones((len(present), 1)), present])
    penalty = alpha * np.eye(design.shape[1])
    penalty[0, 0] = 0
    solution = np.linalg.solve(
        design.T @ (proximity[:, None] * design) + penalty, design.T @ (proximity * scores)
    )
    errors = proximity @ (scores - design @ solution) ** 2
    spread = proximity @ (scores - np.average(scores, weights=proximity)) ** 2
    return solution[1:], solution[0], 1 - errors / spread


@pytest.mark.parametrize(("kernel_width", "alpha"), [(0.25, 1.0), (0.1, 3.0), (2.0, 1e-6)])
def test_the_surrogate_is_the_weighted_ridge_in_closed_form(kernel_width, alpha):
    rng = np.random.default_rng(0)
    coalitions = sample_coalitions(60, 7, seed=1)
    scores = coalitions @ rng.normal(size=7) + coalitions[:, 0] * coalitions[:, 3] + 5
    found = fit_surrogate(coalitions, scores, kernel_width=kernel_width, alpha=alpha)
    weights, intercept, r2 = closed_form(coalitions, scores, kernel_width, alpha)
    assert found.weights == pytest.approx(weights, rel=1e-8)
    assert found.intercept == pytest.approx(intercept, rel=1e-8)
    assert found.r2 == pytest.approx(r2, rel=1e-8)
    alone = surrogate_weights(coalitions, scores, kernel_width=kernel_width, alpha=alpha)
    assert alone == pytest.approx(weights, rel=1e-8)


def test_a_constant_game_has_weights_of_exactly_nothing():
    coalitions = sample_coalitions(60, 7, seed=1)
    assert not surrogate_weights(coalitions, np.full(60, 0.1), kernel_width=0.25, alpha=1.0).any()


def test_sampling_and_distances_are_those_of_the_library():
    from sklearn.metrics import pairwise_distances

    coalitions = sample_coalitions(30, 4, seed=5)
    drawn = np.random.RandomState(5).randint(0, 2, 30 * 4).reshape(30, 4)
    drawn[0, :] = 1
    assert np.array_equal(coalitions, drawn.astype(bool))
    assert cosine_distances(coalitions) == pytest.approx(
        pairwise_distances(drawn, drawn[:1], metric="cosine").ravel(), abs=1e-12
    )


def test_the_explanation_is_the_surrogate_of_the_masking_game(classifier, image):
    found = Lime(budget=80, seed=3, n_segments=9, fill=Fill.MEAN).explain(classifier, image)
    game = MaskingGame(classifier, image, n_segments=9, fill=Fill.MEAN)
    coalitions = sample_coalitions(79, game.players, seed=3)
    weights, intercept, r2 = closed_form(coalitions, game.score(coalitions), 0.25, 1.0)
    for segment, weight in enumerate(weights):
        inside = found.relevance[0][game.segments == segment]
        assert inside.sum() == pytest.approx(weight, rel=1e-3, abs=1e-6)
        assert np.ptp(inside) == 0
    assert found.baseline == pytest.approx(intercept, rel=1e-4)
    assert diagnostics(found)["surrogate_r2"] == pytest.approx(r2, rel=1e-3)
    assert diagnostics(found)["segments"] == game.players == 9
    assert found.by_segment.values == pytest.approx(weights, rel=1e-3, abs=1e-6)
    assert np.array_equal(found.by_segment.segments[0], game.segments)
    assert found.by_segment.low is None


def test_repeated_coalitions_are_scored_once(classifier, image):
    found = Lime(budget=300, n_segments=4).explain(classifier, image)
    assert diagnostics(found)["segments"] == 4
    assert found.evaluations <= 2 ** diagnostics(found)["segments"] < 300


def noisy_scores(coalitions, noise, seed):
    """Score by a fixed line and noise that is each draw's own, as strong interactions would be."""
    line = np.linspace(-1, 1, coalitions.shape[1])
    return coalitions @ line + noise * np.random.default_rng(seed).normal(size=len(coalitions))


@pytest.mark.parametrize("noise", [0.0, 1.0, 3.0])
def test_stability_tells_from_one_seed_how_seeds_agree(noise):
    options = {"kernel_width": 0.25, "alpha": 1e-6}
    draws = [sample_coalitions(300, 10, seed=seed) for seed in range(40)]
    scores = [noisy_scores(drawn, noise, seed) for seed, drawn in enumerate(draws)]
    weights = [fit_surrogate(*pair, **options).weights for pair in zip(draws, scores, strict=True)]
    measured = np.corrcoef(weights)[np.triu_indices(40, k=1)].mean()
    estimates = [
        expected_agreement(*pair, **options, seed=seed)
        for seed, pair in enumerate(zip(draws, scores, strict=True))
    ]
    assert np.mean(estimates) == pytest.approx(measured, abs=0.03)


def test_stability_of_pure_noise_is_low_and_of_a_flat_game_full():
    coalitions = sample_coalitions(100, 20, seed=0)
    noise = np.random.default_rng(1).normal(size=100)
    assert 0 <= expected_agreement(coalitions, noise, kernel_width=0.25, alpha=1.0, seed=0) < 0.6
    assert expected_agreement(coalitions, np.zeros(100), kernel_width=0.25, alpha=1.0, seed=0) == 1


def test_stability_costs_no_picture(classifier, image):
    assert Lime(budget=50, n_segments=9).explain(classifier, image).evaluations <= 50


def test_the_game_runs_in_the_precision_and_batches_asked_for(classifier, image):
    options = {"budget": 40, "n_segments": 9}
    found = Lime(**options, precision=Precision.BFLOAT16, batch_size=3).explain(classifier, image)
    exact = Lime(**options, precision=Precision.FLOAT32, batch_size=3).explain(classifier, image)
    assert diagnostics(found)["precision"] == "bfloat16"
    assert diagnostics(found)["batch_size"] == 3
    assert found.score == exact.score
    assert not np.array_equal(found.by_segment.values, exact.by_segment.values)


@pytest.mark.parametrize("width", [0.049, 1e-200, 101, 1e200, float("nan"), True, "wide"])
def test_a_kernel_that_leaves_no_weights_or_tells_none_apart_is_refused(width):
    with pytest.raises(
        InvalidInputError, match=r"'kernel_width' of Lime must be a number in \[0.05, 100\]. Got"
    ):
        Lime(kernel_width=width)


@pytest.mark.parametrize("width", KERNEL_WIDTHS)
@pytest.mark.parametrize("players", [2, 9, 64])
def test_the_widest_and_the_narrowest_kernel_make_a_surrogate(width, players):
    coalitions = sample_coalitions(40, players, seed=0)
    coalitions[-20:] = False  # the least weight that there is
    options = {"kernel_width": width, "alpha": 1.0}
    surrogate = fit_surrogate(coalitions[-20:], coalitions[-20:].sum(axis=1) + 1.0, **options)
    assert np.isfinite([*surrogate.weights, surrogate.intercept, surrogate.r2]).all()
    assert 0 <= expected_agreement(coalitions, coalitions.sum(axis=1) * 1.0, seed=0, **options) <= 1
