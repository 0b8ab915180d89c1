"""How long work tells its caller how far it is, without knowing who listens."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

Progress = Callable[[float], None]
"""Called with the completed fraction, 0 to 1, never falling. It may raise `Cancelled`, which stops the work."""


def silent(fraction: float) -> None:
    """Report nothing."""


def part_of(progress: Progress, start: float, stop: float) -> Progress:
    """Return a `Progress` that fills only the share from `start` to `stop` of another.

    >>> seen = []
    >>> part_of(seen.append, 0.5, 1.0)(0.5)
    >>> seen
    [0.75]
    """

    def report(fraction: float) -> None:
        progress(start + (stop - start) * fraction)

    return report


def each(items: Sequence[Item], progress: Progress) -> Iterator[tuple[Item, Progress]]:
    """Yield each item with its part of the progress, all parts alike.

    >>> seen = []
    >>> for item, part in each("ab", seen.append):
    ...     part(1.0)
    >>> seen
    [0.5, 1.0]
    """
    for done, item in enumerate(items):
        yield item, part_of(progress, done / len(items), (done + 1) / len(items))
