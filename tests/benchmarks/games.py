"""Games made by hand, whose Shapley values are known by definition."""

import functools
import itertools
import math

import numpy as np

from xai_ad.benchmarks.games import KnownGame, of_table


def members(index: int, players: int) -> set[int]:
    return {player for player in range(players) if index >> player & 1}


def scores_of(worth, players: int) -> np.ndarray:
    """Tabulate a game given as a function of the set of players present."""
    return np.array([worth(members(index, players)) for index in range(2**players)])


def table(worth, players: int) -> KnownGame:
    return of_table(scores_of(worth, players))


def by_orders(worth, players: int) -> np.ndarray:
    """Average each player's marginal contribution over all orders of joining."""
    values = np.zeros(players)
    for order in itertools.permutations(range(players)):
        for place, player in enumerate(order):
            values[player] += worth({*order[: place + 1]}) - worth({*order[:place]})
    return values / math.factorial(players)


def additive_scores(players: int) -> np.ndarray:
    return scores_of(lambda present: 0.5 + sum(player + 1.0 for player in present), players)


def additive(players: int) -> KnownGame:
    """A game whose values are 1, 2, ..., M, whatever the coalition."""
    return of_table(additive_scores(players))


@functools.cache
def nearly_additive(players: int) -> KnownGame:
    """An additive game with interactions of two and of three, the rarer the weaker, as an image's game has them."""
    rng = np.random.default_rng(3)
    scores = additive_scores(players)
    signs = np.array(
        [
            [1.0 if player in members(index, players) else -1.0 for player in range(players)]
            for index in range(2**players)
        ]
    )  # (2^M, M)
    for size, strength in ((2, 0.1), (3, 0.02)):
        for group in itertools.combinations(range(players), size):
            scores += strength * rng.normal() * signs[:, group].prod(axis=1)
    return of_table(scores)
