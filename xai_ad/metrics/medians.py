"""A median over pictures, and how far it could be off: the 90 % interval of a bootstrap (Efron 1979)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError

DRAWS = 2000
SEED = 0
COVERAGE = 0.9


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A median, or a mean, of `n` values, and the interval that 90 % of the redrawn sets' lie in."""

    value: float
    low: float
    high: float
    n: int

    @property
    def is_above_zero(self) -> bool:
        """Whether all of the interval is."""
        return self.low > 0

    @property
    def is_below_zero(self) -> bool:
        """Whether all of the interval is."""
        return self.high < 0


def estimate(
    values: Sequence[float | None], groups: Sequence[str] | None = None, *, mean: bool = False
) -> Estimate | None:
    """Return the median of values, or with `mean` their mean, without those that are None; None of no values.

    Values are redrawn one by one; where `groups` names what each belongs to, as a frame does to a clip, whole groups are:
    what is much alike is no second witness. Raises `InvalidInputError` unless there is a group for each value.
    """
    if groups is not None and len(groups) != len(values):
        raise InvalidInputError(f"{len(values)} values need as many groups. Got {len(groups)}.")
    kept = [place for place, value in enumerate(values) if value is not None]
    if not kept:
        return None
    known = np.array([values[place] for place in kept], dtype=np.float64)  # (N,)
    names = [str(place) for place in kept] if groups is None else [groups[place] for place in kept]
    order = np.argsort(known, kind="stable")
    counts = _redrawn(names)[:, order]  # (DRAWS + 1, N), the first as they are
    found = _means(known[order], counts) if mean else _medians(known[order], counts)
    low, high = np.quantile(found[1:], [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Estimate(value=float(found[0]), low=float(low), high=float(high), n=len(known))


def difference(
    one: Sequence[float | None],
    other: Sequence[float | None],
    groups: Sequence[str] | None = None,
    *,
    mean: bool = False,
) -> Estimate | None:
    """Return the median, or the mean, of what one exceeds the other by on the same pictures, in their order.

    A picture counts where both have a value. Raises `InvalidInputError` for different numbers of pictures.
    """
    if len(one) != len(other):
        raise InvalidInputError(f"Both must be of the same pictures. Got {len(one)} and {len(other)} values.")
    differences = [
        None if first is None or second is None else first - second
        for first, second in zip(one, other, strict=True)
    ]
    return estimate(differences, groups, mean=mean)


def _redrawn(names: Sequence[str]) -> NDArray[np.int64]:
    """Return how often each value occurs in the set as it is and in each redrawn one, (DRAWS + 1, N)."""
    unique, places = np.unique(np.asarray(names), return_inverse=True)
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(len(unique), np.full(len(unique), 1 / len(unique)), size=DRAWS)
    return np.concatenate([np.ones((1, len(unique)), dtype=np.int64), drawn])[:, places]


def _medians(ascending: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the median of ascending values that occur so often, (N,) and (B, N) -> (B,)."""
    reached = np.cumsum(counts, axis=1)
    total = reached[:, -1:]
    lower, upper = ((reached > half).argmax(axis=1) for half in ((total - 1) // 2, total // 2))
    medians: NDArray[np.float64] = (ascending[lower] + ascending[upper]) / 2
    return medians


def _means(values: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    means: NDArray[np.float64] = counts @ values / counts.sum(axis=1)
    return means
