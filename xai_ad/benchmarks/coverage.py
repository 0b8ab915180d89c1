"""`benchmark coverage`: how often KernelSHAP's 90 % intervals hold the exact value."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Row
from xai_ad.benchmarks.cases import LAYOUT, MODEL, anomalous_cases, washers
from xai_ad.benchmarks.shapley_games import KnownGame, of_table, play
from xai_ad.benchmarks.shapley_tables import table_of
from xai_ad.errors import BenchmarkError
from xai_ad.explain import Fill, KernelShap
from xai_ad.fields import member, whole
from xai_ad.progress import Progress, part_of, silent

BUDGETS = (32, 64, 128)
LEAST_PLAYERS = 8
"""Fewer have no more coalitions than the largest budget, and an exact value needs no interval."""
MOST_PLAYERS = 14


@dataclass(frozen=True, kw_only=True)
class CoverageBenchmark(Benchmark):
    """The share of exact values inside the intervals, over all segments of all images, each with several seeds.

    Exact values come from tables of all 2^`m` coalitions, so that no network is asked once these are there.
    """

    id: ClassVar[str] = "coverage"
    called: ClassVar[str] = "the benchmark 'coverage'"
    sentence: ClassVar[str] = "Shapley values: the share of exact ones inside the 90 % intervals."

    model: str = MODEL
    data: Path = field(default_factory=washers)
    layout: str = LAYOUT
    images: int = whole(30, low=1)
    m: int = whole(10, low=LEAST_PLAYERS, high=MOST_PLAYERS)
    fill: Fill = member(Fill.MEAN)
    seeds: int = whole(5, low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each budget."""
        cases = anomalous_cases(self.model, self.data, self.layout, self.images)
        games = [
            of_table(
                table_of(
                    case,
                    players=self.m,
                    fill=self.fill,
                    on_progress=part_of(on_progress, done / len(cases), (done + 1) / len(cases)),
                )
            )
            for done, case in enumerate(cases)
        ]
        rows = tuple(self.row(games, budget) for budget in BUDGETS)
        on_progress(1.0)
        return BenchmarkResult(rows=rows, remarks=(_REMARK, _WIDTH))

    def row(self, games: Sequence[KnownGame], budget: int) -> Row:
        """Return how often, over games, seeds and players, the interval holds the exact value, and how wide it is."""
        inside, widths = [], []
        for game in games:
            for seed in range(self.seeds):
                found, _ = play(KernelShap().estimator, game, budget=budget, seed=seed)
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


_REMARK = "Coverage is the share of exact values inside their 90 % intervals, over segments, images and seeds; the aim is 0.85 to 0.97."
_WIDTH = "The relative width is the intervals' mean width over the mean size of the values."
