"""captum's occlusion and integrated gradients, set as its tutorials set them, from black or from what is normal."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from xai_ad.benchmarks.maps import Map, Scorer
from xai_ad.benchmarks.rivals.base import Rival, normal_image
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.types import Image, Images, Scores

WINDOW, STRIDE = 15, 8
"""What captum's tutorials occlude with."""
TOGETHER = 8
"""Windows tried, or steps taken, at once."""


@dataclass(frozen=True, kw_only=True)
class CaptumOcclusion(Rival):
    """`Occlusion(scores).attribute(image, (C, 15, 15), strides=(C, 8, 8))`."""

    library: ClassVar[str] = "captum"

    def draw(self, classifier: AnomalyClassifier, image: Image, seed: int) -> tuple[Map, int]:  # noqa: ARG002  # chance plays no part
        """Explain the image."""
        from captum.attr import Occlusion

        score = Scorer(classifier, self.execution)
        found: Tensor = Occlusion(lambda images: torch.from_numpy(score(images))).attribute(
            image[None],
            sliding_window_shapes=(len(image), WINDOW, WINDOW),
            strides=(len(image), STRIDE, STRIDE),
            baselines=_baseline(self, classifier, image),
            perturbations_per_eval=TOGETHER,
        )
        return found[0].mean(dim=0).numpy(), score.evaluations


@dataclass(frozen=True, kw_only=True)
class CaptumGradients(Rival):
    """`IntegratedGradients(scores).attribute(image)`, 50 steps."""

    library: ClassVar[str] = "captum"
    steps: int = 50

    def draw(self, classifier: AnomalyClassifier, image: Image, seed: int) -> tuple[Map, int]:  # noqa: ARG002  # chance plays no part
        """Explain the image."""
        from captum.attr import IntegratedGradients

        evaluations = 0

        def scores(images: Images) -> Scores:
            nonlocal evaluations
            evaluations += len(images)
            found: Scores = classifier(images)
            return found

        found: Tensor = IntegratedGradients(scores).attribute(
            image[None],
            _baseline(self, classifier, image),
            n_steps=self.steps,
            internal_batch_size=TOGETHER,
        )
        return found[0].detach().sum(dim=0).numpy(), evaluations


def _baseline(rival: Rival, classifier: AnomalyClassifier, image: Image) -> Tensor:
    """Return where to start from, (1, C, H, W): black, as captum does, or what is normal."""
    return (normal_image(classifier, image) if rival.normal else torch.zeros_like(image))[None]
