"""The odd Gaussian process in closed form: covariances of what pairs show and of the Shapley values.

A coalition is a vector t of signs, +1 where a player is present. Any game is a polynomial of them, the sum over sets
T of players of c_T prod_{i in T} t_i. Half the difference between a coalition and its complement,
o(t) = (v(t) - v(-t)) / 2, keeps the odd sets alone, and player i's Shapley value is the sum of 2 / |T| c_T over the
odd sets that hold i. The process takes the c_T to be independent, with variances proportional to rho^|T|.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.types import Coalitions

SPREAD = 2.0
"""The estimate's rho x M: how much weaker interactions of five players are than those of three.

The values hardly depend on it. With half of it intervals become too narrow once the interactions of three are known,
since those of five are then all the error there is.
"""


HIGHEST = 31
"""The largest sets that are counted; of larger ones rho x M, which is a small number, leaves nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class OddKernel:
    """Covariances of o and of the Shapley values of M players, tabulated; interactions have the variance 1 in o."""

    pairs: NDArray[np.float64]
    """(M + 1,), of o of two coalitions, by the number of players in which they differ."""
    values: NDArray[np.float64]
    """(2, M + 1), of a player's value and o of a coalition, by whether the player is in it and by its size."""
    variance: float
    """Of a player's value."""

    def between(self, first: Coalitions, second: Coalitions) -> NDArray[np.float64]:
        """Return the covariances of o of coalitions, (K, M) and (L, M): (K, L)."""
        present, other = first.astype(np.float32), second.astype(np.float32)
        apart = present.sum(axis=1)[:, None] + other.sum(axis=1)[None, :] - 2 * (present @ other.T)  # (K, L)
        return np.asarray(self.pairs[apart.astype(np.int32)])

    def with_values(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the covariances of o of coalitions, (K, M), with the values: (K, M)."""
        sizes = coalitions.sum(axis=1)[:, None]  # (K, 1)
        return np.asarray(self.values[coalitions.astype(np.int64), sizes])


def odd_kernel(players: int, *, rho: float, linear: float = 0.0) -> OddKernel:
    """Tabulate the process of M players, M >= 3.

    `linear` is the variance that the single players have together; sets of three and more have 1. All covariances
    are sums over degrees, of weights times the elementary symmetric polynomials of signs.
    """
    degrees = np.arange(min(players, HIGHEST) + 1)
    shares = np.where((degrees >= 3) & (degrees % 2 == 1), 1.0, 0.0)
    shares /= shares @ symmetric(players, 0, rho, len(degrees))
    shares[1] = linear / (players * rho)
    pairs = [shares @ symmetric(players - apart, apart, rho, len(degrees)) for apart in range(players + 1)]

    of_values = 2 / degrees[1:] * shares[1:] * rho  # by the number of the others
    values = np.zeros((2, players + 1))
    for size in range(players + 1):
        if size < players:
            values[0, size] = -of_values @ symmetric(size, players - 1 - size, rho, len(of_values))
        if size > 0:
            values[1, size] = of_values @ symmetric(size - 1, players - size, rho, len(of_values))
    variance = float((2 / degrees[1:] * of_values) @ symmetric(players - 1, 0, rho, len(of_values)))
    return OddKernel(pairs=np.array(pairs), values=values, variance=variance)


def symmetric(plus: int, minus: int, rho: float, count: int) -> NDArray[np.float64]:
    """Return the first coefficients of (1 + rho x)^plus (1 - rho x)^minus, (count,).

    That of x^k is rho^k times the k-th elementary symmetric polynomial of so many signs.

    >>> symmetric(1, 1, 1.0, 4).tolist()
    [1.0, 0.0, -1.0, 0.0]
    """
    return np.convolve(_power(plus, rho, count), _power(minus, -rho, count))[:count]


def _power(exponent: int, rho: float, count: int) -> NDArray[np.float64]:
    """Return the first coefficients of (1 + rho x)^exponent, (count,)."""
    steps = np.arange(1, count)
    return np.concatenate([[1.0], np.cumprod((exponent + 1 - steps) / steps * rho)])
