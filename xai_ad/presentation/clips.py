"""What is drawn and said of a clip's scores: the curve, its abnormal stretches, and how far the work is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xai_ad.presentation.words import NARROW, figure, percent

BUCKETS = 1200
"""Parts of a drawn curve, of each of which its lowest and its highest value are kept: as many as a screen has columns."""
LISTED = 3
"""Stretches that a sentence names."""
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, kw_only=True)
class AbnormalStretch:
    """Frames that follow one another and are above the limit: the first's and the last's numbers, and the highest's."""

    first: int
    last: int
    highest: int
    count: int


def abnormal_stretches(
    numbers: NDArray[np.int64], scores: NDArray[np.float64], limit: float
) -> list[AbnormalStretch]:
    """Return the stretches of frames, (F,) each, whose scores are above the limit, in order.

    >>> abnormal_stretches(np.arange(1, 6), np.array([0.0, 2.0, 3.0, 0.0, 4.0]), 1.0)[0]
    AbnormalStretch(first=2, last=3, highest=3, count=2)
    """
    above = np.concatenate([[False], scores > limit, [False]])
    edges = np.flatnonzero(np.diff(above.astype(np.int8)))
    found = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        highest = begin + int(scores[begin:end].argmax())
        found.append(
            AbnormalStretch(
                first=int(numbers[begin]),
                last=int(numbers[end - 1]),
                highest=int(numbers[highest]),
                count=end - begin,
            )
        )
    return found


def extremes(values: NDArray[np.float64], buckets: int = BUCKETS) -> NDArray[np.int64]:
    """Return the indices, ascending, of the values (F,) that a drawn curve keeps: each bucket's lowest and highest.

    So nothing that stands out is lost, however long the clip. Up to two values a bucket, all are kept.

    >>> extremes(np.array([0.0, 5.0, 1.0, 1.0, -3.0, 1.0]), buckets=2).tolist()
    [0, 1, 3, 4]
    """
    count = len(values)
    if count <= 2 * buckets:
        return np.arange(count)
    starts = np.arange(buckets) * count // buckets
    bounds = [*starts.tolist(), count]
    kept = {
        begin + int(place)
        for begin, end in pairwise(bounds)
        for place in (values[begin:end].argmin(), values[begin:end].argmax())
    }
    return np.array(sorted(kept))


def runs_of(numbers: NDArray[np.int64]) -> list[list[int]]:
    """Return runs of numbers that follow one another, as [first, last].

    >>> runs_of(np.array([1, 2, 3, 7, 8]))
    [[1, 3], [7, 8]]
    """
    cuts = np.flatnonzero(np.diff(numbers) != 1) + 1
    return [[int(part[0]), int(part[-1])] for part in np.split(numbers, cuts)] if len(numbers) else []


def progress_words(count: int, expected: int | None, seconds_left: float | None) -> str:
    """Say how far the scoring of a clip is.

    >>> progress_words(1200, 216_000, 3599.0).replace(NARROW, " ")
    '1,200 of 216,000 frames scored, about 60 min left'
    >>> progress_words(12, None, None)
    '12 frames scored'
    """
    of = f" of {expected:,}" if expected is not None and expected >= count else ""
    left = "" if seconds_left is None or not of else f", {_duration(seconds_left)} left"
    return f"{count:,}{of} frames scored{left}"


def summary(stretches: Sequence[AbnormalStretch], count: int, *, highest: int, times: float) -> str:
    """Say what a clip came to: how much of it is abnormal and where, and its highest frame in multiples of the limit.

    >>> summary([], 12, highest=7, times=0.5).replace(NARROW, " ")
    'All 12 frames are below the limit; the highest is frame 7, at 0.500 times the limit.'
    """
    worst = f"frame {highest}, at {figure(times)} times the limit"
    if not stretches:
        return f"All {count:,} frames are below the limit; the highest is {worst}."
    above = sum(stretch.count for stretch in stretches)
    named = [_named(stretch) for stretch in stretches[:LISTED]]
    more = len(stretches) - len(named)
    where = ", ".join(named) + (f" and {more:,} more" if more else "")
    stretch = "1 stretch" if len(stretches) == 1 else f"{len(stretches):,} stretches"
    share = percent(above / count)
    return f"{above:,} of {count:,} frames ({share}) are above the limit, in {stretch}: {where}. The highest is {worst}."


def all_above(stretches: Sequence[AbnormalStretch], count: int) -> str | None:
    """Say so where every frame of a clip is above the limit: then the clip stands out, and not something in it.

    >>> all_above([AbnormalStretch(first=1, last=9, highest=2, count=9)], 10) is None
    True
    """
    if count < 2 or sum(stretch.count for stretch in stretches) < count:
        return None
    return (
        "Every frame is above the limit: it is the whole clip that stands out, and nothing in it. Perhaps it shows another "
        "place than the training clips, or is of another camera."
    )


def _named(stretch: AbnormalStretch) -> str:
    if stretch.first == stretch.last:
        return f"frame {stretch.first}"
    return f"frames {stretch.first} to {stretch.last}"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"about {max(1, round(seconds))}{NARROW}s"
    if seconds < 2 * _HOUR:
        return f"about {round(seconds / _MINUTE)}{NARROW}min"
    return f"about {figure(seconds / _HOUR)}{NARROW}h"
