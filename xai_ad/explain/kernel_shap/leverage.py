"""Pairs of coalitions sampled by leverage: all sizes alike, no pair twice.

A coalition's leverage in the regression of Eq. 3.20 is the same for all coalitions of a size together, whatever the
size (Musco and Witter 2025). A pair is written as one of its two coalitions, the one that holds player 0.
"""

import numpy as np

from xai_ad.types import Coalitions

FEW_PLAYERS = 17
"""Up to this many, all pairs are listed and drawn from; for more, pairs are drawn until there are enough."""


def all_pairs(players: int) -> Coalitions:
    """Return every pair but that of the full and the empty coalition, (2^(M-1) - 1, M)."""
    codes = np.arange(2 ** (players - 1) - 1)[:, None]  # bit i: player i + 1 is present
    others = (codes >> np.arange(players - 1)) & 1
    return np.concatenate([np.ones_like(codes), others], axis=1).astype(np.bool_)


def leverage_pairs(
    players: int, count: int, *, rng: np.random.Generator, without: Coalitions | None = None
) -> Coalitions:
    """Draw distinct pairs, all sizes alike as far as a size has enough: (K, M).

    K is `count`, or as many as there are. None of the pairs `without`, (L, M), is among them.
    """
    taken = np.zeros((0, players), dtype=np.bool_) if without is None else canonical(without)
    if players <= FEW_PLAYERS:
        return _listed(players, count, rng, taken)
    drawn = np.zeros((0, players), dtype=np.bool_)
    while len(drawn) < count:
        more = _balanced(players, count - len(drawn), rng)
        known = np.concatenate([taken, drawn, canonical(more)])
        _, first = np.unique(np.packbits(known, axis=1), axis=0, return_index=True)
        drawn = known[np.sort(first[first >= len(taken)])]
    return drawn[:count]


def canonical(coalitions: Coalitions) -> Coalitions:
    """Return of each coalition's pair the one with player 0, (K, M)."""
    return np.where(coalitions[:, :1], coalitions, ~coalitions)


def _listed(players: int, count: int, rng: np.random.Generator, taken: Coalitions) -> Coalitions:
    """Draw from the list of all pairs, one after the other and in proportion to leverage."""
    pairs = all_pairs(players)
    sizes = pairs.sum(axis=1)
    sizes = np.minimum(sizes, players - sizes)
    keys = rng.exponential(size=len(pairs)) * np.bincount(sizes)[sizes]
    keys[taken[:, 1:] @ (1 << np.arange(players - 1))] = np.inf
    return pairs[np.argsort(keys, kind="stable")[: min(count, len(pairs) - len(taken))]]


def _balanced(players: int, count: int, rng: np.random.Generator) -> Coalitions:
    """Draw `count` coalitions or more, as many of each size; those of a size hold every player about equally often."""
    sizes = rng.permutation(np.arange(max(count, players)) % (players // 2) + 1)
    coalitions = np.zeros((len(sizes), players), dtype=np.bool_)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        blocks = players // size  # disjoint coalitions from one order of the players
        orders = rng.permuted(np.tile(np.arange(players), (-(-len(rows) // blocks), 1)), axis=1)
        members = orders[:, : blocks * size].reshape(-1, size)[: len(rows)]
        coalitions[rows[:, None], members] = True
    return coalitions
