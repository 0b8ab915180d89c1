"""Shapley values by their definition, from the scores of all coalitions."""

import math

import numpy as np
from numpy.typing import NDArray

from xai_ad.types import Coalitions


def all_coalitions(players: int) -> Coalitions:
    """Return every coalition, (2^M, M).

    >>> all_coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return ((np.arange(2**players)[:, None] >> np.arange(players)) & 1).astype(np.bool_)


def exact_values(coalitions: Coalitions, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each player's marginal contribution, averaged over all orders of joining: (M,).

    Takes all coalitions, (2^M, M) in any order, and their scores, (2^M,).
    """
    players = coalitions.shape[1]
    sizes = coalitions.sum(axis=1)
    joining = np.array([1 / (players * math.comb(players - 1, size)) for size in range(players)] + [0.0])
    # The weight of a coalition as what a player who is in it has just made, and as what one outside is about to join.
    made = joining[sizes - 1] * scores
    joined = joining[sizes] * scores
    return np.asarray((made + joined) @ coalitions - joined.sum())
