"""`benchmark shapley`: how far estimates of Shapley values lie from exact ones, and what that accuracy costs in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from xai_ad.benchmarks.base import BenchmarkResult, Figure
from xai_ad.benchmarks.cases import Case, CasesBenchmark
from xai_ad.benchmarks.explaining import Side, TimedExplanation
from xai_ad.benchmarks.games import KnownGame, known_game, play, relative_error
from xai_ad.benchmarks.interleaving import interleave, median_ratio
from xai_ad.benchmarks.libraries import Library
from xai_ad.explain import Fill, KernelShap
from xai_ad.explain.kernel_shap import Estimator
from xai_ad.fields import member, whole
from xai_ad.progress import Progress, each, part_of, silent

BUDGETS = (32, 64, 128, 256, 512)
"""Evaluations, the full and the empty coalition counted."""
RUNGS = (*range(16, 32, 2), *range(32, 64, 4), *range(64, 128, 8), *range(128, 513, 32))
"""The budgets that are tried, smallest first, for one that is as accurate as shap with the most."""
DEFAULT = KernelShap().estimator
JUDGED_AT = 128
"""The budget at which the default is compared with the better of shap's two."""

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
        games = [
            known_game(case, players=self.m, fill=self.fill, on_progress=part)
            for case, part in each(cases, part_of(on_progress, 0.0, PLAYED))
        ]
        estimators = (DEFAULT, *(other for other in Estimator if other is not DEFAULT))
        errors: dict[tuple[Estimator, int], float] = {}
        played = [(estimator, budget) for estimator in estimators for budget in BUDGETS]
        for key, part in each(played, part_of(on_progress, PLAYED, TIMED)):
            errors[key] = self.median_error(games, *key)
            part(1.0)
        time = self._time_to(
            errors[Estimator.SHAP, BUDGETS[-1]], games, cases, part_of(on_progress, TIMED, 1.0)
        )
        chosen: dict[str, Figure] = {"m": self.m, "fill": str(self.fill)}
        return BenchmarkResult(
            rows=tuple(
                {"estimator": _name(estimator), **chosen, "evaluations": budget, "error": error}
                for (estimator, budget), error in errors.items()
            ),
            figures={"time_to_accuracy": time},
            remarks=_remarks(errors, time, games),
        )

    def median_error(self, games: Sequence[KnownGame], estimator: Estimator, budget: int) -> float:
        """Return an estimator's relative squared error, the median over games and seeds."""
        return median(
            relative_error(play(estimator, game, budget=budget, seed=seed).values, game.values)
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
        budget, error = next(((budget, error) for budget, error in tried if error <= target), (None, None))
        shap = self._side(cases, BUDGETS[-1], Library.SHAP)
        ours = None if budget is None else self._side(cases, budget)
        sides = {"shap": shap} if ours is None else {"ours": ours, "shap": shap}
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

    def _side(self, cases: Sequence[Case], evaluations: int, library: Library | None = None) -> Side:
        request = TimedExplanation(
            case=cases[0], method="kernel_shap", library=library, evaluations=evaluations, players=self.m
        )
        return Side(request=request, cases=cases)


def _name(estimator: Estimator) -> str:
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
