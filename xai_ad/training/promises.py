"""What a limit promises: how many good pictures it may reject, and for how many pictures that can be promised."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Promise(StrEnum):
    """How a limit is placed after a training."""

    BALANCED = "balanced"
    """With defects, where most of both kinds are told apart (Eq. 3.21); without, as strict as the pictures allow."""
    ONE_IN_10 = "1-in-10"
    ONE_IN_20 = "1-in-20"
    ONE_IN_50 = "1-in-50"
    ONE_IN_100 = "1-in-100"
    ONE_IN_1000 = "1-in-1000"

    @property
    def quantile(self) -> float | None:
        """The share of good pictures that are to pass; None where none is promised."""
        return None if self is Promise.BALANCED else 1 - 1 / int(self.rpartition("-")[2])

    @property
    def needs(self) -> int:
        """How many good pictures must set the limit for the promise to hold."""
        if self.quantile is None:
            return 1
        return int(self.rpartition("-")[2]) - 1


def offered(count: int) -> tuple[Promise, ...]:
    """Return what can be promised where a number of good pictures set the limit.

    >>> [str(promise) for promise in offered(40)]
    ['balanced', '1-in-10', '1-in-20']
    """
    return tuple(promise for promise in Promise if promise.needs <= count)


@dataclass(frozen=True, kw_only=True)
class FalseAlarms:
    """Which share of new good pictures a limit rejects: expected, and between which two shares with 90 %.

    It rests on `count` good pictures that set the limit.
    """

    expected: float
    low: float
    high: float
    count: int


COVERAGE = 0.9
"""How sure an interval is."""


def false_alarms(count: int, quantile: float) -> FalseAlarms:
    """Return what the ceil((n + 1) q)-th smallest of n normal scores promises as a limit.

    The share of new normal images above it is Beta(n + 1 - k, k), whatever the scores' distribution, where no two are
    alike (Vovk 2012; Angelopoulos and Bates 2023, 3.2). A quantile that n is too small for is taken as the largest.
    """
    from scipy.stats import beta

    rank = min(math.ceil(round((count + 1) * quantile, 9)), count)
    tail = (1 - COVERAGE) / 2
    low, high = beta.ppf([tail, 1 - tail], count + 1 - rank, rank)
    return FalseAlarms(
        expected=(count + 1 - rank) / (count + 1), low=float(low), high=float(high), count=count
    )
