"""One explanation, timed or weighed in a process of its own.

`python -m xai_ad.benchmarks.speed_worker JSON` takes a `TimedExplanation` and prints a `Timing`.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from pydantic import TypeAdapter

from xai_ad.benchmarks.cases import Case
from xai_ad.benchmarks.floor import fastest, gradient_seconds
from xai_ad.benchmarks.libraries import PIPELINES, Library, PlainScore
from xai_ad.benchmarks.memory import peak, restart_peak
from xai_ad.benchmarks.processes import ask_own_process
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.fast import InferenceNetwork
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.errors import BenchmarkError
from xai_ad.explain import Explanation, Fill, explainer_options
from xai_ad.inspection.explainers import explainer_here
from xai_ad.machine.allocator import tune_allocator
from xai_ad.machine.execution import Precision
from xai_ad.store import find_model, load_image_network
from xai_ad.types import Image, Images, Scores

GAMES = ("lime", "kernel_shap", "counterfactual")
"""What scores a thousand pictures, and counts them."""
FIVE = ("residual", "lrp", *GAMES)
ALL_FIVE = "all five"
"""No method: the five one after another, each as it is by default."""

NEVER_NORMAL = 1e-30
"""A limit that no picture stays below, so that the exact search looks at every rectangle."""

WARM_UP = 64
"""Evaluations before the clock starts: the first ones import, allocate, and choose kernels."""
WARM_UP_GRID = 4

REPEATS = 7
QUICK = 1.0
"""Explanations that take less than so many seconds are timed several times."""

FILLS = {"lime": Fill.SEGMENT_MEAN, "kernel_shap": Fill.MEAN}
"""What the libraries' pipelines fill with."""


@dataclass(frozen=True, kw_only=True)
class TimedExplanation:
    """What explains which picture.

    `library` is None where this package explains. `evaluations` and `players` are a masking game's; None leaves a
    method as it is by default. With `weigh` memory is measured in place of time.
    """

    case: Case
    method: str
    library: Library | None = None
    precision: Precision = Precision.AUTO
    evaluations: int | None = None
    players: int | None = None
    weigh: bool = False


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long an explanation took, in seconds, and how many images the network was given for it.

    `floor` is how many images a second the inference copy alone computes in the same process; `gradient_seconds` what
    one forward and backward takes, where the method is compared with that; `peak_mb` the memory at most in use above
    the loaded model, which games are asked for by `weigh`.
    """

    seconds: float
    evaluations: int
    precision: Precision = Precision.FLOAT32
    floor: float | None = None
    gradient_seconds: float | None = None
    peak_mb: float | None = None


def time_in_process_of_its_own(request: TimedExplanation) -> Timing:
    """Measure in a new process; raises `BenchmarkError` with that process's last words where it fails."""
    who = request.library or "this package"
    return ask_own_process(__name__, request, Timing, what=f"{who} ({request.method})")


class CountingClassifier(AnomalyClassifier):
    """A classifier that counts the images that its network is given."""

    count = 0

    def reconstruct(self, images: Images) -> Images:
        """Count and reconstruct."""
        self.count += len(images)
        return super().reconstruct(images)

    def score_fast(self, images: Images, precision: Precision = Precision.FLOAT32) -> Scores:
        """Count and score."""
        self.count += len(images)
        return super().score_fast(images, precision)


def measure(request: TimedExplanation) -> Timing:
    """Explain in this process, a library's way or ours, after a warm-up that does not count."""
    if request.library is not None:
        return time_library(request, request.library)
    if request.method == ALL_FIVE:
        return time_all_five(request)
    return weigh(request) if request.weigh else time_project(request)


def time_library(request: TimedExplanation, library: Library) -> Timing:
    """Time a library's pipeline on the plain network."""
    if request.players is None or request.evaluations is None:
        raise BenchmarkError(f"The pipeline of {library} needs 'players' and 'evaluations'. Got {request!r}.")
    classifier, image = request.case.load()
    score = PlainScore(load_image_network(find_model(request.case.model)), classifier.calibration.scoring)
    explain = PIPELINES[library]
    explain(score, image, request.players, min(WARM_UP, request.evaluations))
    score.evaluations = 0
    began = time.perf_counter()
    explain(score, image, request.players, request.evaluations)
    return Timing(seconds=time.perf_counter() - began, evaluations=score.evaluations)


def time_project(request: TimedExplanation) -> Timing:
    """Time one of this package's explainers, between two measurements of the floor."""
    classifier, image = load_counting(request)
    precision = fastest_execution(request.precision).precision
    network = InferenceNetwork(load_image_network(find_model(request.case.model)))
    resident = restart_peak()
    warm_up(classifier, image, request)
    weighed = max(0.0, peak() - resident)
    before, size = fastest(network, image, precision)
    seconds: list[float] = []
    gradients: list[float] = []
    while len(seconds) < REPEATS and max(seconds, default=0.0) < QUICK:
        taken, evaluations = _explain(classifier, image, request)
        seconds.append(taken)
        if request.method == "lrp":
            gradients.append(gradient_seconds(classifier, image))
    after, _ = fastest(network, image, precision, (size,))
    return Timing(
        seconds=median(seconds),
        evaluations=evaluations,
        precision=precision,
        floor=(before + after) / 2,
        gradient_seconds=median(gradients) if gradients else None,
        peak_mb=None if request.method in GAMES else weighed,  # the others' warm-up is the whole explanation
    )


def time_all_five(request: TimedExplanation) -> Timing:
    """Time the five explanations of one image, each as it is by default, one after another."""
    classifier, image = request.case.load()
    for method in FIVE:
        warm_up(classifier, image, replace(request, method=method))
    explanations: list[Explanation] = []
    began = time.perf_counter()
    for method in FIVE:
        explanations.append(explainer_here(method).explain(classifier, image))  # noqa: PERF401  # reads as what is timed
    return Timing(
        seconds=time.perf_counter() - began,
        evaluations=sum(explanation.evaluations for explanation in explanations),
        precision=fastest_execution().precision,
    )


def weigh(request: TimedExplanation) -> Timing:
    """Measure the memory that an explanation takes above the loaded model; what it imports counts."""
    classifier, image = load_counting(request)
    precision = fastest_execution(request.precision).precision  # measured, where it must be, before memory is
    resident = restart_peak()
    seconds, evaluations = _explain(classifier, image, request)
    return Timing(
        seconds=seconds, evaluations=evaluations, precision=precision, peak_mb=max(0.0, peak() - resident)
    )


def load_counting(request: TimedExplanation) -> tuple[CountingClassifier, Image]:
    """Return the model, counting, and the image; for a counterfactual nothing is ever normal enough."""
    classifier, image = request.case.load()
    calibration = classifier.calibration
    if request.method == "counterfactual":
        calibration = replace(calibration, threshold=NEVER_NORMAL)
    return CountingClassifier(classifier.network, calibration, classifier.references), image


def warm_up(classifier: AnomalyClassifier, image: Image, request: TimedExplanation) -> None:
    """Explain once with little work, so that what is imported and made only once is there."""
    little = options(request)
    if request.method == "counterfactual":
        little["grid"] = WARM_UP_GRID
    elif request.method in GAMES:
        little["budget"] = WARM_UP
    explainer_here(request.method, little).explain(classifier, image)


def options(request: TimedExplanation) -> dict[str, Any]:
    """Return the explainer's options that a request stands for."""
    found: dict[str, Any] = {"max_rectangles": 1} if request.method == "counterfactual" else {}
    if "precision" in explainer_options(request.method):
        found["precision"] = request.precision
    if request.evaluations is not None:
        found["budget"] = request.evaluations
    if request.players is not None:
        found |= {"n_segments": request.players, "fill": FILLS[request.method]}
    return found


def _explain(classifier: CountingClassifier, image: Image, request: TimedExplanation) -> tuple[float, int]:
    """Return the seconds that an explanation takes, and the images that the network was given."""
    explainer = explainer_here(request.method, options(request))
    classifier.count = 0
    began = time.perf_counter()
    explanation = explainer.explain(classifier, image)
    seconds = time.perf_counter() - began
    if request.method in GAMES and classifier.count != explanation.evaluations:
        raise BenchmarkError(
            f"{request.method} says that it scored {explanation.evaluations} pictures, and the network was given "
            f"{classifier.count}. Mend its count."
        )
    return seconds, explanation.evaluations


def main() -> None:
    """Measure what the command line asks for, and print the answer."""
    request = TypeAdapter(TimedExplanation).validate_json(sys.argv[1])
    if request.library is None:
        tune_allocator()
    sys.stdout.write(json.dumps(asdict(measure(request))) + "\n")


if __name__ == "__main__":
    main()
