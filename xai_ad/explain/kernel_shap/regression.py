"""Shapley values by paired, constrained weighted least squares (Lundberg and Lee 2017): the estimate before the process.

It has no model of interactions. Coalitions in pairs with their complements make it blind to every even one.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xai_ad.types import Coalitions


class Design(NamedTuple):
    """Which coalitions to score, the full and the empty one apart, and what each counts in the regression."""

    coalitions: Coalitions  # (K, M)
    weights: NDArray[np.float64]  # (K,)
    exact: bool
    """Whether these are all there are."""


def size_weights(players: int) -> NDArray[np.float64]:
    """Return what all coalitions of each size 1 .. M-1 weigh together in Eq. 3.20, (M-1,), summing to 1."""
    sizes = np.arange(1, players)
    weights = 1 / (sizes * (players - sizes))
    return np.asarray(weights / weights.sum())


def choose_coalitions(players: int, budget: int, *, seed: int) -> Design:
    """Choose coalitions for a budget that includes the full and the empty one; all of them where it suffices.

    Coalitions come in pairs with their complements, no pair twice. From the outermost sizes inwards, a size that its
    share of the remaining budget can cover is taken whole; the rest is drawn by kernel weight, the number of each
    size by systematic sampling, each size uniformly and without replacement.
    """
    pairs = (budget - 2) // 2
    exact = 2**players <= budget
    rng = np.random.default_rng(seed)
    # Sizes s and M - s make the same pairs; for even M the middle size is its own partner.
    sizes = list(range(1, players // 2 + 1))
    mass = size_weights(players)
    shares = np.array([mass[s - 1] + (mass[players - s - 1] if 2 * s != players else 0.0) for s in sizes])
    chosen: list[frozenset[int]] = []
    weights: list[float] = []
    for done, size in enumerate(sizes):
        count = math.comb(players, size) // (2 if 2 * size == players else 1)
        left = pairs - len(chosen)
        if not exact and left * shares[done] < count * shares[done:].sum():
            rest = _drawn(players, sizes[done:], left * shares[done:] / shares[done:].sum(), rng)
            weights += [shares[done:].sum() / max(left, 1)] * len(rest)
            chosen += rest
            break
        chosen += _half(players, size)
        weights += [shares[done] / count] * count
    coalitions = np.zeros((len(chosen), players), dtype=np.bool_)
    for row, members in enumerate(chosen):
        coalitions[row, list(members)] = True
    return Design(np.concatenate([coalitions, ~coalitions]), np.tile(weights, 2) / 2, exact)


def _half(players: int, size: int) -> list[frozenset[int]]:
    """Return every subset of a size, or for the middle size one of each pair: those with player 0."""
    subsets = map(frozenset, itertools.combinations(range(players), size))
    return [members for members in subsets if 2 * size != players or 0 in members]


def _drawn(
    players: int, sizes: list[int], expected: NDArray[np.float64], rng: np.random.Generator
) -> list[frozenset[int]]:
    """Draw distinct subsets, as many of each size as expected, rounded so that the total is kept (systematically)."""
    ends = np.floor(np.concatenate([[0.0], np.cumsum(expected)]) + rng.random()).astype(int)
    drawn: list[frozenset[int]] = []
    for size, count in zip(sizes, np.diff(ends), strict=True):
        # An ordered set: iteration must not depend on hashes.
        found: dict[frozenset[int], None] = {}
        while len(found) < count:
            members = frozenset(rng.choice(players, size, replace=False).tolist())
            if 2 * size == players and 0 not in members:
                members = frozenset(range(players)) - members
            found[members] = None
        drawn += found
    return drawn


def shapley_values(
    design: Design, scores: NDArray[np.float64], *, empty: float, full: float
) -> NDArray[np.float64]:
    """Solve Eq. 3.20 for the values, (M,), that sum to full - empty exactly.

    The constraint is eliminated by writing the values as equal shares plus a part that sums to zero; where the
    coalitions do not determine that part, the smallest is taken, which favours no segment.
    """
    players = design.coalitions.shape[1]
    equal = (full - empty) / players
    present = design.coalitions.astype(np.float64)  # (K, M)
    targets = scores - empty - present.sum(axis=1) * equal  # (K,)
    centred = present - present.mean(axis=1, keepdims=True)  # (K, M), its rows sum to zero
    roots = np.sqrt(design.weights)
    parts = np.linalg.lstsq(centred * roots[:, None], targets * roots, rcond=None)[0]  # (M,)
    return np.asarray(equal + parts - parts.mean())
