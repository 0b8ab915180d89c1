"""lime with its defaults: quickshift's segments, 1,000 samples, each segment's mean colour where it is absent."""

from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xai_ad.benchmarks.maps import Map, Scorer
from xai_ad.benchmarks.rivals.base import Rival
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.segments import spread_evenly
from xai_ad.types import Image


@dataclass(frozen=True, kw_only=True)
class LimeImage(Rival):
    """`LimeImageExplainer().explain_instance(image, scores)`."""

    library: ClassVar[str] = "lime"
    seeded: ClassVar[bool] = True
    budget: int = 1000

    def draw(self, classifier: AnomalyClassifier, image: Image, seed: int) -> tuple[Map, int]:
        """Explain the image."""
        from lime.lime_image import LimeImageExplainer

        pixels = image.numpy().transpose(1, 2, 0)  # (H, W, C)
        channels = pixels.shape[2]
        colours = (
            pixels if channels == 3 else np.repeat(pixels, 3, axis=2)
        )  # lime knows images in colour alone
        score = Scorer(classifier, self.execution)

        def scores_of(changed: NDArray[np.float32]) -> NDArray[np.float64]:
            return score.of_pixels(changed[..., :channels])[:, None]

        with redirect_stderr(StringIO()):  # its progress is nobody's here
            explained = LimeImageExplainer(random_state=seed).explain_instance(
                colours.astype(np.double),  # as its examples hand images over
                scores_of,
                labels=(0,),
                top_labels=None,
                num_samples=self.budget,
            )
        weights = np.array([weight for _, weight in sorted(explained.local_exp[0])])
        return spread_evenly(weights, explained.segments.astype(np.int64)), score.evaluations
