"""The ways to Shapley values, each a function of a game and a budget."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.choices import Estimator
from xai_ad.explain.kernel_shap.library import library_values
from xai_ad.explain.kernel_shap.odd_gp import posterior
from xai_ad.explain.kernel_shap.optimal import choose_pairs
from xai_ad.explain.kernel_shap.regression import choose_coalitions, shapley_values
from xai_ad.explain.kernel_shap.remainder import corrected
from xai_ad.machine.threads import one_blas_thread
from xai_ad.types import Coalitions

ScoreCoalitions: TypeAlias = Callable[[Coalitions], NDArray[np.float64]]
"""A game: maps coalitions, (K, M), to their scores, (K,)."""

CONFIDENCE = 0.9
"""How often an interval is to hold the exact value."""

CALIBRATION = 0.9
"""What the process's standard errors are multiplied by.

Interactions of real images agree in sign more often than the process assumes, which makes it a little too cautious:
on the games of the generated sets its 90 % intervals held 95 % of the exact values, and 93 % so shortened.
"""

FEWEST_ODD = 3
"""Fewer players have no odd interactions; where a budget does not even hold their coalitions, equal shares are returned."""

MOST_PAIRS = 4000
"""How many pairs the process holds at most: its covariance then takes 128 MB and about a second."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ShapleyValues:
    """Values, (M,), and where the estimator knows them their standard errors and 90 % intervals.

    `exact` says whether all coalitions were scored; the standard errors are 0 then, which leaves out how a game's own
    scores may be rounded.
    """

    values: NDArray[np.float64]
    exact: bool = False
    standard_errors: NDArray[np.float64] | None = None
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None


def estimate_values(
    estimator: Estimator,
    score: ScoreCoalitions,
    *,
    players: int,
    empty: float,
    full: float,
    budget: int,
    seed: int,
) -> ShapleyValues:
    """Return the Shapley values of a game, or their estimate.

    At most `budget` coalitions are scored, the full and the empty one, whose scores are given, included. `score` is
    called once where the estimator is ours.
    """
    if estimator in {Estimator.SHAP, Estimator.SHAP_NO_L1}:
        options = {} if estimator is Estimator.SHAP else {"l1_reg": 0}
        values = library_values(score, players=players, budget=budget, seed=seed, options=options)
        return ShapleyValues(values=values, exact=2**players <= budget)
    if 2**players <= budget:
        coalitions = all_coalitions(players)
        values = exact_values(coalitions, score(coalitions))
        return ShapleyValues(
            values=values,
            exact=True,
            standard_errors=np.zeros(players),
            low=values.copy(),
            high=values.copy(),
        )
    if estimator is Estimator.REGRESSION:
        design = choose_coalitions(players, budget, seed=seed)
        return ShapleyValues(values=shapley_values(design, score(design.coalitions), empty=empty, full=full))
    if players < FEWEST_ODD:
        return ShapleyValues(values=np.full(players, (full - empty) / players))
    pairs = choose_pairs(players, (budget - 2) // 2, seed=seed)
    scores = score(np.concatenate([pairs, ~pairs]))
    return process_values(pairs, (scores[: len(pairs)] - scores[len(pairs) :]) / 2, total=full - empty)


def process_values(
    pairs: Coalitions, differences: NDArray[np.float64], *, total: float, most: int = MOST_PAIRS
) -> ShapleyValues:
    """Return what the odd process makes of pairs, (K, M), and half their differences, (K,)."""
    from scipy.special import stdtrit

    with one_blas_thread():
        found = posterior(pairs[:most], differences[:most], total=total)
        values, variances = found.values, found.variances
        if len(pairs) > most:
            values, variances = corrected(found, pairs[most:], differences[most:])
    errors = CALIBRATION * np.sqrt(variances)
    reach = stdtrit(found.freedom, (1 + CONFIDENCE) / 2) * errors
    return ShapleyValues(values=values, standard_errors=errors, low=values - reach, high=values + reach)


def all_coalitions(players: int) -> Coalitions:
    """Return every coalition, (2^M, M).

    >>> all_coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return ((np.arange(2**players)[:, None] >> np.arange(players)) & 1).astype(np.bool_)


def exact_values(coalitions: Coalitions, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Shapley values by their definition: each player's marginal contribution, averaged over all orders of joining: (M,).

    Takes all coalitions, (2^M, M) in any order, and their scores, (2^M,).
    """
    players = coalitions.shape[1]
    sizes = coalitions.sum(axis=1)
    joining = np.array([1 / (players * math.comb(players - 1, size)) for size in range(players)] + [0.0])
    # The weight of a coalition as what a player who is in it has just made, and as what one outside is about to join.
    made = joining[sizes - 1] * scores
    joined = joining[sizes] * scores
    return np.asarray((made + joined) @ coalitions - joined.sum())
