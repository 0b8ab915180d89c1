"""The residual map, the baseline that every other explainer has to beat (4.10)."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.scores import Scoring
from xai_ad.explain.base import Explainer
from xai_ad.explain.results import Attribution
from xai_ad.progress import Progress
from xai_ad.types import ErrorMaps, Image

ONLY_A_PART = "The score is the mean of {}: the map as a whole does not add up to it."


@dataclass(frozen=True, kw_only=True)
class Residual(Explainer):
    """Each pixel's own reconstruction error, as its share of the score.

    >>> from xai_ad import Residual, load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> image = read_image("sample_data/washer/test/contamination/006.jpg", card)
    >>> explanation = Residual().explain(classifier, image)
    >>> abs(explanation.residual) < 1e-6 * explanation.score  # the shares add up to the score
    True
    """

    id: ClassVar[str] = "residual"
    complete: ClassVar[bool] = True
    signed: ClassVar[bool] = False
    quick: ClassVar[bool] = True
    title: ClassVar[str] = "Residual"
    sentence: ClassVar[str] = (
        "Where does the rebuilt picture differ from the photograph? Bright places are those it failed to rebuild."
    )

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:  # noqa: ARG002  # one forward: nothing to report between
        with torch.inference_mode():
            return residual_of(classifier.error_map(image[None]), classifier.calibration.scoring)


def residual_of(errors: ErrorMaps, scoring: Scoring) -> Attribution:
    """Return the residual of one image whose errors are known, (1, H, W)."""
    return Attribution(
        method=Residual.id,
        relevance=(errors[0] / errors[0].numel()).cpu().numpy(),
        score=float(scoring.reduce(errors)[0]),
        baseline=0.0,
        evaluations=1,
        note=None if scoring.adds_up else ONLY_A_PART.format(scoring.counted),
    )
