"""Several disjoint rectangles that flip the verdict together, where no single one does.

A greedy search: what is found is pruned until nothing can be taken away, and nothing is claimed of what was not found.
"""

import dataclasses
import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.counterfactual.rectangles import Grid, are_disjoint, total_area
from xai_ad.explain.counterfactual.swap import Change, Found, Swap
from xai_ad.progress import Progress, silent

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
"""The largest share of the image that one rectangle may take, in the order tried: small ones first."""

HOPELESS = 0.3
"""The part of the way to the limit that gains may be short of, added up, for a share to be tried."""


@dataclass(kw_only=True, eq=False)
class TogetherSearch:
    """A search for at most `most` disjoint rectangles.

    `start` is the unchanged image's shortfall and `gains`, (N,), what each of the grid's rectangles by itself takes
    off it, known or foreseen. Rectangles are added one by one: the `shortlist` with the largest gains that fit beside
    those already taken are scored with them. `last` is what the count of images scored may come to.
    """

    swap: Swap
    grid: Grid
    start: float
    gains: NDArray[np.float64]
    most: int
    shortlist: int
    last: float = math.inf

    def run(self, on_progress: Progress = silent) -> Found | None:
        """Return a change that flips, pruned as far as the images last, or the one that came nearest, or None."""
        nearest: tuple[float, Change] | None = None
        shares = self._promising()
        for number, share in enumerate(shares):
            grown = self._grow(share)
            on_progress((number + 1) / (len(shares) + 1))
            if isinstance(grown, Found):
                return self._prune(grown, on_progress)
            nearest = min(filter(None, (nearest, grown)), default=None, key=lambda trial: trial[0])
        if nearest is None or self._left < 1:
            return None
        score = self.swap.confirm(nearest[1])
        return Found(change=nearest[1], score=score, flipped=self.swap.flips(score))

    @property
    def _left(self) -> float:
        return self.last - self.swap.evaluations

    def _promising(self) -> list[float]:
        """Return the shares at which the gains, if they added up, would come near the limit, or else the nearest."""
        foreseen = {share: self._foreseen(share) for share in SHARES}
        near = [share for share in SHARES if foreseen[share] <= HOPELESS * self.start]
        return near or [min(SHARES, key=lambda share: foreseen[share])]

    def _foreseen(self, share: float) -> float:
        order, gain = self._by_gain(share), 0.0
        change: Change = ()
        while len(change) < self.most and (fitting := self._fitting(order, change, 1)):
            change = (*change, self.grid.rectangles[fitting[0]])
            gain += float(self.gains[fitting[0]])
        return self.start - gain

    def _by_gain(self, share: float) -> list[int]:
        """Return the rectangles of at most that share of the image that gain anything, the best first."""
        small = (self.grid.areas <= share * self.grid.n**2) & (self.gains > 0)
        return [int(index) for index in np.argsort(-self.gains, kind="stable") if small[index]]

    def _fitting(self, order: list[int], change: Change, most: float) -> list[int]:
        """Return the first of them that overlap nothing already taken."""
        fit = (
            index
            for index in order
            if all(are_disjoint(self.grid.rectangles[index], taken) for taken in change)
        )
        return list(itertools.islice(fit, max(0, int(most))))

    def _grow(self, share: float) -> Found | tuple[float, Change] | None:
        """Add rectangles until they flip; else return how near the best of several came, and which, if any did."""
        order = self._by_gain(share)
        change: Change = tuple(self.grid.rectangles[index] for index in order[:1])
        nearest: tuple[float, Change] | None = None
        while change and len(change) < self.most:
            fitting = self._fitting(order, change, min(self.shortlist, self._left - 2))
            changes = [(*change, self.grid.rectangles[index]) for index in fitting]
            if not changes:
                break
            scores = self.swap.guess_together(changes)
            shortfalls = self.swap.shortfalls(scores)
            ranked = np.argsort(shortfalls, kind="stable")
            found = self._first_flip([changes[rank] for rank in ranked], scores[ranked])
            if found is not None:
                return found
            best = int(ranked[0])
            if nearest is not None and shortfalls[best] >= nearest[0]:
                break
            change = changes[best]
            nearest = float(shortfalls[best]), change
        return nearest

    def _first_flip(self, changes: list[Change], guesses: NDArray[np.float64]) -> Found | None:
        """Return the first of the changes, in their order, that is confirmed to flip."""
        for change, guess in zip(changes, guesses.tolist(), strict=True):
            if self._left < 1:
                return None
            if self.swap.best_cases(np.array(guess)) <= 0:
                score = self.swap.confirm(change, guess)
                if self.swap.flips(score):
                    return Found(change=change, score=score, flipped=True)
        return None

    def _prune(self, found: Found, on_progress: Progress) -> Found:
        """Take away rectangles, and rows and columns at their sides, the largest first, while the verdict stays flipped."""
        while True:
            on_progress(1.0)
            smaller = sorted(self._smaller(found.change), key=total_area)
            if len(smaller) >= self._left:
                return found
            kept = self._first_flip(smaller, self.swap.guess_together(smaller))
            if kept is None:
                return dataclasses.replace(found, exhaustive=self._left >= 1)
            found = kept

    def _smaller(self, change: Change) -> list[Change]:
        """Return the change less one rectangle, and less one row or column of cells at a side of one."""
        changes: list[Change] = []
        for place, rectangle in enumerate(change):
            before, after = change[:place], change[place + 1 :]
            changes.append((*before, *after))
            changes += [(*before, trimmed, *after) for trimmed in self.grid.trimmed(rectangle)]
        return [smaller for smaller in changes if smaller]
