"""`benchmark coverage`: how often KernelSHAP's 90 % intervals hold the exact value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xai_ad.benchmarks.base import BenchmarkResult, Row
from xai_ad.benchmarks.cases import CasesBenchmark
from xai_ad.benchmarks.games import KnownGame, known_game, play
from xai_ad.errors import BenchmarkError
from xai_ad.explain import Fill, KernelShap
from xai_ad.fields import member, whole
from xai_ad.progress import Progress, each, silent

BUDGETS = (32, 64, 128)


@dataclass(frozen=True, kw_only=True)
class CoverageBenchmark(CasesBenchmark):
    """The share of exact values inside the intervals, over all segments of all images, each with several seeds.

    Exact values come from tables of all 2^`m` coalitions, so that no network is asked once these are there. Fewer
    segments have no more coalitions than the largest budget, and an exact value needs no interval.
    """

    id: ClassVar[str] = "coverage"
    sentence: ClassVar[str] = "Shapley values: the share of exact ones inside the 90 % intervals."

    images: int = whole(30, low=1)
    m: int = whole(10, low=8, high=14)
    fill: Fill = member(Fill.MEAN)
    seeds: int = whole(5, low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each budget."""
        games = [
            known_game(case, players=self.m, fill=self.fill, on_progress=part)
            for case, part in each(self.cases(self.images), on_progress)
        ]
        rows = tuple(self.row(games, budget) for budget in BUDGETS)
        on_progress(1.0)
        return BenchmarkResult(rows=rows, remarks=(_COVERAGE, _WIDTH))

    def row(self, games: Sequence[KnownGame], budget: int) -> Row:
        """Return how often, over games, seeds and players, the interval holds the exact value, and how wide it is."""
        inside, widths = [], []
        for game in games:
            for seed in range(self.seeds):
                found = play(KernelShap().estimator, game, budget=budget, seed=seed)
                if found.low is None or found.high is None:
                    raise BenchmarkError(f"The estimator gives no intervals at {budget} evaluations.")
                inside.append((found.low <= game.values) & (game.values <= found.high))
                widths.append((found.high - found.low).sum() / np.abs(game.values).sum())
        return {
            "m": self.m,
            "fill": str(self.fill),
            "images": len(games),
            "evaluations": budget,
            "coverage": float(np.mean(inside)),
            "relative_width": float(np.mean(widths)),
        }


_COVERAGE = "Coverage is the share of exact values inside their 90 % intervals, over segments, images and seeds; the aim is 0.85 to 0.97."
_WIDTH = "The relative width is the intervals' mean width over the mean size of the values."
