"""Games whose Shapley values are known, and the slow ways to know them."""

import itertools
import math

import numpy as np

from xai_ad.explain.kernel_shap.estimators import all_coalitions


def by_subsets(game, players):
    """Return each player's mean marginal contribution, weighted over all subsets of the others."""
    values = np.zeros(players)
    for player in range(players):
        others = [other for other in range(players) if other != player]
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for subset in itertools.combinations(others, size):
                values[player] += weight * (game({*subset, player}) - game(set(subset)))
    return values


def scorer(game):
    """Return a game of sets of players as one of coalitions, (K, M)."""
    return lambda coalitions: np.array([game(set(np.flatnonzero(row).tolist())) for row in coalitions])


def additive(players):
    worths = np.random.default_rng(1).normal(size=players)
    return lambda coalition: 3.0 + sum(worths[player] for player in coalition)


def unanimity(players):
    needed = set(range(0, players, 2))
    return lambda coalition: float(needed <= coalition)


def table(players):
    drawn = np.random.default_rng(2).normal(size=2**players)
    return lambda coalition: drawn[sum(2**player for player in coalition)]


def sets_of(players, sizes):
    """Return all sets of players of the given sizes."""
    return [members for size in sizes for members in itertools.combinations(range(players), size)]


def monomials(coalitions, sets):
    """Return the product of each set's signs, (K, T)."""
    signs = np.where(coalitions, 1.0, -1.0)
    return np.stack([signs[:, list(members)].prod(axis=1) for members in sets], axis=1)


def value_of(sets, players):
    """Return what each set's coefficient gives to each player's Shapley value, (T, M): 2 / |T| to its members."""
    return np.array([[2 / len(s) if player in s else 0.0 for player in range(players)] for s in sets])


def drawn_game(players, rho, rng, *, share=0.005, interactions=1.0):
    """Draw a game from the odd process: its scores of all coalitions, (2^M,), and its Shapley values, (M,).

    The interactions have the standard deviation `interactions` in o, the single players the variance 1 / `share`.
    """
    more = sets_of(players, range(3, players + 1, 2))
    spread = np.array([rho ** (len(members) / 2) for members in more])
    spread *= interactions / np.sqrt(np.square(spread).sum())
    sets = [*sets_of(players, [1]), *more]
    alone = np.full(players, np.sqrt(1 / (share * players)))
    coefficients = rng.normal(size=len(sets)) * np.concatenate([alone, spread])
    scores = monomials(all_coalitions(players), sets) @ coefficients
    return scores, coefficients @ value_of(sets, players)


def looked_up(scores, players):
    """Return a game given by its scores of all coalitions, (2^M,)."""
    return lambda coalitions: scores[coalitions @ (1 << np.arange(players))]
