"""LIME against the closed form of its weighted ridge."""

import numpy as np
import pytest

from xai_ad.explain import Fill, Lime
from xai_ad.explain.lime import cosine_distances, fit_surrogate, sample_coalitions
from xai_ad.explain.masking import MaskingGame


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
        inside = found.relevance[game.segments == segment]
        assert inside.sum() == pytest.approx(weight, rel=1e-3, abs=1e-6)
        assert np.ptp(inside) == 0
    assert found.baseline == pytest.approx(intercept, rel=1e-4)
    assert found.diagnostics["surrogate_r2"] == pytest.approx(r2, rel=1e-3)
    assert found.diagnostics["segments"] == game.players


def test_repeated_coalitions_are_scored_once(classifier, image):
    found = Lime(budget=300, n_segments=4).explain(classifier, image)
    assert found.evaluations <= 2 ** found.diagnostics["segments"] < 300
