"""Measuring sides against one another on a machine that others use too: in turns, compared round by round."""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

from xai_ad.progress import Progress, silent

Name = TypeVar("Name")


def seconds_of(work: Callable[[], object]) -> float:
    """Return what work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def interleave(
    sides: Mapping[Name, Callable[[], float]], *, rounds: int, on_progress: Progress = silent
) -> dict[Name, list[float]]:
    """Measure every side once a round, and return each side's figures in the rounds' order.

    The side that begins changes from round to round, so that none always follows the same one.
    """
    names = list(sides)
    measured: dict[Name, list[float]] = {name: [] for name in names}
    for done in range(rounds):
        first = done % len(names)
        for place, name in enumerate([*names[first:], *names[:first]], start=1):
            measured[name].append(sides[name]())
            on_progress((done + place / len(names)) / rounds)
    return measured


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of the rounds' ratios: a slow minute slows both sides of its round, and few rounds.

    >>> median_ratio([2.0, 30.0, 4.0], [1.0, 10.0, 1.0])
    3.0
    """
    return median(one / other for one, other in zip(above, below, strict=True))
