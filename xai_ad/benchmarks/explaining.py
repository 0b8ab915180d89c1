"""One explanation, timed or weighed in a process of its own: the allocator is the whole process's, and so is its peak."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import torch

from xai_ad.benchmarks.base import Case
from xai_ad.benchmarks.libraries import PIPELINES, Library, PlainScore
from xai_ad.benchmarks.processes import ask
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.fast import InferenceNetwork
from xai_ad.detector.fast.measuring import fastest_execution, images_a_second
from xai_ad.explain import Explainer, Fill, explainer_options
from xai_ad.inspection.explainers import explainer_here
from xai_ad.machine.execution import Precision
from xai_ad.machine.memory import peak, restart_peak
from xai_ad.machine.timing import seconds_of
from xai_ad.store import find_model, load_network
from xai_ad.types import Image

GAMES = ("lime", "kernel_shap", "counterfactual")
"""What scores a thousand images."""
FIVE = ("residual", "lrp", *GAMES)
ALL_FIVE = "all five"
"""No method: the five one after another, each as it is by default."""

NEVER_NORMAL = 1e-30
"""A limit that no image stays below, so that the exact search looks at every rectangle."""
WARM_UP = {"lime": {"budget": 64}, "kernel_shap": {"budget": 64}, "counterfactual": {"grid": 4}}
"""The first evaluations, before the clock starts, import, allocate, and choose kernels."""
REPEATS, QUICK = 7, 1.0
"""Explanations that take less than so many seconds are timed several times."""
SIZES = (4, 8, 16, 32, 64)
"""The batch sizes tried for the floor, each on as many images as the largest."""
FILLS = {"lime": Fill.SEGMENT_MEAN, "kernel_shap": Fill.MEAN}
"""What the libraries' pipelines fill with."""


@dataclass(frozen=True, kw_only=True)
class TimedExplanation:
    """What explains which image.

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

    def load(self) -> tuple[AnomalyClassifier, Image]:
        """Return the model and the image; for a counterfactual nothing is ever normal enough."""
        classifier, image = self.case.load()
        if self.method == "counterfactual":
            calibration = replace(classifier.calibration, threshold=NEVER_NORMAL)
            classifier = AnomalyClassifier(classifier.network, calibration, classifier.references)
        return classifier, image

    def options(self) -> dict[str, Any]:
        """Return the explainer's options that a request stands for."""
        found: dict[str, Any] = {"max_rectangles": 1} if self.method == "counterfactual" else {}
        if "precision" in explainer_options(self.method):
            found["precision"] = self.precision
        if self.evaluations is not None:
            found["budget"] = self.evaluations
        if self.players is not None:
            found |= {"n_segments": self.players, "fill": FILLS[self.method]}
        return found


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


class Side:
    """What is measured in turns with others: one explanation a round, each round of the next case."""

    def __init__(self, cases: Sequence[Case], request: TimedExplanation, **changes: Any) -> None:
        self.cases, self.request = cases, replace(request, **changes)
        self.timings: list[Timing] = []

    def __call__(self) -> float:
        """Measure the next round in a process of its own, and return its seconds."""
        request = replace(self.request, case=self.cases[len(self.timings) % len(self.cases)])
        what = f"{request.library or 'this package'} ({request.method})"
        self.timings.append(ask(measure, request, tuned=request.library is None, what=what))
        return self.timings[-1].seconds

    @property
    def seconds(self) -> list[float]:
        """What each round took."""
        return [timing.seconds for timing in self.timings]

    @property
    def paces(self) -> list[float]:
        """Each round's seconds an evaluation."""
        return [timing.seconds / timing.evaluations for timing in self.timings]

    @property
    def forwards(self) -> list[float]:
        """The seconds that one of the inference copy's forwards alone took in each round."""
        return [1 / timing.floor for timing in self.timings if timing.floor is not None]


def measure(request: TimedExplanation) -> Timing:
    """Explain in this process, a library's way or ours, after a warm-up that does not count."""
    if request.library is not None:
        return time_library(request, request.library)
    return time_all_five(request) if request.method == ALL_FIVE else time_project(request)


def time_library(request: TimedExplanation, library: Library) -> Timing:
    """Time a library's pipeline on the plain network."""
    classifier, image = request.case.load()
    score = PlainScore(load_network(find_model(request.case.model)), classifier.calibration.scoring)
    pipeline, players, evaluations = PIPELINES[library], request.players or 0, request.evaluations or 0
    pipeline(score, image, players, min(WARM_UP[request.method]["budget"], evaluations))
    score.evaluations = 0
    seconds = seconds_of(lambda: pipeline(score, image, players, evaluations))
    return Timing(seconds=seconds, evaluations=score.evaluations)


def time_all_five(request: TimedExplanation) -> Timing:
    """Time the five explanations of one image, each as it is by default, one after another."""
    classifier, image = request.case.load()
    for method in FIVE:
        warm_up(classifier, image, replace(request, method=method))
    found = [explain(explainer, classifier, image) for explainer in map(explainer_here, FIVE)]
    seconds, evaluations = (sum(figures) for figures in zip(*found, strict=True))
    precision = fastest_execution().precision
    return Timing(seconds=seconds, evaluations=int(evaluations), precision=precision)


def time_project(request: TimedExplanation) -> Timing:
    """Time one of this package's explainers, between two measurements of the floor, or weigh it.

    What is weighed is the memory at most in use above the loaded model; what is imported counts.
    """
    classifier, image = request.load()
    explainer = explainer_here(request.method, request.options())
    precision = fastest_execution(request.precision).precision  # measured, where it must be, before memory is
    resident = restart_peak()
    if request.weigh:
        seconds, evaluations = explain(explainer, classifier, image)
        weighed = max(0.0, peak() - resident)
        return Timing(seconds=seconds, evaluations=evaluations, precision=precision, peak_mb=weighed)
    warm_up(classifier, image, request)  # of what is no game, a whole explanation
    peak_mb = None if request.method in GAMES else max(0.0, peak() - resident)
    network = InferenceNetwork(load_network(find_model(request.case.model)))
    images = image.expand(max(SIZES), *image.shape).contiguous(memory_format=torch.channels_last)
    before = images_a_second(network, images, [(precision, size) for size in SIZES], rounds=1)
    fastest = max(before, key=before.__getitem__)
    taken: list[float] = []
    gradients: list[float] = []
    while len(taken) < REPEATS and max(taken, default=0.0) < QUICK:
        seconds, evaluations = explain(explainer, classifier, image)
        taken.append(seconds)
        if request.method == "lrp":
            gradients.append(gradient_seconds(classifier, image))
    after = images_a_second(network, images, [fastest], rounds=1)
    return Timing(
        seconds=median(taken),
        evaluations=evaluations,
        precision=precision,
        floor=(before[fastest] + after[fastest]) / 2,
        gradient_seconds=median(gradients) if gradients else None,
        peak_mb=peak_mb,
    )


def warm_up(classifier: AnomalyClassifier, image: Image, request: TimedExplanation) -> None:
    """Explain once with little work, so that what is imported and made only once is there."""
    little = request.options() | WARM_UP.get(request.method, {})
    explainer_here(request.method, little).explain(classifier, image)


def explain(explainer: Explainer, classifier: AnomalyClassifier, image: Image) -> tuple[float, int]:
    """Return the seconds that an explanation takes, and the images that it scored."""
    began = time.perf_counter()
    evaluations = explainer.explain(classifier, image).evaluations
    return time.perf_counter() - began, evaluations


def gradient_seconds(classifier: AnomalyClassifier, image: Image) -> float:
    """Return what one forward and one backward to the image take, as LRP runs the network."""
    images = image[None].contiguous(memory_format=torch.channels_last).requires_grad_()
    return seconds_of(lambda: torch.autograd.grad(classifier(images).sum(), images))
