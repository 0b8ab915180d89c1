"""What a few scores say of all rectangles: a Gaussian process over the grid.

The error maps give a first guess, as if each cell carried its own share of the score into the changed image; every
score corrects it. Two kinds of corrections are foreseen: each cell's gain is another than the maps say (covariance of
two rectangles: their common cells), and rectangles with edges close to each other share what their borders do
(squared exponentials of the distance between their edges).
"""

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.counterfactual.rectangles import Grid

CELL_VARIANCE = 0.1
"""Variance of a cell's gain as a share of its square: the maps tell it to about a third."""

EDGE_VARIANCE = 0.1
"""Variance of each edge kernel as a share of the squared distance from the start to the limit."""

EDGE_LENGTHS = (1.5, 4.0)
"""The kernels' lengths in cells of an 8x8 grid: a border's own effect, and what wider surroundings do."""


class Surrogate:
    """The process over N rectangles: their shortfalls' posterior `mean` and `variance`, (N,) each.

    `start` is the unchanged image's shortfall and `gains` what each cell is first taken to take off it, (n * n,).
    Conditioning is exact and costs one row of the covariance an observation, so memory grows with the observations.
    """

    def __init__(self, grid: Grid, *, start: float, gains: NDArray[np.float64]) -> None:
        typical = np.abs(gains).mean()
        self._covers = grid.covers  # (N, n * n)
        self._weights = CELL_VARIANCE * (np.abs(gains) + typical) ** 2  # (n * n,)
        self._edges = grid.edges * (8 / grid.n)  # (N, 4)
        self._scale = EDGE_VARIANCE * max(abs(start), 0.2) ** 2
        self._jitter = 1e-6 * max(abs(start), 0.2) ** 2
        self._rows: list[NDArray[np.float64]] = []
        self.mean = start - self._covers @ gains
        self.variance = self._covers @ self._weights + self._scale * len(EDGE_LENGTHS)

    def observe(self, index: int, shortfall: float, deviation: float = 0.0) -> None:
        """Condition on one rectangle's shortfall, known but for an error of standard deviation `deviation`."""
        row = self._covariance(index)
        for earlier in self._rows:
            row -= earlier[index] * earlier
        spread = np.sqrt(max(row[index], 0.0) + deviation**2 + self._jitter)
        row /= spread
        self.mean = self.mean + row * ((shortfall - self.mean[index]) / spread)
        self.variance = np.maximum(self.variance - row**2, 0.0)
        self._rows.append(row)

    def _covariance(self, index: int) -> NDArray[np.float64]:
        distances = ((self._edges - self._edges[index]) ** 2).sum(axis=1)  # (N,)
        row = self._covers @ (self._weights * self._covers[index])
        for length in EDGE_LENGTHS:
            row = row + self._scale * np.exp(-distances / (2 * length**2))
        return np.asarray(row)
