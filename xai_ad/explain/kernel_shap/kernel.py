"""The odd Gaussian process in closed form: what it says of pairs and of Shapley values before anything is scored.

A coalition is a vector t of signs, +1 where a player is present. A game is a polynomial, the sum over sets T of players
of c_T prod_{i in T} t_i; half the difference between a coalition and its complement, o(t), keeps the odd sets alone,
and player i's Shapley value is the sum of 2 / |T| c_T over the odd sets that hold i. The process takes the c_T as
independent: variance `RHO`^|T| for three players and more, `LINEAR` times all those together for the single ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.types import Coalitions

RHO = 0.05
"""How much weaker each further player makes an interaction; larger suits no image's game better, chosen by likelihood it errs."""

LINEAR = 1e4
"""The single players' variance as a multiple of all interactions': enough to let the scores alone decide."""

MOST_SPREAD = 3.2
"""The largest `RHO` x M: beyond 64 players a fixed `RHO` would take most of a game for interactions of many."""


@dataclass(frozen=True, kw_only=True)
class OddKernel:
    """Covariances of o and of the Shapley values of M players, tabulated.

    Interactions of three and more have the variance 1 together, in o.
    """

    pairs: NDArray[np.float64]
    """(M + 1,), between o of two coalitions, by the number of players in which they differ."""
    values: NDArray[np.float64]
    """(2, M + 1), between a player's value and o of a coalition, by whether it holds the player and by its size."""
    prior: tuple[float, float]
    """A value's variance, and the covariance of two."""

    def between(self, first: Coalitions, second: Coalitions) -> NDArray[np.float64]:
        """Return the covariances of o of coalitions, (K, M) and (L, M) bool: (K, L)."""
        return np.asarray(self.pairs[distances(first, second)])

    def with_values(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the covariances of o of coalitions, (K, M) bool, with the values: (K, M)."""
        sizes = coalitions.sum(axis=1)[:, None]  # (K, 1)
        return np.asarray(self.values[coalitions.astype(np.int64), sizes])

    def of_values(self) -> NDArray[np.float64]:
        """Return the values' covariances, (M, M)."""
        players = len(self.pairs) - 1
        variance, covariance = self.prior
        return np.where(np.eye(players, dtype=np.bool_), variance, covariance)


def distances(first: Coalitions, second: Coalitions) -> NDArray[np.int64]:
    """Return in how many players coalitions differ, (K, M) and (L, M) bool: (K, L)."""
    present, other = first.astype(np.float32), second.astype(np.float32)
    shared = present @ other.T  # (K, L)
    return (present.sum(axis=1)[:, None] + other.sum(axis=1)[None, :] - 2 * shared).astype(np.int64)


def odd_kernel(players: int, *, rho: float = RHO, linear: float = LINEAR) -> OddKernel:
    """Tabulate the process of M players, M >= 1.

    Variances and covariances are sums over the degrees of products of `rho`, of `linear` and of elementary symmetric
    polynomials of signs, which are coefficients of (1 + x)^plus (1 - x)^minus.
    """
    rho = min(rho, MOST_SPREAD / players)
    degrees = np.arange(players + 1)
    odd = degrees % 2 == 1
    weights = np.where(odd & (degrees >= 3), 1.0, 0.0)  # beside rho^degree, which the coefficients hold
    total = weights @ symmetric(players, 0, rho)
    weights /= total or 1.0
    weights[1] = linear / (players * rho)
    pairs = np.array([weights @ symmetric(players - apart, apart, rho) for apart in range(players + 1)])

    def value_with(size: int, sign: int) -> float:
        """Of a player of that sign, with a coalition of that size: the others' symmetric polynomials, one degree less."""
        plus, minus = (size - 1, players - size) if sign > 0 else (size, players - size - 1)
        if min(plus, minus) < 0:
            return 0.0
        others = symmetric(plus, minus, rho)  # (M,)
        return float(sign * rho * (2 / degrees[1:] * weights[1:]) @ others)

    values = np.array([[value_with(size, sign) for size in range(players + 1)] for sign in (-1, 1)])
    shares = 4 / degrees[1:] ** 2 * weights[1:] * rho  # (M,)
    variance = float(shares @ symmetric(players - 1, 0, rho))
    covariance = float(shares[1:] @ symmetric(players - 2, 0, rho)) * rho if players > 1 else 0.0
    return OddKernel(pairs=pairs, values=values, prior=(variance, covariance))


def symmetric(plus: int, minus: int, rho: float) -> NDArray[np.float64]:
    """Return the coefficients of (1 + rho x)^plus (1 - rho x)^minus, (plus + minus + 1,).

    >>> symmetric(1, 1, 1.0).tolist()
    [1.0, 0.0, -1.0]
    """
    polynomial = np.ones(1)
    for sign, count in ((rho, plus), (-rho, minus)):
        for _ in range(count):
            polynomial = np.convolve(polynomial, [1.0, sign])
    return polynomial
