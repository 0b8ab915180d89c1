"""Stretches of a window's frames: the shortest that flips the verdict, and whether frames beside the judged one suffice."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.counterfactual.exact import search_exactly
from xai_ad.explain.counterfactual.swap import Found, Swap
from xai_ad.explain.results import Rectangle
from xai_ad.progress import Progress, part_of

ANY = 0.6
"""The share of the progress that the search of any stretch fills; the rest is that of stretches beside the frame."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretches:
    """Every run of consecutive frames of a window, as rectangles of whole frames, the shortest first.

    Those that hold one of the frames `without` are left out.
    """

    frames: int
    height: int
    width: int
    without: Collection[int] = ()

    @cached_property
    def groups(self) -> list[list[Rectangle]]:
        """The stretches of each length, the shortest first; in a group they begin one after the other."""
        every = [
            [
                Rectangle(top=0, left=0, height=self.height, width=self.width, first=first, frames=length)
                for first in range(self.frames - length + 1)
                if not any(first <= frame < first + length for frame in self.without)
            ]
            for length in range(1, self.frames + 1)
        ]
        return [group for group in every if group]

    @cached_property
    def rectangles(self) -> list[Rectangle]:
        """All of them."""
        return [stretch for group in self.groups for stretch in group]

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """Each stretch's length in frames, (N,)."""
        return np.array([stretch.frames for stretch in self.rectangles], dtype=np.int64)


def search_stretches(
    swap: Swap, shape: tuple[int, int, int], frame: int, on_progress: Progress
) -> tuple[Found, bool]:
    """Return the shortest stretch of a window, (T, H, W), that flips a `frame`'s verdict, and whether one without it does.

    All are tried, T (T + 1) / 2 at most; of several as short, the one with the largest margin. A frame that is judged is
    mostly flipped by being exchanged itself: whether those around it suffice is the other half of the answer.
    """
    frames, height, width = shape
    every = Stretches(frames=frames, height=height, width=width)
    found, _ = search_exactly(swap, every, part_of(on_progress, 0.0, ANY))
    (stretch,) = found.change
    if not found.flipped or not stretch.first <= frame < stretch.first + stretch.frames:
        return found, found.flipped
    around = Stretches(frames=frames, height=height, width=width, without=(frame,))
    beside, _ = search_exactly(swap, around, part_of(on_progress, ANY, 1.0))
    return found, beside.flipped
