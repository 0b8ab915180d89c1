"""What every explainer is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from numbers import Integral
from typing import Any, ClassVar, Self

import torch

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.frames import FrameDetector, lifted
from xai_ad.explain.repeats import Repeat, repeat_of
from xai_ad.explain.results import Explanation, evidence_map
from xai_ad.fields import Checked, member, whole
from xai_ad.machine.execution import MAX_BATCH, Execution, Precision
from xai_ad.progress import Progress, part_of, silent
from xai_ad.types import Image

MAX_BUDGET = 100_000
"""More images than this are a mistake in typing: it is hours of work, and the error fell below others long before."""

BATCH_SIZE = 32
"""How many copies are scored at once by default."""

NEARLY_DONE = 0.99
"""The progress that an explainer's own work reaches; the last step is the explanation itself."""


class Depiction(StrEnum):
    """How an explanation is drawn."""

    MAP = "map"
    RECTANGLES = "rectangles"


@dataclass(frozen=True, kw_only=True)
class Explainer(Checked, ABC):
    """An explainer is its configuration: frozen fields, each a hyper-parameter that is checked.

    So it is a cache key and a line of provenance, and a page can build its widgets from `fields.bounds`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    """What the method asks and how to read its drawing, in one plain sentence."""
    picture: ClassVar[Depiction] = Depiction.MAP
    signed: ClassVar[bool] = True
    """Whether its map can push towards normal too."""
    complete: ClassVar[bool] = False
    """Whether it promises that baseline and shares add up to the score (completeness)."""
    quick: ClassVar[bool] = False
    """Whether it takes about as long as a verdict."""
    formerly: ClassVar[Mapping[str, Any]] = {}
    """What was done before there were options of these names: what a record means that does not name them."""

    @property
    def tells_moments(self) -> bool:
        """Whether it tells a window's frames apart: regions that go through all of them do not."""
        return True

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
        self, classifier: AnomalyClassifier, image: Image, *, frame: int = 0, on_progress: Progress = silent
    ) -> Explanation:
        """Explain the raw score of an image, (C, H, W) float32 in [0, 1], or of one `frame` of a window, (T, C, H, W).

        A network of clips takes windows of its own length; one of images sees the frames of any window one by one.
        A `FrameDetector` says by itself which frame is asked about. The image and the classifier are left untouched.
        `on_progress` hears fractions that never fall, 0 first and 1 last, and may raise to stop the work. Raises
        `InvalidInputError` for an image that the network cannot take.
        """
        if image.ndim not in {3, 4}:
            raise InvalidInputError(
                "An explainer takes one image of shape (C, H, W), or a window of shape (T, C, H, W). "
                f"Got {tuple(image.shape)}."
            )
        window = image[None] if image.ndim == 3 else image
        if isinstance(frame, bool) or not isinstance(frame, Integral) or not 0 <= frame < len(window):
            raise InvalidInputError(
                f"The window has the frames 0 to {len(window) - 1}. Got the frame {frame!r}."
            )
        classifier.check(window[None])
        on_progress(0.0)
        part = part_of(on_progress, 0.0, NEARLY_DONE)
        if classifier.network.frames == 1:
            explanation = self._explain(classifier, window[frame], part)
        else:
            alone = classifier if isinstance(classifier, FrameDetector) else FrameDetector(classifier, frame)
            frame = alone.frame
            explanation = self._explain(alone, window, part)
        explanation = lifted(explanation, window, frame)
        on_progress(1.0)
        return explanation

    def cheaper(self, share: float, image: Image) -> Self:  # noqa: ARG002  # what is quick needs nothing cheaper
        """Return the same method for an image at about that share of its cost, in (0, 1]; itself where it costs next to nothing."""
        return self

    def repeated(
        self,
        explanation: Explanation,
        classifier: AnomalyClassifier,
        image: Image,
        noisy: Image,
        *,
        evaluations: int,
    ) -> Repeat | None:
        """Return how alike this explanation of `image` and one of the `noisy` copy are; None where nothing can be repeated.

        About so many evaluations may be spent. Here a cheaper version explains both, so that what differs is the noise's
        doing; a quick method is itself, and its explanation at hand.
        """
        cheaper = self.cheaper(evaluations / 2 / explanation.evaluations, image)
        own = explanation if cheaper == self else cheaper.explain(classifier, image)
        other = cheaper.explain(classifier, noisy)
        spent = other.evaluations + (0 if own is explanation else own.evaluations)
        return repeat_of(evidence_map(own), [evidence_map(other)], evaluations=spent)

    @abstractmethod
    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Explanation:
        """Do the work, and report how much of it is done.

        The image is a window, (T, C, H, W), where the network sees T > 1 frames together; its score is one number.
        """


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
    """Return the raw score of one image, (C, H, W), or of what a `FrameDetector` looks at in a window."""
    with torch.inference_mode():
        return float(classifier(image[None])[0])
