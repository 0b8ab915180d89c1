"""`benchmark speed` on images: every explainer against the floor, the fastest batched forward, and against the libraries."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, ClassVar

from xai_ad.benchmarks.accuracy import fast_against_exact, what_bfloat16_costs
from xai_ad.benchmarks.base import LAYOUT, Benchmark, BenchmarkResult, CasesBenchmark, Figure, Row
from xai_ad.benchmarks.explaining import ALL_FIVE, GAMES, Side, TimedExplanation
from xai_ad.benchmarks.judging import VideoScoringBenchmark, inspecting_rates
from xai_ad.benchmarks.libraries import Library
from xai_ad.data.layouts import find_layout
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.errors import BenchmarkError
from xai_ad.explain import EXPLAINERS, explainer_options
from xai_ad.explain.base import MAX_BUDGET
from xai_ad.fields import whole
from xai_ad.machine.execution import Precision
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
        shared = TimedExplanation(case=cases[0], method=ALL_FIVE)
        playing: dict[str, Any] = {"evaluations": self.evaluations, "players": self.m}
        ours = {
            (method, precision): Side(cases, shared, method=method, precision=precision)
            if method not in LIBRARIES
            else Side(cases, shared, method=method, precision=precision, **playing)
            for method, precision in _explainers()
        }
        plain = replace(shared, precision=Precision.FLOAT32, **playing)
        theirs = {
            name: Side(cases, plain, method=name, library=library) for name, library in LIBRARIES.items()
        }
        few = max(1, self.evaluations // OTHERS_SHARE)
        others = {
            name: Side(cases, plain, method=name, library=library, evaluations=few)
            for name, library in OTHERS.items()
        }
        games = {key: side for key, side in ours.items() if key[0] in GAMES}
        heavy = {key: self._weighing(side) for key, side in games.items()}
        five = Side(cases, shared)
        first = [*ours.values(), *theirs.values(), five, *others.values(), *heavy.values()]
        for side, part in each(first, part_of(on_progress, 0.0, FIRST)):
            side()
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
            rows=tuple(_row(side, heavy.get(key, side), theirs, others) for key, side in ours.items()),
            rows_are="explainers",
            figures=figures,
            remarks=tuple(REMARKS.format(**told, **figures).splitlines()),
        )

    def _weighing(self, side: Side) -> Side:
        budget = self.weighed_at if side.request.evaluations else None
        return Side(side.cases, side.request, evaluations=budget, weigh=True)


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


def _row(side: Side, weighed: Side, theirs: Mapping[str, Side], others: Mapping[str, Side]) -> Row:
    method, evaluations = side.request.method, side.timings[0].evaluations
    library, other = theirs.get(method), others.get(method)
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
        "others": [other.told()] if other else [],
    }


def _floors(ours: Mapping[tuple[str, Precision], Side]) -> dict[str, Figure]:
    """Return the floor in each precision: the median of all measurements beside explanations."""
    forwards: dict[str, list[float]] = {}
    for (_, precision), side in ours.items():
        forwards.setdefault(str(precision), []).extend(side.forwards)
    return {precision: 1 / median(seconds) for precision, seconds in forwards.items()}
