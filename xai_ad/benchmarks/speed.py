"""`benchmark speed` on pictures: every explainer against the floor, the fastest batched forward, and against the libraries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Figure, Row
from xai_ad.benchmarks.cases import LAYOUT, MODEL, Case, anomalous_cases, washers
from xai_ad.benchmarks.interleaving import interleave, median_ratio
from xai_ad.benchmarks.libraries import Library
from xai_ad.benchmarks.rounding import what_bfloat16_costs
from xai_ad.benchmarks.searching import fast_against_exact
from xai_ad.benchmarks.sides import Side
from xai_ad.benchmarks.speed_worker import ALL_FIVE, GAMES, TimedExplanation, Timing
from xai_ad.benchmarks.video_scoring import VideoScoringBenchmark
from xai_ad.data.layouts import find_layout
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.errors import BenchmarkError, require_int
from xai_ad.explain import EXPLAINERS, explainer_options
from xai_ad.explain.base import MAX_BUDGET
from xai_ad.machine.execution import Precision
from xai_ad.progress import Progress, part_of, silent

LIBRARIES = {"lime": Library.LIME, "kernel_shap": Library.SHAP}
OTHERS = {"lime": Library.CAPTUM_LIME, "kernel_shap": Library.CAPTUM_KERNEL_SHAP}
OF_SEVERAL = {"consensus"}
"""Maps made from other methods' maps take those methods' time."""

LEAST_SEGMENTS = 14
UNEQUAL = 0.05
"""LIME may draw a coalition twice and scores it once; more of a difference than this is other work."""
MOST_OF_IT = 0.8


@dataclass(frozen=True, kw_only=True)
class SpeedBenchmark(Benchmark):
    """Seconds an explanation, each measured in a process of its own, ours and the libraries' in turns.

    LIME and KernelSHAP have `m` segments and `evaluations`; the counterfactual looks at every rectangle of its grid.
    `weighed_at` is the budget at which memory is measured, and `searched` on how many pictures the fast search for a
    rectangle is compared with the exact one. Round r measures on picture r, beginning anew after
    `images`.
    """

    id: ClassVar[str] = "speed"
    sentence: ClassVar[str] = (
        "Explaining, seconds an image: this package against its own fastest forward and against the libraries."
    )

    model: str = MODEL
    data: Path = field(default_factory=washers)
    layout: str = LAYOUT
    images: int = 1
    m: int = 20
    evaluations: int = 1000
    weighed_at: int = 10_000
    searched: int = 10
    rounds: int = 3

    def __post_init__(self) -> None:
        for name, low, high in (
            ("images", 1, None),
            ("m", LEAST_SEGMENTS, None),
            ("evaluations", 64, MAX_BUDGET),
            ("weighed_at", 64, MAX_BUDGET),
            ("searched", 1, None),
            ("rounds", 1, None),
        ):
            require_int(name, getattr(self, name), of="the benchmark 'speed'", low=low, high=high)

    @classmethod
    def measuring(cls, settings: Mapping[str, Any]) -> type[Benchmark]:
        """Return the benchmark of scoring for a layout of videos, and this one for pictures."""
        of_videos = find_layout(settings.get("layout", LAYOUT)).of_videos
        return VideoScoringBenchmark if of_videos else cls

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each method and precision; bfloat16 only where the machine gains from it."""
        every = max(self.images, self.searched)
        every_case = anomalous_cases(self.model, self.data, self.layout, every, detected=True)
        cases = every_case[: self.images]
        ours = {
            (method, precision): self._side(cases, method, precision) for method, precision in _explainers()
        }
        theirs = {
            library: self._side(cases, method, Precision.FLOAT32, library)
            for method, library in [*LIBRARIES.items(), *OTHERS.items()]
        }
        five = Side(
            request=TimedExplanation(case=cases[0], method=ALL_FIVE, precision=Precision.AUTO), cases=cases
        )
        repeated = {str(key): side for key, side in ours.items() if key[0] in GAMES}
        repeated |= {library: theirs[library] for library in LIBRARIES.values()} | {ALL_FIVE: five}
        interleave(repeated, rounds=self.rounds, on_progress=part_of(on_progress, 0.0, MOST_OF_IT))
        once = [side for side in [*ours.values(), *theirs.values()] if not side.timings]
        heavy = {key: self._weighing(side) for key, side in ours.items() if key[0] in GAMES}
        for done, side in enumerate([*once, *heavy.values()], start=1):
            side()
            part_of(on_progress, MOST_OF_IT, 0.99)(done / (len(once) + len(heavy)))
        rows = tuple(
            self._row(*key, side, heavy.get(key, side).timings[0], theirs) for key, side in ours.items()
        )
        shap, lrp = theirs[Library.SHAP], ours["lrp", Precision.FLOAT32].timings[0]
        figures = {
            "all_five_seconds": median(five.seconds),
            "shap_1000_seconds": median(shap.seconds),
            "all_five_over_shap": median_ratio(five.seconds, shap.seconds),
            "lrp_over_gradient": lrp.seconds / (lrp.gradient_seconds or lrp.seconds),
        }
        floors, rounded = _floors(ours), what_bfloat16_costs(cases, players=self.m)
        searched = fast_against_exact(every_case[: self.searched])
        on_progress(1.0)
        return BenchmarkResult(
            rows=rows,
            rows_are="explainers",
            figures={
                "floor_images_per_second": floors,
                **figures,
                "bfloat16_accuracy": rounded,
                "fast_search": searched,
            },
            remarks=(*_remarks(floors, figures, rounded, five, self.evaluations), _search_remark(searched)),
        )

    def _side(
        self, cases: Sequence[Case], method: str, precision: Precision, library: Library | None = None
    ) -> Side:
        sampling = method in LIBRARIES
        request = TimedExplanation(
            case=cases[0],
            method=method,
            library=library,
            precision=precision,
            evaluations=self.evaluations if sampling else None,
            players=self.m if sampling else None,
        )
        return Side(request=request, cases=cases)

    def _weighing(self, side: Side) -> Side:
        budget = None if side.request.evaluations is None else self.weighed_at
        return Side(request=replace(side.request, evaluations=budget, weigh=True), cases=side.cases)

    def _row(
        self,
        method: str,
        precision: Precision,
        side: Side,
        weighed: Timing,
        theirs: dict[Library, Side],
    ) -> Row:
        library = LIBRARIES.get(method)
        compared = None if library is None else theirs[library]
        other = theirs[OTHERS[method]] if method in OTHERS else None
        if compared is not None:
            _require_equal_work(side, compared)
        return {
            "precision": str(precision),
            "method": method,
            "evaluations": side.timings[0].evaluations,
            "seconds": median(side.seconds),
            "floor_ratio": side.floor_ratio,
            "library": None if library is None else str(library),
            "library_seconds": None if compared is None else median(compared.seconds),
            "speedup": None if compared is None else median_ratio(compared.paces, side.paces),
            "peak_mb": weighed.peak_mb,
            "others": [] if other is None else [_other(other)],
        }


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


def _require_equal_work(side: Side, library: Side) -> None:
    ours, theirs = side.timings[0].evaluations, library.timings[0].evaluations
    if abs(ours - theirs) > UNEQUAL * theirs:
        raise BenchmarkError(
            f"{side.request.method} scored {ours} pictures and {library.request.library} {theirs}: they did unequal "
            "work. Compare none of the figures; take more segments, so that no coalition is drawn twice."
        )


def _other(side: Side) -> Mapping[str, Figure]:
    timing = side.timings[0]
    return {
        "library": str(side.request.library),
        "seconds": timing.seconds,
        "evaluations": timing.evaluations,
    }


def _floors(ours: Mapping[tuple[str, Precision], Side]) -> dict[str, float]:
    """Return the floor in each precision: the median of all measurements beside explanations."""
    floors: dict[str, list[float]] = {}
    for (_, precision), side in ours.items():
        floors.setdefault(str(precision), []).extend(side.floors)
    return {precision: median(speeds) for precision, speeds in floors.items()}


def _search_remark(searched: Mapping[str, float]) -> str:
    return (
        f"The fast search finds the exact one's area on {searched['same_area']} of the {searched['flips']} pictures "
        f"that a rectangle flips, of {searched['images']} in all, with {searched['evaluations']:.0f} evaluations "
        f"instead of {searched['exact_evaluations']:.0f} in the median."
    )


def _remarks(
    floors: Mapping[str, float],
    figures: Mapping[str, float],
    rounded: Mapping[str, float],
    five: Side,
    evaluations: int,
) -> tuple[str, ...]:
    fastest = ", ".join(f"{speed:.0f} in {precision}" for precision, speed in floors.items())
    all_five = (
        f"All five explanations of one image as they are by default (precision auto: {five.timings[0].precision}) "
        f"take {figures['all_five_seconds']:.1f} s, {figures['all_five_over_shap']:.2f} times what shap's own "
        f"pipeline takes with {evaluations} samples ({figures['shap_1000_seconds']:.1f} s)."
    )
    rounding = (
        f"bfloat16 moves KernelSHAP's values by a relative squared error of {rounded['values_error']:.1e}, and "
        f"scores by {rounded['score_median']:.2%} in the median, {rounded['score_largest']:.2%} at most."
    )
    return (
        f"The floor is {fastest} images a second; a floor ratio of 1 is an explanation that takes its forwards alone.",
        "A speedup is the library's seconds an evaluation over ours, the median of the rounds.",
        all_five,
        f"LRP takes {figures['lrp_over_gradient']:.2f} times one forward and backward.",
        rounding,
    )
