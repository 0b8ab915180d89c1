"""Integrated gradients (Sundararajan et al. 2017), by captum, on the classifier's raw score."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from torch import Tensor

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.base import Explainer, raw_score
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import choose_fill
from xai_ad.explain.results import Attribution, Provenance
from xai_ad.explain.segments import grid_segments
from xai_ad.fields import member, whole
from xai_ad.progress import Progress
from xai_ad.types import Image, Images, Scores

MAX_STEPS = 1000
BATCH_SIZE = 4
"""Steps computed at once. Gradients keep every layer's output: BCAE1 needs about 25 MB an image."""

CELLS = 64
"""Into how many cells the image is cut for the one fill that asks for segments."""

NOTICEABLE = 0.05
"""The share of the explained difference that the steps may miss before the map comes with a warning."""

A_PART_CHANGES = (
    "The score is the mean of {}, and which pixels these are changes on the way from normal: the shares add up the less "
    "exactly, the fewer steps are taken."
)


@dataclass(frozen=True, kw_only=True)
class IntegratedGradients(Explainer):
    """The gradient of the score by each pixel, averaged on the straight way from normal to the image.

    The way starts from the fill's image, whose score is `baseline`, and the gradient is taken at `steps` places of
    Gauss and Legendre. Times how far a pixel is from normal, the averages add up to the score less the baseline in
    the limit of many steps (completeness); `residual` is what these miss of it, captum's delta with its sign turned.
    Float32 only: a gradient is not worth having in less.
    """

    steps: int = whole(32, low=1, high=MAX_STEPS)
    fill: Fill = member(Fill.AUTO)

    id: ClassVar[str] = "integrated_gradients"
    complete: ClassVar[bool] = True
    title: ClassVar[str] = "Integrated gradients"
    sentence: ClassVar[str] = (
        "Which pixels raise the score while a normal picture is faded into this one? Orange ones raised it, blue ones lowered it."
    )

    def cheaper(self, share: float, image: Image) -> Self:  # noqa: ARG002  # whatever the image
        """Return it with fewer steps."""
        return replace(self, steps=max(1, int(share * self.steps)))

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        score, scoring = raw_score(classifier, image), classifier.calibration.scoring
        height, width = image.shape[-2:]
        fill = choose_fill(classifier, image, grid_segments(height, width, CELLS), self.fill)
        shares = integrated(classifier, image, fill.image, steps=self.steps, on_progress=on_progress)
        explained = Attribution(
            method=self.id,
            relevance=shares.sum(dim=-3).cpu().numpy(),
            score=score,
            baseline=fill.score,
            evaluations=1 + fill.evaluations + self.steps,
            provenance=Provenance(fill=fill.fill, fill_score=fill.score),
            note=None if scoring.adds_up else A_PART_CHANGES.format(scoring.counted),
            warning=fill.warning(classifier.calibration.threshold),
        )
        warnings = filter(None, (_missed(explained), explained.warning))
        return replace(explained, warning=" ".join(warnings) or None)


def _missed(explained: Attribution) -> str | None:
    """Return in words how much the steps miss of what they are to explain, where that is much."""
    difference = explained.score - explained.baseline
    if abs(explained.residual) <= NOTICEABLE * abs(difference):
        return None
    missed = abs(explained.residual / difference) if difference else math.inf
    share = f"{missed:.0%} of what lies" if missed < 1 else "as much as lies, or more,"
    return f"The steps miss {share} between normal and the score: take more of them."


def integrated(
    classifier: AnomalyClassifier, image: Image, start: Image, *, steps: int, on_progress: Progress
) -> Tensor:
    """Return captum's integrated gradients from `start` to the image, of its shape; reports after each batch."""
    from captum.attr import IntegratedGradients as ByCaptum

    done = 0

    def scores(images: Images) -> Scores:
        nonlocal done
        found: Scores = classifier(images)
        done += len(images)
        on_progress(done / steps)
        return found

    shares: Tensor = ByCaptum(scores).attribute(
        image.detach()[None], start.detach()[None], n_steps=steps, internal_batch_size=BATCH_SIZE
    )
    return shares[0].detach()
