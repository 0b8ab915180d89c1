"""The exact search: every rectangle in order of area, until one flips the verdict."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.counterfactual.swap import Found, Swap
from xai_ad.explain.results import Rectangle
from xai_ad.progress import Progress, part_of, silent

PROBES = 16
"""Rectangles, evenly spread, whose rounded and float32 scores are compared before rounded scores rule anything out."""


class Candidates(Protocol):
    """What is searched: N rectangles, the smallest first, in groups of one size; `areas`, (N,), in any unit."""

    @property
    def groups(self) -> list[list[Rectangle]]: ...  # noqa: D102
    @property
    def rectangles(self) -> list[Rectangle]: ...  # noqa: D102
    @property
    def areas(self) -> NDArray[np.int64]: ...  # noqa: D102


def search_exactly(
    swap: Swap, grid: Candidates, on_progress: Progress = silent
) -> tuple[Found, NDArray[np.float64]]:
    """Return the smallest rectangle that flips, of several the one with the largest margin, and all guesses, (N,).

    A rectangle is passed over only where its guess lies further from the limit than guesses are taken to err;
    the others are confirmed. Where a confirmation shows that guesses err more than was thought, those passed over
    are looked at again. Guesses are NaN where the search had no need to look. Where none flips, the rectangle is the
    one whose guess comes nearest.
    """
    if swap.rounded:
        places = np.unique(np.linspace(0, len(grid.rectangles) - 1, PROBES).astype(int))
        swap.learn([grid.rectangles[place] for place in places])
    judge = _Judge(swap, grid)
    total, done = len(grid.rectangles), 0
    for group in grid.groups:
        stop = done + len(group)
        progress = part_of(on_progress, done / total, stop / total)
        judge.guesses[done:stop] = swap.guess(group, progress)
        done = stop
        found = judge.smallest_flip(done, progress)
        if found is not None:
            return found, judge.guesses
    nearest = int(swap.shortfalls(judge.guesses).argmin())
    score = judge.confirm(nearest)
    # It may flip against all expectation, or show how far guesses err: then those passed over have another chance.
    found = judge.smallest_flip(total, on_progress)
    if found is None:
        found = Found(change=(grid.rectangles[nearest],), score=score, flipped=False, exhaustive=True)
    return found, judge.guesses


class _Judge:
    """Guesses, and the confirmations of those that may flip."""

    def __init__(self, swap: Swap, grid: Candidates) -> None:
        self._swap, self._grid = swap, grid
        self.guesses = np.full(len(grid.rectangles), np.nan)
        self.confirmed: dict[int, float] = {}

    def confirm(self, index: int) -> float:
        """Return a rectangle's float32 score, which is taken once."""
        if index not in self.confirmed:
            change = (self._grid.rectangles[index],)
            self.confirmed[index] = self._swap.confirm(change, self.guesses[index])
        return self.confirmed[index]

    def smallest_flip(self, done: int, on_progress: Progress) -> Found | None:
        """Return the best of the smallest that flip among the first `done` rectangles, or None."""
        best = self._best()
        while (candidate := self._next(done, best)) is not None:
            on_progress(1.0)  # a confirmation is an image too: the caller may stop here
            self.confirm(candidate)
            best = self._best()
        if best is None:
            return None
        return Found(
            change=(self._grid.rectangles[best],), score=self.confirmed[best], flipped=True, exhaustive=True
        )

    def _best(self) -> int | None:
        flips = (index for index, score in self.confirmed.items() if self._swap.flips(score))
        return min(flips, default=None, key=self._rank)

    def _rank(self, index: int) -> tuple[int, float, int]:
        return int(self._grid.areas[index]), self._swap.shortfall(self.confirmed[index]), index

    def _next(self, done: int, best: int | None) -> int | None:
        """Return the most promising rectangle not yet confirmed that may flip and beat the best, or None."""
        cases, areas = self._swap.best_cases(self.guesses[:done]), self._grid.areas[:done]
        may = cases <= 0
        may[[index for index in self.confirmed if index < done]] = False
        if best is not None:
            area, shortfall, _ = self._rank(best)
            may &= (areas < area) | ((areas == area) & (cases <= shortfall))
        candidates = np.flatnonzero(may)
        if not candidates.size:
            return None
        return int(candidates[np.lexsort((cases[candidates], areas[candidates]))[0]])
