"""`benchmark shapley`: how far estimates of Shapley values lie from exact ones, and what that accuracy costs in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import ClassVar

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Figure, Row
from xai_ad.benchmarks.cases import LAYOUT, MODEL, Case, anomalous_cases, washers
from xai_ad.benchmarks.interleaving import interleave, median_ratio
from xai_ad.benchmarks.libraries import Library
from xai_ad.benchmarks.shapley_games import KnownGame, known_game, play
from xai_ad.benchmarks.shapley_tables import relative_error
from xai_ad.benchmarks.sides import Side
from xai_ad.benchmarks.speed_worker import TimedExplanation
from xai_ad.explain import Fill, KernelShap
from xai_ad.explain.kernel_shap import Estimator
from xai_ad.fields import member, whole
from xai_ad.progress import Progress, part_of, silent

BUDGETS = (32, 64, 128, 256, 512)
"""Evaluations, the full and the empty coalition counted."""
RUNGS = (*range(16, 32, 2), *range(32, 64, 4), *range(64, 128, 8), *range(128, 513, 32))
"""The budgets that are tried, smallest first, for one that is as accurate as shap with the most."""
TIME_TO_ACCURACY = (
    "shap_error", "shap_evaluations", "shap_seconds", "default_error", "default_evaluations", "default_seconds",
    "default_precision", "ratio",
)  # fmt: skip
DEFAULT = KernelShap().estimator
JUDGED_AT = 128
"""The budget at which the default is compared with the better of shap's two."""

PLAYED, TIMED = 0.6, 0.8
"""The progress at which the games are known, and at which they are played."""


@dataclass(frozen=True, kw_only=True)
class ShapleyBenchmark(Benchmark):
    """Relative squared errors of estimated Shapley values, medians over images and seeds at equal evaluations.

    `m` is exactly how many segments an image is cut into, `fill` what stands in for an absent one. Estimators play on
    tables of all coalitions, so that no network is asked; `rounds` is for the time that an accuracy takes.
    """

    id: ClassVar[str] = "shapley"
    called: ClassVar[str] = "the benchmark 'shapley'"
    sentence: ClassVar[str] = (
        "Shapley values: |estimate - exact|^2 / |exact|^2 at equal evaluations, by estimator."
    )

    model: str = MODEL
    data: Path = field(default_factory=washers)
    layout: str = LAYOUT
    images: int = whole(2, low=1)
    m: int = whole(14, low=10, high=64)  # fewer have no more coalitions than the largest budget
    fill: Fill = member(Fill.MEAN)
    seeds: int = whole(20, low=1)
    rounds: int = whole(3, low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each estimator and budget, and how much longer shap takes to the same accuracy."""
        cases = anomalous_cases(self.model, self.data, self.layout, self.images)
        games = [
            known_game(
                case,
                players=self.m,
                fill=self.fill,
                on_progress=part_of(
                    on_progress, PLAYED * done / len(cases), PLAYED * (done + 1) / len(cases)
                ),
            )
            for done, case in enumerate(cases)
        ]
        errors: dict[tuple[Estimator, int], float] = {}
        for estimator in (DEFAULT, *(other for other in Estimator if other is not DEFAULT)):
            for budget in BUDGETS:
                errors[estimator, budget] = self.median_error(games, estimator, budget)
                share = len(errors) / (len(Estimator) * len(BUDGETS))
                part_of(on_progress, PLAYED, TIMED)(share)
        rows: tuple[Row, ...] = tuple(
            {
                "estimator": name_of(estimator),
                "m": self.m,
                "fill": str(self.fill),
                "evaluations": budget,
                "error": error,
            }
            for (estimator, budget), error in errors.items()
        )
        target = errors[Estimator.SHAP, BUDGETS[-1]]
        time = self._time_to(target, games, cases, part_of(on_progress, TIMED, 1.0))
        return BenchmarkResult(
            rows=rows, figures={"time_to_accuracy": time}, remarks=_remarks(errors, time, games)
        )

    def median_error(self, games: Sequence[KnownGame], estimator: Estimator, budget: int) -> float:
        """Return an estimator's relative squared error, the median over games and seeds."""
        return median(
            relative_error(play(estimator, game, budget=budget, seed=seed)[0].values, game.values)
            for game in games
            for seed in range(self.seeds)
        )

    def _time_to(
        self, target: float, games: Sequence[KnownGame], cases: Sequence[Case], on_progress: Progress
    ) -> Mapping[str, Figure]:
        """Time shap's own pipeline with the largest budget, and ours with the smallest that is as accurate.

        Where none is, there is no time of ours, and no ratio.
        """
        tried = ((budget, self.median_error(games, DEFAULT, budget)) for budget in RUNGS)
        reached = next(((budget, error) for budget, error in tried if error <= target), None)
        shap = self._side(cases, BUDGETS[-1], Library.SHAP)
        ours = None if reached is None else self._side(cases, reached[0])
        turns = {"ours": ours, "shap": shap} if ours else {"shap": shap}
        interleave(turns, rounds=self.rounds, on_progress=on_progress)
        found: dict[str, Figure] = dict.fromkeys(TIME_TO_ACCURACY)
        found |= {
            "shap_error": target,
            "shap_evaluations": shap.timings[0].evaluations,
            "shap_seconds": median(shap.seconds),
        }
        if reached and ours:
            found |= {
                "default_error": reached[1],
                "default_evaluations": ours.timings[0].evaluations,
                "default_seconds": median(ours.seconds),
                "default_precision": str(ours.timings[0].precision),
                "ratio": median_ratio(shap.seconds, ours.seconds),
            }
        return found

    def _side(self, cases: Sequence[Case], evaluations: int, library: Library | None = None) -> Side:
        request = TimedExplanation(
            case=cases[0],
            method="kernel_shap",
            library=library,
            evaluations=evaluations,
            players=self.m,
        )
        return Side(request=request, cases=cases)


def name_of(estimator: Estimator) -> str:
    """Return what the JSON calls an estimator: the explainer's own is the default."""
    return "default" if estimator is DEFAULT else str(estimator)


def _remarks(
    errors: Mapping[tuple[Estimator, int], float], time: Mapping[str, Figure], games: Sequence[KnownGame]
) -> tuple[str, ...]:
    better = min(errors[Estimator.SHAP, JUDGED_AT], errors[Estimator.SHAP_NO_L1, JUDGED_AT])
    ours = errors[DEFAULT, JUDGED_AT]
    off = max(game.values_error for game in games)
    known = (
        "The values are exact, from all coalitions."
        if off == 0
        else f"The values are no exact ones but the mean of two long regressions, off by {off:.1e} themselves."
    )
    timed = f"No budget up to {RUNGS[-1]} comes to shap's error with {BUDGETS[-1]}."
    if time["ratio"] is not None:
        timed = (
            f"shap's own pipeline takes {time['shap_seconds']:.2f} s to its error with {BUDGETS[-1]} evaluations, the "
            f"default {time['default_seconds']:.3f} s with {time['default_evaluations']}: {time['ratio']:.1f} times less."
        )
    return (
        f"{known} Errors are medians over {len(games)} images and their seeds; default is {DEFAULT}.",
        f"At {JUDGED_AT} evaluations the default's error is 1/{better / max(ours, 1e-300):.0f} of the better of shap's.",
        timed,
    )
