"""Greedy A-optimal designs: which pairs tell the odd Gaussian process most about the Shapley values.

A design depends on the number of players alone, so the designs are made once, by `python -m
xai_ad.explain.kernel_shap.optimal`, and stored beside this module.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.kernel_shap.kernel import odd_kernel
from xai_ad.explain.kernel_shap.leverage import all_pairs, leverage_pairs
from xai_ad.types import Coalitions

STORED = Path(__file__).with_name("designs.npz")
PLAYERS = range(3, 65)
"""The numbers of players that designs are stored for; fewer are enumerated."""
PAIRS = 512
"""How many pairs are stored at most; nor more than half of all, since what is left to learn then is rounding errors."""
ENUMERATED = 15
"""Up to this many players every pair is a candidate."""
CANDIDATES = 20_000
"""How many candidates there are for more players, sampled by leverage."""
RHO = 0.1
SPREAD = 3.2
"""The design's rho is the smaller of `RHO` and `SPREAD` / M."""
LINEAR = 1e4
"""The single players' variance as a multiple of all interactions': they are to be told apart first."""
DIGITS = 7
"""To how many digits gains are compared: gains equal by symmetry must not be told apart by rounding errors."""


def candidates(players: int) -> Coalitions:
    """Return the pairs to choose from, each by one of its two coalitions, (K, M), in a fixed shuffled order."""
    rng = np.random.default_rng(players)
    if players <= ENUMERATED:
        return rng.permutation(all_pairs(players))
    return leverage_pairs(players, CANDIDATES, rng=rng)


def greedy_design(players: int, pairs: int) -> Coalitions:
    """Choose pairs one by one, each the one that leaves the values' summed variance smallest: (P, M).

    The grand coalition is known beforehand. Each prefix is the design for its size.
    """
    kernel = odd_kernel(players, rho=min(RHO, SPREAD / players), linear=LINEAR)
    grand = np.ones((1, players), dtype=np.bool_)
    choice = np.concatenate([candidates(players), grand])  # (K, M)
    variances = np.full(len(choice), kernel.pairs[0])  # of o, given what was observed
    with_values = kernel.with_values(choice)  # (K, M), covariances with the values, given the same
    factor = np.empty((pairs + 1, len(choice)))  # rows of the Cholesky factor, (P + 1, K)
    chosen = [len(choice) - 1]
    for step in range(pairs + 1):
        newest = chosen[-1]
        prior = kernel.between(choice[newest : newest + 1], choice)[0]  # (K,)
        explained = factor[:step, newest] @ factor[:step]  # (K,)
        deviation = np.sqrt(variances[newest])
        factor[step] = (prior - explained) / deviation
        variances -= np.square(factor[step])
        with_values -= factor[step][:, None] * (with_values[newest] / deviation)
        if step < pairs:
            chosen.append(_best(with_values, variances, chosen))
    return choice[chosen[1:]]


def _best(with_values: NDArray[np.float64], variances: NDArray[np.float64], chosen: list[int]) -> int:
    """Return the candidate that lowers the values' summed variance most; the first of those that tie."""
    gains = np.square(with_values).sum(axis=1)
    gains[chosen] = 0.0
    gains /= np.where(gains > 0, variances, 1.0)
    return int(np.argmax(np.floor(gains / gains.max() * 10.0**DIGITS + 0.5)))


def stored_pairs(players: int) -> int:
    """Return how many pairs are stored for a number of players.

    >>> stored_pairs(5), stored_pairs(20)
    (7, 512)
    """
    return min(PAIRS, ((1 << (players - 1)) - 1) // 2)


def stored_design(players: int) -> Coalitions:
    """Return the stored pairs for a number of players, (P, M); none where nothing is stored."""
    if players not in PLAYERS:
        return np.zeros((0, players), dtype=np.bool_)
    with np.load(STORED) as designs:
        packed = designs[str(players)]
    return np.unpackbits(packed, axis=1, count=players).astype(np.bool_)


def choose_pairs(players: int, count: int, *, seed: int) -> Coalitions:
    """Choose distinct pairs, each by one of its two coalitions, in the order of their use: (K, M).

    K is `count`, or all there are. The full and the empty coalition are never among them. A stored design knows no
    player by name: `seed` deals its columns out.
    """
    rng = np.random.default_rng(seed)
    designed = stored_design(players)[:count][:, rng.permutation(players)]
    missing = count - len(designed)
    if missing == 0:
        return designed
    return np.concatenate([designed, leverage_pairs(players, missing, rng=rng, without=designed)])


def store_designs(path: Path = STORED, numbers: Iterable[int] = PLAYERS) -> None:
    """Make and store the designs of some numbers of players, as packed bits; minutes of work for all of them."""
    designs = {
        str(players): np.packbits(greedy_design(players, stored_pairs(players)), axis=1)
        for players in numbers
    }
    np.savez_compressed(path, **designs)  # type: ignore[arg-type]  # numpy's stub takes the names for options


if __name__ == "__main__":
    store_designs()
