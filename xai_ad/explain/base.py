"""What every explainer is, and the two kinds of explanation there are."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, Self, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.fields import Checked, member, whole
from xai_ad.machine.execution import MAX_BATCH, Execution, Precision
from xai_ad.progress import Progress, part_of, silent
from xai_ad.types import Image, Mask, Relevance, Segments

Diagnostic: TypeAlias = float | int | str | bool

MAX_BUDGET = 100_000
"""More pictures than this are a mistake in typing: it is hours of work, and the error fell below others long before."""

BATCH_SIZE = 32
"""How many copies are scored at once where nobody says."""

NEARLY_DONE = 0.99
"""The progress that an explainer's own work reaches; the last step is the explanation itself."""


class Picture(StrEnum):
    """How an explanation is drawn."""

    MAP = "map"
    RECTANGLES = "rectangles"


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """A rectangle of pixels of the network's input."""

    top: int
    left: int
    height: int
    width: int

    @property
    def area(self) -> int:
        """Its area in pixels."""
        return self.height * self.width


NEGLIGIBLE = 0.01
"""The share of all values' sizes together under which nobody asks for a value's sign."""


@dataclass(frozen=True, kw_only=True)
class SegmentValues:
    """What a method says of each of M segments, before it is spread over their pixels.

    A method that knows how sure it is adds the standard errors and a 90 % interval around each value, raw like them.
    """

    segments: Segments  # (H, W)
    values: NDArray[np.float64]  # (M,)
    standard_errors: NDArray[np.float64] | None = None  # (M,)
    low: NDArray[np.float64] | None = None  # (M,)
    high: NDArray[np.float64] | None = None  # (M,)

    def __post_init__(self) -> None:
        for array in (self.segments, self.values, self.standard_errors, self.low, self.high):
            if array is not None:
                array.setflags(write=False)  # explanations are cached and shared

    @property
    def unsure(self) -> NDArray[np.bool_] | None:
        """Which segments' signs are not known, (M,): their interval holds 0, and reaches beyond what is negligible.

        A segment whose whole interval is negligible is known to have no part in the score, whatever its sign.
        """
        if self.low is None or self.high is None:
            return None
        reach = np.maximum(-self.low, self.high)
        counts = reach > NEGLIGIBLE * np.abs(self.values).sum()
        unsure: NDArray[np.bool_] = (self.low <= 0) & (self.high >= 0) & counts
        return unsure

    @property
    def unsure_pixels(self) -> Mask | None:
        """The pixels of those segments, (H, W)."""
        unsure = self.unsure
        return None if unsure is None else unsure[self.segments]


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """Each pixel's share of the raw score.

    `baseline` is the score that the shares start from, so that score = baseline + relevance.sum() + residual; how
    near `residual` comes to zero is the method's completeness.
    """

    method: str
    relevance: Relevance  # (H, W)
    score: float
    baseline: float
    evaluations: int
    diagnostics: Mapping[str, Diagnostic] = field(default_factory=dict)
    by_segment: SegmentValues | None = None

    def __post_init__(self) -> None:
        self.relevance.setflags(write=False)  # explanations are cached and shared

    @property
    def residual(self) -> float:
        """The part of the score that the relevance does not account for, raw."""
        return self.score - self.baseline - math.fsum(self.relevance.ravel().tolist())


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """Rectangles of the image whose replacement changes the verdict (3.8.4).

    `score` is the raw score of the image as it was given. `score_before` and `score_after` are those of the picture
    that the rectangles were put into, before and after: the image itself in a repair, a normal picture in a transplant.
    `image` is the changed picture, (C, H, W); `area` the rectangles' share of it, 0 to 1. Where nothing was found,
    `flipped` is false and the rectangles are those that came nearest.
    """

    method: str
    direction: str
    search: str
    rectangles: tuple[Rectangle, ...]
    image: Image
    score: float
    score_before: float
    score_after: float
    flipped: bool
    area: float
    evaluations: int
    diagnostics: Mapping[str, Diagnostic] = field(default_factory=dict)


Explanation: TypeAlias = Attribution | Counterfactual


@dataclass(frozen=True, kw_only=True)
class Explainer(Checked, ABC):
    """An explainer is its configuration: frozen fields, each a hyper-parameter that is checked.

    So it is a cache key and a line of provenance, and a page can build its widgets from `fields.bounds`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    """What the method asks and how to read its picture, in one plain sentence."""
    picture: ClassVar[Picture] = Picture.MAP
    signed: ClassVar[bool] = True
    """Whether its map can push towards normal too."""
    quick: ClassVar[bool] = False
    """Whether it takes about as long as a verdict."""

    @property
    def is_open(self) -> bool:
        """Whether it leaves something to the machine, which `resolved` fills in."""
        return False

    def resolved(self, choose: Callable[[], Execution]) -> Self:  # noqa: ARG002  # nothing is left open here
        """Return it with what it leaves to the machine filled in; `choose` says how, and is asked only where it must.

        Only a resolved explainer runs, and its fields are all that a result depends on.
        """
        return self

    def explain(
        self, classifier: AnomalyClassifier, image: Image, *, on_progress: Progress = silent
    ) -> Explanation:
        """Explain the raw score of one image, (C, H, W) float32 in [0, 1].

        The image and the classifier are left untouched. `on_progress` hears fractions that never fall, 0 first and 1
        last, and may raise to stop the work. Raises `InvalidInputError` for an image that the network cannot take.
        """
        if image.ndim != 3:
            raise InvalidInputError(
                f"An explainer takes one image of shape (C, H, W). Got {tuple(image.shape)}."
            )
        classifier.check(image[None])
        on_progress(0.0)
        explanation = self._explain(classifier, image, part_of(on_progress, 0.0, NEARLY_DONE))
        on_progress(1.0)
        return explanation

    @abstractmethod
    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Explanation:
        """Do the work, and report how much of it is done."""


@dataclass(frozen=True, kw_only=True)
class GameExplainer(Explainer):
    """An explainer that scores many changed copies of the image.

    `precision` and `batch_size` say how, and decide the last digits: so they are the same on every machine, unless
    `auto` asks whoever knows the machine to fill both in. The image's own score, the score with everything absent and
    every flip are float32 in any precision.
    """

    precision: Precision = member(Precision.FLOAT32)
    batch_size: int = whole(BATCH_SIZE, low=1, high=MAX_BATCH)

    @property
    def is_open(self) -> bool:
        """Whether precision and batch size are the machine's to choose."""
        return self.precision is Precision.AUTO

    def resolved(self, choose: Callable[[], Execution]) -> Self:
        """Return it with the precision and the batch size that are chosen, where they are left open."""
        if not self.is_open:
            return self
        execution = choose()
        return replace(self, precision=execution.precision, batch_size=execution.batch_size)

    @property
    def execution(self) -> Execution:
        """How copies are scored; raises `InvalidInputError` where that is still left open."""
        return Execution(precision=self.precision, batch_size=self.batch_size)


def raw_score(classifier: AnomalyClassifier, image: Image) -> float:
    """Return the raw score of one image, (C, H, W)."""
    with torch.inference_mode():
        return float(classifier(image[None])[0])
