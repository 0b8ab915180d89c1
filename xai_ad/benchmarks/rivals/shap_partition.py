"""shap's partition explainer with its image masker: Owen values of a hierarchy of halves, quarters and so on."""

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xai_ad.benchmarks.maps import Map, Scorer
from xai_ad.benchmarks.rivals.base import BUDGET, Rival, normal_image
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.types import Image

BLUR = 128
"""The side of the box that shap's examples blur by."""
BATCH = 50
"""How many copies shap's examples hand over at once."""


@dataclass(frozen=True, kw_only=True)
class ShapPartition(Rival):
    """`shap.Explainer` with `maskers.Image`: filled with "blur(128,128)", or with what is normal."""

    library: ClassVar[str] = "shap"
    budget: int = BUDGET

    def draw(self, classifier: AnomalyClassifier, image: Image, seed: int) -> tuple[Map, int]:  # noqa: ARG002  # chance plays no part
        """Explain the image."""
        pixels = image.numpy().transpose(1, 2, 0)  # (H, W, C)
        filled = (
            normal_image(classifier, image).numpy().transpose(1, 2, 0) if self.normal else blurred(pixels)
        )
        score = Scorer(classifier, self.execution)
        with warnings.catch_warnings(action="ignore"):  # its colour maps use what matplotlib is about to drop
            import shap

            masker = shap.maskers.Image(np.ascontiguousarray(filled))
            explainer = shap.Explainer(score.of_pixels, masker, algorithm="partition")
            found = explainer(pixels[None], max_evals=self.budget, batch_size=BATCH, silent=True)
        values: Map = np.asarray(found.values[0]).reshape(pixels.shape).sum(axis=2)
        return values, score.evaluations


def blurred(pixels: NDArray[np.floating]) -> NDArray[np.floating]:
    """Blur by a box, (H, W, C), the edges mirrored: what shap asks OpenCV for, without OpenCV."""
    from scipy.ndimage import uniform_filter

    found: NDArray[np.floating] = uniform_filter(pixels, size=(BLUR, BLUR, 1), mode="mirror")
    return found
