"""`benchmark shapley` and `coverage`: how far estimates of Shapley values and their intervals lie from exact values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import ClassVar

import numpy as np

from xai_ad.benchmarks.base import BenchmarkResult, Case, CasesBenchmark, Figure, Row
from xai_ad.benchmarks.explaining import Side, TimedExplanation
from xai_ad.benchmarks.games import KnownGame, known_game, play, relative_error
from xai_ad.benchmarks.libraries import Library
from xai_ad.errors import BenchmarkError
from xai_ad.explain import Fill, KernelShap
from xai_ad.explain.kernel_shap import Estimator
from xai_ad.fields import member, whole
from xai_ad.machine.timing import interleave, median_ratio
from xai_ad.progress import Progress, each, part_of, silent

BUDGETS = (32, 64, 128, 256, 512)
"""Evaluations, the full and the empty coalition counted."""
RUNGS = (*range(16, 32, 2), *range(32, 64, 4), *range(64, 128, 8), *range(128, 513, 32))
"""The budgets that are tried, smallest first, for one that is as accurate as shap with the most."""
COVERED = (32, 64, 128)
"""The budgets at which intervals are judged."""
JUDGED_AT = 128
"""The budget at which the default is compared with the better of shap's two."""
DEFAULT = KernelShap().estimator
ESTIMATORS = (DEFAULT, *(other for other in Estimator if other is not DEFAULT))
COVERAGE_REMARKS = (
    "Coverage is the share of exact values inside their 90 % intervals, over segments, images and seeds; the aim is 0.85 to 0.97.",
    "The relative width is the intervals' mean width over the mean size of the values.",
)
PLAYED, TIMED = 0.6, 0.8
"""The progress at which the games are known, and at which they are played."""


@dataclass(frozen=True, kw_only=True)
class ShapleyBenchmark(CasesBenchmark):
    """Relative squared errors of estimated Shapley values, medians over images and seeds at equal evaluations.

    `m` is exactly how many segments an image is cut into, `fill` what stands in for an absent one. Estimators play on
    tables of all coalitions, so that no network is asked; `rounds` is for the time that an accuracy takes.
    """

    id: ClassVar[str] = "shapley"
    sentence: ClassVar[str] = (
        "Shapley values: |estimate - exact|^2 / |exact|^2 at equal evaluations, by estimator."
    )

    images: int = whole(2, low=1)
    m: int = whole(14, low=10, high=64)  # fewer have no more coalitions than the largest budget
    fill: Fill = member(Fill.MEAN)
    seeds: int = whole(20, low=1)
    rounds: int = whole(3, low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each estimator and budget, and how much longer shap takes to the same accuracy."""
        cases = self.cases(self.images)
        games = _games(cases, self.m, self.fill, part_of(on_progress, 0.0, PLAYED))
        errors: dict[tuple[Estimator, int], float] = {}
        rows: list[Row] = []
        played = list(product(ESTIMATORS, BUDGETS))
        for (estimator, budget), part in each(played, part_of(on_progress, PLAYED, TIMED)):
            error = errors[estimator, budget] = self.median_error(games, estimator, budget)
            name = "default" if estimator is DEFAULT else str(estimator)
            game: dict[str, Figure] = {"estimator": name, "m": self.m, "fill": str(self.fill)}
            rows.append(game | {"evaluations": budget, "error": error})
            part(1.0)
        target = errors[Estimator.SHAP, BUDGETS[-1]]
        time = self._time_to(target, games, cases, part_of(on_progress, TIMED, 1.0))
        remarks = _remarks(errors, time, games)
        return BenchmarkResult(rows=tuple(rows), figures={"time_to_accuracy": time}, remarks=remarks)

    def median_error(self, games: Sequence[KnownGame], estimator: Estimator, budget: int) -> float:
        """Return an estimator's relative squared error, the median over games and seeds."""
        return median(
            relative_error(play(estimator, game, budget=budget, seed=seed).values, game.values)
            for game, seed in product(games, range(self.seeds))
        )

    def _time_to(
        self, target: float, games: Sequence[KnownGame], cases: Sequence[Case], on_progress: Progress
    ) -> Mapping[str, Figure]:
        """Time shap's own pipeline with the largest budget, and ours with the smallest that is as accurate.

        Where none is, there is no time of ours, and no ratio.
        """
        tried = ((budget, self.median_error(games, DEFAULT, budget)) for budget in RUNGS)
        budget, error = next(((budget, error) for budget, error in tried if error <= target), (None, None))
        shared = TimedExplanation(case=cases[0], method="kernel_shap", players=self.m)
        shap = Side(cases, shared, library=Library.SHAP, evaluations=BUDGETS[-1])
        ours = Side(cases, shared, evaluations=budget) if budget else None
        sides = {"ours": ours, "shap": shap} if ours else {"shap": shap}
        interleave(sides, rounds=self.rounds, on_progress=on_progress)
        return {
            "shap_error": target,
            "shap_evaluations": shap.timings[0].evaluations,
            "shap_seconds": median(shap.seconds),
            "default_error": error,
            "default_evaluations": ours.timings[0].evaluations if ours else None,
            "default_seconds": median(ours.seconds) if ours else None,
            "default_precision": str(ours.timings[0].precision) if ours else None,
            "ratio": median_ratio(shap.seconds, ours.seconds) if ours else None,
        }


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
        games = _games(self.cases(self.images), self.m, self.fill, on_progress)
        rows = tuple(self.row(games, budget) for budget in COVERED)
        on_progress(1.0)
        return BenchmarkResult(rows=rows, remarks=COVERAGE_REMARKS)

    def row(self, games: Sequence[KnownGame], budget: int) -> Row:
        """Return how often, over games, seeds and players, the interval holds the exact value, and how wide it is."""
        inside, widths = [], []
        for game, seed in product(games, range(self.seeds)):
            found = play(DEFAULT, game, budget=budget, seed=seed)
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


def _games(cases: Sequence[Case], players: int, fill: Fill, on_progress: Progress) -> list[KnownGame]:
    parts = each(cases, on_progress)
    return [known_game(case, players=players, fill=fill, on_progress=part) for case, part in parts]


def _remarks(
    errors: Mapping[tuple[Estimator, int], float], time: Mapping[str, Figure], games: Sequence[KnownGame]
) -> tuple[str, ...]:
    better = min(errors[Estimator.SHAP, JUDGED_AT], errors[Estimator.SHAP_NO_L1, JUDGED_AT])
    times = better / max(errors[DEFAULT, JUDGED_AT], 1e-300)
    off = max(game.values_error for game in games)
    no_exact_ones = f"no exact ones but the mean of two long regressions, off by {off:.1e} themselves."
    known = no_exact_ones if off else "exact, from all coalitions."
    timed = f"No budget up to {RUNGS[-1]} comes to shap's error with {BUDGETS[-1]}."
    if time["ratio"] is not None:
        timed = (
            f"shap's own pipeline takes {time['shap_seconds']:.2f} s to its error with {BUDGETS[-1]} evaluations, the "
            f"default {time['default_seconds']:.3f} s with {time['default_evaluations']}: {time['ratio']:.1f} times less."
        )
    return (
        f"The values are {known} Errors are medians over {len(games)} images and their seeds; default is {DEFAULT}.",
        f"At {JUDGED_AT} evaluations the default's error is 1/{times:.0f} of the better of shap's.",
        timed,
    )
