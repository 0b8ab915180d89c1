"""The Gaussian process against its matrix form."""

import numpy as np
import pytest

from xai_ad.explain.counterfactual.rectangles import Grid
from xai_ad.explain.counterfactual.surrogate import CELL_VARIANCE, EDGE_LENGTHS, EDGE_VARIANCE, Surrogate


def test_conditioning_one_by_one_equals_the_matrix_form():
    rng = np.random.default_rng(0)
    grid = Grid(4, 4, 4)
    gains = rng.normal(size=16)
    surrogate = Surrogate(grid, start=1.5, gains=gains)
    observed = rng.choice(len(grid.rectangles), 12, replace=False)
    values, deviations = rng.normal(size=12), np.repeat([0.0, 0.3], 6)
    for index, value, deviation in zip(observed, values, deviations, strict=True):
        surrogate.observe(int(index), value, deviation)

    covers, edges = grid.covers, 2.0 * grid.edges
    distances = ((edges[:, None] - edges[None]) ** 2).sum(axis=2)
    covariance = covers @ np.diag(CELL_VARIANCE * (np.abs(gains) + np.abs(gains).mean()) ** 2) @ covers.T
    for length in EDGE_LENGTHS:
        covariance += EDGE_VARIANCE * 1.5**2 * np.exp(-distances / (2 * length**2))
    prior = 1.5 - covers @ gains
    inner = covariance[np.ix_(observed, observed)] + np.diag(deviations**2 + 1e-6 * 1.5**2)
    weights = np.linalg.solve(inner, covariance[observed]).T  # (N, 12)
    assert surrogate.mean == pytest.approx(prior + weights @ (values - prior[observed]), abs=1e-8)
    expected = np.diag(covariance) - (weights * covariance[:, observed]).sum(axis=1)
    assert surrogate.variance == pytest.approx(np.maximum(expected, 0), abs=1e-8)


def test_gains_of_nothing_are_no_error():
    surrogate = Surrogate(Grid(4, 4, 4), start=0.0, gains=np.zeros(16))
    surrogate.observe(0, 1.0)
    assert np.isfinite(surrogate.mean).all()
    assert surrogate.mean[0] == pytest.approx(1.0, abs=1e-3)
