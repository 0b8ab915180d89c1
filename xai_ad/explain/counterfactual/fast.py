"""The fast search: the rectangle that promises most is scored next, at most a tenth of the grid's.

It chooses by expected improvement: how likely a rectangle is to flip the verdict, by what was scored so far, times the
cells that it would save against the smallest known to flip.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.explain.counterfactual.rectangles import Grid
from xai_ad.explain.counterfactual.surrogate import Surrogate
from xai_ad.explain.counterfactual.swap import Found, Swap
from xai_ad.progress import Progress, silent

SHARE = 10
"""The grid's rectangles for each image that the fast search may score, everything counted."""

MOST = 256
"""More images than this are never scored: each is a row of memory as long as the list of rectangles."""

BATCH = 4
"""Rectangles scored before the next are chosen: fewer learn more, more are faster."""

RESERVE = 4
"""The last images of a search, which confirm what was guessed; a quarter of all where there are few."""

HOPELESS = 1e-3
"""Expected improvement, in cells, below which looking on is not worth an image."""


def allowed(rectangles: int) -> int:
    """Return how many images a fast search of that many rectangles may score."""
    return min(rectangles // SHARE, MOST)


class FastSearch:
    """One fast search; `last` is what the swap's count of images may come to, confirmations included.

    `start` and `whole` are the float32 scores of the image unchanged and changed everywhere, which are known from
    elsewhere and not scored again.
    """

    def __init__(self, swap: Swap, grid: Grid, *, start: float, whole: float, last: int) -> None:
        self._swap, self._grid, self._last = swap, grid, last
        gains = grid.cell_sums(swap.pixel_gains())
        self.surrogate = Surrogate(grid, start=swap.shortfall(start), gains=gains)
        self._guessed: dict[int, float] = {}
        self._confirmed: dict[int, float] = {}
        self._budget = self._left
        self._reserve = max(1, min(RESERVE, self._budget // 4))
        self._take(len(grid.rectangles) - 1, whole)

    def run(self, on_progress: Progress = silent) -> Found:
        """Return the smallest rectangle found to flip, or else the one that came nearest."""
        while self._left > 1 and (chosen := self._choose()):
            if chosen[0] in self._guessed:
                self._confirm(chosen[0])
            else:
                self._guess([index for index in chosen if index not in self._guessed])
            on_progress(1 - self._left / self._budget)
        flips = self._flips()
        if not flips and self._guessed and self._left > 0:
            self._confirm(min(self._guessed, key=lambda index: self._swap.shortfall(self._guessed[index])))
            flips = self._flips()
        best = min(flips or self._confirmed, key=self._rank if flips else self._shortfall)
        score = self._confirmed[best]
        return Found(change=(self._grid.rectangles[best],), score=score, flipped=bool(flips))

    @property
    def _left(self) -> int:
        return self._last - self._swap.evaluations

    def _choose(self) -> list[int]:
        """Return the rectangles to look at next, the most promising first.

        None where one is known to flip and no other promises enough; while none is known the search goes on, for one
        or for the nearest.
        """
        known = [int(self._grid.areas[index]) for index in self._flips()]
        smallest = min(known, default=self._grid.n**2 + 1)
        enough = HOPELESS if known else 0.0
        deviations = np.sqrt(self.surrogate.variance) + 1e-12
        likely = torch.special.ndtr(torch.from_numpy(-self.surrogate.mean / deviations)).numpy()
        expected: NDArray[np.float64] = likely * np.maximum(smallest - self._grid.areas, 0)
        expected[list(self._confirmed)] = -1
        if self._left <= self._reserve:  # too late to guess what could no longer be confirmed
            guessed = np.isin(np.arange(len(expected)), list(self._guessed))
            expected[~guessed] = -1
        order = np.lexsort((self.surrogate.mean, -expected))[: min(BATCH, max(self._left - self._reserve, 1))]
        return [int(index) for index in order if expected[index] >= enough]

    def _guess(self, indices: list[int]) -> None:
        scores = self._swap.guess([self._grid.rectangles[index] for index in indices])
        for index, score in zip(indices, scores.tolist(), strict=True):
            self._guessed[index] = score
            error = self._swap.tolerance * score / self._swap.limit
            self.surrogate.observe(index, self._swap.shortfall(score), deviation=error / 2)

    def _confirm(self, index: int) -> None:
        guessed = self._guessed.pop(index)
        self._take(index, self._swap.confirm((self._grid.rectangles[index],), guessed))

    def _take(self, index: int, score: float) -> None:
        self._confirmed[index] = score
        self.surrogate.observe(index, self._swap.shortfall(score))

    def _flips(self) -> list[int]:
        return [index for index, score in self._confirmed.items() if self._swap.flips(score)]

    def _rank(self, index: int) -> tuple[int, float, int]:
        return int(self._grid.areas[index]), self._shortfall(index), index

    def _shortfall(self, index: int) -> float:
        return self._swap.shortfall(self._confirmed[index])
