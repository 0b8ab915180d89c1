"""`benchmark speed` on images: every explainer against the floor, the fastest batched forward, and against the libraries.

And what speed costs: in accuracy where it is bfloat16's, in areas missed where it is the fast search's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, ClassVar, cast

import numpy as np

from xai_ad.benchmarks.base import LAYOUT, Benchmark, BenchmarkResult, Case, CasesBenchmark, Figure, Row
from xai_ad.benchmarks.explaining import ALL_FIVE, GAMES, Side, TimedExplanation
from xai_ad.benchmarks.games import play, relative_error
from xai_ad.benchmarks.judging import VideoScoringBenchmark, inspecting_rates
from xai_ad.benchmarks.libraries import Library
from xai_ad.data.layouts import find_layout
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.errors import BenchmarkError
from xai_ad.explain import EXPLAINERS, Counterfactual, Fill, Search, explainer_options
from xai_ad.explain.base import MAX_BUDGET
from xai_ad.explain.kernel_shap import Estimator
from xai_ad.explain.masking import MaskingGame
from xai_ad.fields import whole
from xai_ad.inspection.explainers import explainer_here
from xai_ad.machine.execution import Execution, Precision
from xai_ad.machine.timing import interleave, median_ratio
from xai_ad.progress import Progress, each, part_of, silent

LIBRARIES = {"lime": Library.LIME, "kernel_shap": Library.SHAP}
OTHERS = {"lime": Library.CAPTUM_LIME, "kernel_shap": Library.CAPTUM_KERNEL_SHAP}
OF_SEVERAL = {"consensus"}
"""Maps made from other methods' maps take those methods' time."""
UNEQUAL = 0.05
"""LIME may draw a coalition twice and scores it once; more of a difference than this is other work."""
OTHERS_SHARE = 4
"""captum takes an image at a time, each as long as the last: a quarter of the evaluations tells its pace."""
COMPARED = 128
"""Coalitions that bfloat16's values are made from, and as many drawn ones are compared by score."""
FIRST = 0.7
"""The progress at which the first round is over."""

REMARKS = """\
The floor is {floors} images a second; a floor ratio of 1 is an explanation that takes its forwards alone, and what it \
adds to each of them stands beside it, in milliseconds.
A speedup is the library's seconds an evaluation over ours, both of the first round.
All five explanations of one image as they are by default (precision auto: {auto}) take {all_five_seconds:.1f} s, \
{all_five_over_shap:.2f} times what shap's own pipeline takes with {evaluations} samples ({shap_1000_seconds:.1f} s).
LRP takes {lrp_over_gradient:.2f} times one forward and backward.
Inspecting {inspecting[images]} files judges {inspecting[images_per_second]:.0f} images a second, \
{inspecting[ratio]:.2f} times what the forwards alone come to ({inspecting[forward_images_per_second]:.0f}).
bfloat16 moves KernelSHAP's values by a relative squared error of {bfloat16_accuracy[values_error]:.1e}, and scores by \
{bfloat16_accuracy[score_median]:.2%} in the median, {bfloat16_accuracy[score_largest]:.2%} at most.
The fast search finds the exact one's area on {fast_search[same_area]} of the {fast_search[flips]} pictures that a \
rectangle flips, of {fast_search[images]} in all, with {fast_search[evaluations]:.0f} evaluations instead of \
{fast_search[exact_evaluations]:.0f} in the median."""


@dataclass(frozen=True, kw_only=True)
class SpeedBenchmark(CasesBenchmark):
    """Seconds an explanation, each measured in a process of its own, ours and the libraries' in turns.

    LIME and KernelSHAP have `m` segments and `evaluations`; the counterfactual looks at every rectangle of its grid.
    `weighed_at` is the budget at which memory is measured, and `searched` on how many images the fast search for a
    rectangle is compared with the exact one. The first round measures everything, the others what is held against the
    floor, to a few hundredths; round r measures on image r, beginning anew after `images`.
    """

    id: ClassVar[str] = "speed"
    sentence: ClassVar[str] = (
        "Explaining, seconds an image: this package against its own fastest forward and against the libraries."
    )

    m: int = whole(20, low=14)
    evaluations: int = whole(1000, low=64, high=MAX_BUDGET)
    weighed_at: int = whole(10_000, low=64, high=MAX_BUDGET)
    searched: int = whole(10, low=1)
    rounds: int = whole(3, low=1)

    @classmethod
    def measuring(cls, settings: Mapping[str, Any]) -> type[Benchmark]:
        """Return the benchmark of scoring for a layout of videos, and this one for images."""
        of_videos = find_layout(settings.get("layout", LAYOUT)).of_videos
        return VideoScoringBenchmark if of_videos else cls

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each method and precision; bfloat16 only where the machine gains from it."""
        every = self.cases(max(self.images, self.searched), detected=True)
        cases = every[: self.images]

        def side(method: str, *, evaluations: int = self.evaluations, **changes: Any) -> Side:
            if method in LIBRARIES:
                changes |= {"evaluations": evaluations, "players": self.m}
            return Side(cases, TimedExplanation(case=cases[0], method=method), **changes)

        ours = {key: side(key[0], precision=key[1]) for key in _explainers()}
        games = {key: measured for key, measured in ours.items() if key[0] in GAMES}
        heavy = {
            key: side(key[0], precision=key[1], evaluations=self.weighed_at, weigh=True) for key in games
        }
        plain: dict[str, Any] = {"precision": Precision.FLOAT32}
        theirs = {method: side(method, library=library, **plain) for method, library in LIBRARIES.items()}
        few = max(1, self.evaluations // OTHERS_SHARE)
        others = {
            method: side(method, library=library, evaluations=few, **plain)
            for method, library in OTHERS.items()
        }
        five = side(ALL_FIVE)
        first = [*ours.values(), *theirs.values(), five, *others.values(), *heavy.values()]
        for measured, part in each(first, part_of(on_progress, 0.0, FIRST)):
            measured()
            part(1.0)
        interleave(games, rounds=self.rounds - 1, on_progress=part_of(on_progress, FIRST, 0.9))
        shap, lrp = theirs["kernel_shap"].seconds[0], ours["lrp", Precision.FLOAT32].timings[0]
        figures: dict[str, Figure | Mapping[str, Figure]] = {
            "floor_images_per_second": _floors(ours),
            "all_five_seconds": five.seconds[0],
            "shap_1000_seconds": shap,
            "all_five_over_shap": five.seconds[0] / shap,
            "lrp_over_gradient": lrp.seconds / (lrp.gradient_seconds or lrp.seconds),
            "inspecting": inspecting_rates(cases[0].model, rounds=self.rounds),
            "bfloat16_accuracy": what_bfloat16_costs(cases, players=self.m),
            "fast_search": fast_against_exact(every[: self.searched]),
        }
        on_progress(1.0)
        floors = ", ".join(f"{speed:.0f} in {name}" for name, speed in _floors(ours).items())
        told = {"auto": five.timings[0].precision, "evaluations": self.evaluations, "floors": floors}
        return BenchmarkResult(
            rows=tuple(
                _row(measured, heavy.get(key, measured), theirs.get(key[0]), others.get(key[0]))
                for key, measured in ours.items()
            ),
            rows_are="explainers",
            figures=figures,
            remarks=tuple(REMARKS.format(**told, **figures).splitlines()),
        )


def _explainers() -> list[tuple[str, Precision]]:
    """Return the methods in each precision that they can be had in and that the machine gains from."""
    gains = fastest_execution(Precision.AUTO).precision is Precision.BFLOAT16
    return [
        (method, precision)
        for method in EXPLAINERS
        if method not in OF_SEVERAL
        for precision in (Precision.FLOAT32, Precision.BFLOAT16)
        if precision is Precision.FLOAT32 or (gains and "precision" in explainer_options(method))
    ]


def _row(side: Side, weighed: Side, library: Side | None, other: Side | None) -> Row:
    method, evaluations = side.request.method, side.timings[0].evaluations
    scored = library.timings[0].evaluations if library else evaluations
    if abs(evaluations - scored) > UNEQUAL * scored:
        raise BenchmarkError(
            f"{method} scored {evaluations} pictures and {LIBRARIES[method]} {scored}: they did unequal work. Compare "
            "none of the figures; take more segments, so that no coalition is drawn twice."
        )
    added = [1000 * (pace - forward) for pace, forward in zip(side.paces, side.forwards, strict=True)]
    return {
        "precision": str(side.request.precision),
        "method": method,
        "evaluations": evaluations,
        "seconds": median(side.seconds),
        "floor_ratio": median_ratio(side.paces, side.forwards),
        "added_milliseconds": median(added),
        "library": str(LIBRARIES[method]) if library else None,
        "library_seconds": library.seconds[0] if library else None,
        "speedup": library.paces[0] / side.paces[0] if library else None,
        "peak_mb": weighed.timings[0].peak_mb,
        "others": [
            {"library": str(OTHERS[method]), "seconds": timing.seconds, "evaluations": timing.evaluations}
            for timing in (other.timings if other else [])
        ],
    }


def _floors(ours: Mapping[tuple[str, Precision], Side]) -> dict[str, Figure]:
    """Return the floor in each precision: the median of all measurements beside explanations."""
    forwards: dict[str, list[float]] = {}
    for (_, precision), side in ours.items():
        forwards.setdefault(str(precision), []).extend(side.forwards)
    return {precision: 1 / median(seconds) for precision, seconds in forwards.items()}


def what_bfloat16_costs(cases: Sequence[Case], *, players: int) -> dict[str, float]:
    """Return how far bfloat16 moves KernelSHAP's values, and the scores of random coalitions, from float32's.

    `values_error` is |phi_bf16 - phi_f32|^2 / |phi_f32|^2 of the same coalitions, the images' median; `score_median`
    and `score_largest` are of |s_bf16 / s_f32 - 1| over all coalitions drawn.
    """
    errors, deviations = [], []
    for case in cases:
        classifier, image = case.load()
        drawn = np.random.default_rng(0).random((COMPARED, players)) < 0.5
        values, scores = [], []
        for precision in (Precision.BFLOAT16, Precision.FLOAT32):
            execution = Execution(precision=precision, batch_size=16)
            game = MaskingGame(classifier, image, n_segments=players, fill=Fill.MEAN, execution=execution)
            values.append(play(Estimator.ODD_GP, game, budget=COMPARED, seed=0).values)
            scores.append(game.score(drawn))
        errors.append(relative_error(*values))
        deviations.append(np.abs(scores[0] / scores[1] - 1))
    every = np.concatenate(deviations)
    return {
        "values_error": median(errors),
        "score_median": float(np.median(every)),
        "score_largest": float(every.max()),
    }


def fast_against_exact(cases: Sequence[Case]) -> dict[str, float]:
    """Return over how many images one rectangle flips the verdict, and in how many of them both areas are equal.

    `evaluations` and `exact_evaluations` are medians over all images.
    """
    fast, exact = ([_found(case, search) for case in cases] for search in (Search.FAST, Search.EXACT))
    flips = [(one, other) for one, other in zip(fast, exact, strict=True) if other.flipped]
    return {
        "images": len(cases),
        "flips": len(flips),
        "same_area": sum(one.flipped and one.area == other.area for one, other in flips),
        "evaluations": median(one.evaluations for one in fast),
        "exact_evaluations": median(other.evaluations for other in exact),
    }


def _found(case: Case, search: Search) -> Counterfactual:
    explainer = explainer_here("counterfactual", {"max_rectangles": 1, "search": search})
    return cast("Counterfactual", explainer.explain(*case.load()))
