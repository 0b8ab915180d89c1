"""Shapley values by the odd Gaussian process: the single players' effects freely, their interactions smoothly.

Pairing a coalition with its complement removes every interaction of an even number of players; what is then left
beside the single effects is nearly all interactions of three, and the process (see `kernel`) models them. Its
posterior adds up to the grand coalition's score exactly and knows how uncertain it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.kernel_shap.kernel import SPREAD, OddKernel, odd_kernel
from xai_ad.types import Coalitions

INTERACTIONS = 0.005
"""The interactions' variance as a share of the single effects', before pairs say more.

What the games of the generated sets have in the median; a quarter to eight times that is common.
"""
PRIOR_WEIGHT = 2.0
"""How many observations that share counts as where their own scatter is measured too."""
JITTER = 1e-8
"""Added to the variance of a pair: few players have fewer interactions than pairs, which makes covariances singular."""
ROWS = 256
"""How many rows of a covariance are looked up at a time: the look-up takes thrice their memory."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictor:
    """What the process expects of o of coalitions it has not seen."""

    kernel: OddKernel
    observed: Coalitions  # (N, M)
    effects: NDArray[np.float64]  # (M,)
    weights: NDArray[np.float64]  # (N,)

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the expected o of coalitions, (K, M): (K,)."""
        expected = signs(coalitions) @ self.effects
        for start in range(0, len(coalitions), ROWS):
            rows = slice(start, start + ROWS)
            expected[rows] += self.kernel.between(coalitions[rows], self.observed) @ self.weights
        return expected


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """The values, their variances, and the Student distribution's degrees of freedom that these come with."""

    values: NDArray[np.float64]  # (M,)
    variances: NDArray[np.float64]  # (M,)
    freedom: float
    predict: Predictor


def signs(coalitions: Coalitions) -> NDArray[np.float64]:
    """Return +1 for present and -1 for absent players, (K, M)."""
    return np.where(coalitions, 1.0, -1.0)


def posterior(
    coalitions: Coalitions, differences: NDArray[np.float64], *, total: float, spread: float = SPREAD
) -> Posterior:
    """Condition the process of M >= 3 players on pairs and on the grand coalition.

    `differences`, (K,), are o of `coalitions`, (K, M): half of a score less its complement's. `total` is the full
    less the empty coalition's score, to which the values add up. The single effects have no prior where the pairs
    tell all of them apart, and otherwise one that keeps them small.
    """
    players = coalitions.shape[1]
    kernel = odd_kernel(players, rho=spread / players)
    observed = np.concatenate([coalitions, np.ones((1, players), dtype=np.bool_)])  # (N, M)
    differences = np.append(differences, total / 2)  # (N,)
    factor = _factor(kernel, observed)
    linear = _solve(factor, signs(observed))  # (N, M)
    crossed = _solve(factor, kernel.with_values(observed))  # (N, M)
    scaled = _solve(factor, differences[:, None])[:, 0]  # (N,)

    determined = np.linalg.matrix_rank(signs(observed)) == players
    precision = linear.T @ linear  # (M, M), of the single effects
    if not determined:
        precision[np.diag_indices(players)] += INTERACTIONS * players
    effects = np.linalg.solve(precision, linear.T @ scaled).astype(np.float64, copy=False)  # (M,)
    rest = scaled - linear @ effects  # (N,)
    values = 2 * effects + crossed.T @ rest
    passed_on = 2 * np.eye(players) - crossed.T @ linear  # (M, M), d values / d effects
    variances = kernel.variance - np.square(crossed).sum(axis=0)
    variances += np.einsum("ij,ji->i", passed_on, np.linalg.solve(precision, passed_on.T))

    freedom = len(observed) - players if determined else 0
    shown = differences[:-1] if len(coalitions) else differences  # without a pair, the total is all there is
    expected = PRIOR_WEIGHT * INTERACTIONS * np.square(shown).mean()
    scale = (expected + (rest @ rest if freedom else 0.0)) / (PRIOR_WEIGHT + freedom)
    weights = _solve(factor, rest[:, None], transposed=False)[:, 0]
    return Posterior(
        values=values,
        variances=scale * np.maximum(variances, 0.0),
        freedom=PRIOR_WEIGHT + freedom,
        predict=Predictor(kernel=kernel, observed=observed, effects=effects, weights=weights),
    )


def _factor(kernel: OddKernel, observed: Coalitions) -> NDArray[np.float64]:
    """Return the Cholesky factor of the observations' covariance, (N, N), upper; the lower half is no part of it.

    This is the one array that grows with the square of the budget, so it is factored where it stands.
    """
    from scipy.linalg import cholesky

    covariance = np.empty((len(observed), len(observed)), order="F")
    for start in range(0, len(observed), ROWS):
        rows = slice(start, start + ROWS)
        covariance[:, rows] = kernel.between(observed, observed[rows])
    pairs = np.arange(len(observed) - 1)  # not the grand coalition: the values add up exactly
    covariance[pairs, pairs] += JITTER
    factor: NDArray[np.float64] = cholesky(covariance, overwrite_a=True, check_finite=False)
    return factor


def _solve(
    factor: NDArray[np.float64], right: NDArray[np.float64], *, transposed: bool = True
) -> NDArray[np.float64]:
    """Divide (N, R) by the factor, transposed or as it is."""
    from scipy.linalg import solve_triangular

    solution: NDArray[np.float64] = solve_triangular(factor, right, trans=int(transposed), check_finite=False)
    return solution
