"""Which frames a sequence network sees together: windows of T frames, never across a gap in the numbers.

Frames are named by their position in the clip, from 0. The scoring windows give every frame exactly one score.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.videos.frames import Frame
from xai_ad.fields import require_whole

LENGTH = 8
"""T (Table 4.10)."""
PREDICTED = 4
"""Frames that Seq2Seq is given, and frames that it predicts."""
STRIDES = (1, 2, 4, 8, 16)
"""Distances between a training window's frames (4.9.1)."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """What a network is given, what its outputs are compared with, and which of them count.

    `inputs` are positions, in the order given; `targets` are the positions that the outputs stand for, in their order;
    `scored` are indices into `targets`. `padded` says that the frames did not suffice and some were repeated.
    """

    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    scored: tuple[int, ...]
    padded: bool = False


WindowPlan: TypeAlias = Callable[[Iterable[int]], Iterator[Window]]
"""From frame numbers, in order, to the windows that score them: `reconstruction_windows` or `prediction_windows`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedWindow:
    """A window with its pixels, (T, C, H, W) uint8 each, and the scored frames' numbers, by index into `targets`."""

    window: Window
    inputs: Tensor
    targets: Tensor
    numbers: tuple[int, ...]


def training_windows(
    numbers: Sequence[int], *, length: int = LENGTH, strides: Sequence[int] = STRIDES, step: int = 1
) -> NDArray[np.int64]:
    """Return the positions of a clip's training windows, (N, T): for each stride, windows that begin `step` apart (4.9.1).

    Strides that no run of frames is long enough for give none.
    """
    require_whole("step", step, of="training windows", low=1)
    require_whole("length", length, of="training windows", low=1)
    found = [np.empty((0, length), dtype=np.int64)]
    for stride in strides:
        require_whole("stride", stride, of="training windows", low=1)
        reach = (length - 1) * stride + 1
        for begin, end in _runs(numbers):
            starts = np.arange(begin, end - reach + 1, step, dtype=np.int64)
            found.append(starts[:, None] + stride * np.arange(length, dtype=np.int64))
    return np.concatenate(found)


def reconstruction_windows(numbers: Iterable[int], *, length: int = LENGTH) -> Iterator[Window]:
    """Yield consecutive windows without overlap; a run's last one ends at its last frame, where only new frames count.

    A run shorter than T is padded by reflection. Windows come as soon as `numbers` has brought their frames.
    """
    for offset, count, ended in _growing_runs(numbers, length):
        rest = count % length
        if not ended:
            yield _reconstructed(range(offset + count - length, offset + count), range(length))
        elif count < length:
            yield _reconstructed(_reflected(range(length), offset, count), range(count), padded=True)
        elif rest:
            yield _reconstructed(range(offset + count - length, offset + count), range(length - rest, length))


def prediction_windows(numbers: Iterable[int], *, length: int = PREDICTED) -> Iterator[Window]:
    """Yield Seq2Seq's windows: each `length` frames predict the next; a run's first ones are predicted backwards.

    The first `length` frames from those after them, both in reverse order. After the last frame nothing counts. A run
    shorter than twice `length` is padded by reflection.
    """
    first, second = range(length), range(length, 2 * length)
    for offset, count, ended in _growing_runs(numbers, length):
        if ended and count < 2 * length:
            places = _reflected(range(2 * length), offset, count)
            ahead = max(0, count - length)
            yield _predicted(
                places, second[::-1], first[::-1], range(max(0, length - count), length), padded=True
            )
            if ahead:
                yield _predicted(places, first, second, range(ahead), padded=True)
        elif ended:
            rest = count % length
            if rest:
                begin = offset + count - rest
                targets = _reflected(range(count - rest, count - rest + length), offset, count)
                yield Window(
                    inputs=tuple(range(begin - length, begin)), targets=targets, scored=tuple(range(rest))
                )
        elif count >= 2 * length:
            places = tuple(range(offset + count - 2 * length, offset + count))
            if count == 2 * length:
                yield _predicted(places, second[::-1], first[::-1], range(length))
            yield _predicted(places, first, second, range(length))


def load_windows(frames: Iterable[Frame], plan: WindowPlan) -> Iterator[LoadedWindow]:
    """Yield a stream's windows with their pixels, holding no more frames than two windows need."""
    held: dict[int, Frame] = {}

    def numbers() -> Iterator[int]:
        for place, frame in enumerate(frames):
            held[place] = frame
            yield frame.number

    for window in plan(numbers()):
        needed = 2 * max(len(window.inputs), len(window.targets))
        for place in [place for place in held if place < max(held) - needed]:
            del held[place]
        inputs = torch.stack([held[place].pixels for place in window.inputs])
        same = window.targets == window.inputs
        yield LoadedWindow(
            window=window,
            inputs=inputs,
            targets=inputs if same else torch.stack([held[place].pixels for place in window.targets]),
            numbers=tuple(held[window.targets[index]].number for index in window.scored),
        )


def _growing_runs(numbers: Iterable[int], every: int) -> Iterator[tuple[int, int, bool]]:
    """Yield each run whenever it has grown by `every` frames, and when it has ended.

    A run is consecutive frames so far: the first one's position, how many, and whether a gap or the end follows.
    """
    offset = count = 0
    last: int | None = None
    for number in numbers:
        if last is not None and number != last + 1:
            yield offset, count, True
            offset, count = offset + count, 0
        last = number
        count += 1
        if count % every == 0:
            yield offset, count, False
    if count:
        yield offset, count, True


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the runs of consecutive numbers as (first position, position after the last)."""
    cuts = (np.flatnonzero(np.diff(numbers) != 1) + 1).tolist() if len(numbers) else []
    edges = [0, *cuts, len(numbers)]
    return list(pairwise(edges)) if len(numbers) else []


def _reflected(places: Iterable[int], offset: int, count: int) -> tuple[int, ...]:
    """Return positions in a run of `count` frames, those beyond its end reflected at its last and first frame."""
    period = max(1, 2 * (count - 1))
    return tuple(offset + min(place % period, period - place % period) % count for place in places)


def _reconstructed(places: Iterable[int], scored: Iterable[int], *, padded: bool = False) -> Window:
    positions = tuple(places)
    return Window(inputs=positions, targets=positions, scored=tuple(scored), padded=padded)


def _predicted(
    places: Sequence[int],
    inputs: Iterable[int],
    targets: Iterable[int],
    scored: Iterable[int],
    *,
    padded: bool = False,
) -> Window:
    return Window(
        inputs=tuple(places[index] for index in inputs),
        targets=tuple(places[index] for index in targets),
        scored=tuple(scored),
        padded=padded,
    )
