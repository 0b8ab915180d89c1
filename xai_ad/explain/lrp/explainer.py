"""The explainer: relevance of the input's pixels for the score."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from xai_ad.classifier import AnomalyClassifier
from xai_ad.explain.base import Attribution, Explainer, raw_score, require_positive
from xai_ad.explain.lrp.propagation import relevance_of
from xai_ad.progress import Progress
from xai_ad.types import Image


@dataclass(frozen=True, kw_only=True)
class Lrp(Explainer):
    """Epsilon-LRP through encoder and decoder (Eq. 3.18).

    Each output value starts with its share of the score, its squared error over C x H x W. What is followed is how
    the *reconstruction* came about: the error also depends on the image directly, as what the reconstruction is
    compared with, and no layer stands between them to propagate that part through.

    The relevance starts from nothing (`baseline` 0); what `residual` shows went to the biases (`bias_share`) and to
    epsilon (`epsilon_share`): score = relevance.sum() + bias_share + epsilon_share.
    """

    epsilon: float = 1e-4

    id: ClassVar[str] = "lrp"
    title: ClassVar[str] = "LRP"
    sentence: ClassVar[str] = (
        "Which pixels led the network to the places it rebuilt wrongly? The score is handed back through its layers."
    )

    def __post_init__(self) -> None:
        require_positive("epsilon", self.epsilon, of="Lrp")

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        score = raw_score(classifier, image)
        images = image[None].contiguous(memory_format=torch.channels_last)
        found = relevance_of(classifier.network, images, epsilon=self.epsilon, on_progress=on_progress)
        return Attribution(
            method=self.id,
            relevance=found.relevance[0].sum(dim=0).cpu().numpy(),
            score=score,
            baseline=0.0,
            evaluations=2,
            diagnostics={"bias_share": found.to_bias, "epsilon_share": found.to_epsilon},
        )
