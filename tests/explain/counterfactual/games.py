"""Games whose every value is known: what searches are measured against."""

import numpy as np

from xai_ad.explain.choices import Direction
from xai_ad.explain.counterfactual.swap import Swap
from xai_ad.progress import silent


class KnownGame(Swap):
    """A swap on a grid of n x n cells of one pixel whose score is a function of the changed cells, (n, n) bool.

    The limit is 1. Guesses are off by `noise`, a function of the change, relative; confirmations are right.
    `seen` holds every change that was scored, `confirmed` those in float32.
    """

    limit = 1.0

    def __init__(self, n, score, *, direction=Direction.REPAIR, noise=None, gains=None):
        self._sign = 1 if direction is Direction.REPAIR else -1
        self._direction, self._score, self._n = direction, score, n
        self._noise = noise or (lambda change: 0.0)
        self._gains = np.zeros((n, n)) if gains is None else gains
        self.rounded = noise is not None
        self.deviation, self.evaluations = 0.0, 0
        self.seen, self.confirmed = [], []

    def value(self, change):
        """Return a change's score, and insist that its rectangles are disjoint."""
        cells = np.zeros((self._n, self._n), dtype=bool)
        for r in change:
            assert not cells[r.top : r.top + r.height, r.left : r.left + r.width].any(), "overlap"
            cells[r.top : r.top + r.height, r.left : r.left + r.width] = True
        return float(self._score(cells))

    def guess(self, rectangles, on_progress=silent):
        """Score each rectangle by itself, with noise."""
        return self.guess_together([(rectangle,) for rectangle in rectangles], on_progress)

    def guess_together(self, changes, on_progress=silent):
        """Score each change, with noise."""
        self.evaluations += len(changes)
        self.seen += changes
        on_progress(1.0)
        return np.array([self.value(change) * (1 + self._noise(change)) for change in changes])

    def confirm(self, change, guessed=None):
        """Score a change without noise."""
        self.evaluations += 1
        self.confirmed.append(change)
        score = self.value(change)
        if guessed is not None:
            self.deviation = max(self.deviation, abs(guessed / score - 1))
        return score

    def learn(self, rectangles):
        """Compare guesses with scores without noise, which count as confirmed."""
        for rectangle, guessed in zip(rectangles, self.guess(rectangles), strict=True):
            self.confirm((rectangle,), guessed)

    def flips(self, score):
        """Return whether a score is the other verdict."""
        return score <= 1 if self._direction is Direction.REPAIR else score > 1

    def pixel_gains(self):
        """Return what the error maps would say."""
        self.evaluations += 2
        return self._gains


def bumpy(n, seed, *, start=3.0, sign=-1):
    """Return a score of changed cells: each has its own gain, and every border between kept and changed costs."""
    rng = np.random.default_rng(seed)
    gains = rng.exponential(size=(n, n)) ** 2
    gains *= 2.4 / gains.sum()
    costs = 0.02 * rng.random((n, n))

    def score(cells):
        borders = (cells[1:] ^ cells[:-1]) * costs[1:]
        sides = (cells[:, 1:] ^ cells[:, :-1]) * costs[:, 1:]
        return start + sign * (gains[cells].sum() - borders.sum() - sides.sum())

    return score, gains


def rough(amount, seed=0):
    """Return noise of at most that size that depends on the change alone."""

    def noise(change):
        places = [value for r in change for value in (r.top, r.left, r.height, r.width)]
        return float(np.random.default_rng([seed, *places]).uniform(-amount, amount))

    return noise


def smallest(game, grid):
    """Return the brute-force answer: the index of the smallest rectangle that flips with the largest margin."""
    ranked = []
    for index, rectangle in enumerate(grid.rectangles):
        score = game.value((rectangle,))
        if game.flips(score):
            ranked.append((rectangle.area, game.shortfall(score), index))
    return min(ranked)[2] if ranked else None
