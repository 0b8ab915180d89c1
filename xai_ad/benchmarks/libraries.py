"""The libraries' own pipelines, as a user of them writes them: eager PyTorch, its defaults, no help of this package.

Each explains the score of one image, (C, H, W), whose network is the stored one: contiguous, float32, batch norms and
all. The segments are this package's, so that both sides play on as many.
"""

import warnings
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.detector.scores import Scoring
from xai_ad.explain.segments import Slic
from xai_ad.networks import Autoencoder
from xai_ad.types import Image, Images, Scores

SHAP_BATCH = 32
"""shap hands all samples over in one call, which would take gigabytes: its user cuts them up."""
ANCHORS = 2
"""shap scores the empty and the full coalition beside `nsamples`."""

Values: TypeAlias = NDArray[np.float64]


class Library(StrEnum):
    """Whose pipeline explains."""

    LIME = "lime"
    SHAP = "shap"
    CAPTUM_LIME = "captum Lime"
    CAPTUM_KERNEL_SHAP = "captum KernelShap"


class PlainScore:
    """A network and its score as PyTorch runs them by default; `evaluations` counts the images scored."""

    def __init__(self, network: Autoencoder, scoring: Scoring) -> None:
        self._network, self._scoring = network.eval(), scoring
        self.evaluations = 0

    def __call__(self, images: Images) -> Scores:
        """Return raw scores, (N,)."""
        self.evaluations += len(images)
        with torch.no_grad():
            return self._scoring.reduce(self._scoring.map(images, self._network(images)))


def explain_with_lime(score: PlainScore, image: Image, players: int, evaluations: int) -> Values:
    """Run `LimeImageExplainer` with its default batches and fill, each segment's mean colour."""
    from lime.lime_image import LimeImageExplainer

    pixels = image.numpy().transpose(1, 2, 0)  # (H, W, C)
    channels = pixels.shape[2]
    colours = pixels if channels == 3 else np.repeat(pixels, 3, axis=2)  # lime knows images in colour alone

    def scores_of(changed: NDArray[np.float32]) -> NDArray[np.float32]:
        images = torch.from_numpy(changed[..., :channels].transpose(0, 3, 1, 2).copy())
        return score(images).numpy()[:, None]

    explained = LimeImageExplainer(random_state=0).explain_instance(
        colours,
        scores_of,
        labels=(0,),
        top_labels=None,
        num_samples=evaluations,
        segmentation_fn=lambda _: Slic(n_segments=players)(image),
    )
    return np.array([weight for _, weight in sorted(explained.local_exp[0])])


def explain_with_shap(score: PlainScore, image: Image, players: int, evaluations: int) -> Values:
    """Run `KernelExplainer` on segments filled with the image's mean colour, with a function that batches by 32."""
    segments, filled = _game(image, players)

    def scores_of(coalitions: Values) -> NDArray[np.float32]:
        batches = torch.split(torch.from_numpy(coalitions > 0.5), SHAP_BATCH)  # (B, M) each
        scores = [score(torch.where(batch[:, None, segments], image, filled)) for batch in batches]
        return torch.cat(scores).numpy()

    # shap's colour maps use what matplotlib is about to drop, and of few coalitions sklearn's fit says so.
    with warnings.catch_warnings(action="ignore"):
        import shap

        explainer = shap.KernelExplainer(scores_of, np.zeros((1, players)))
        found = explainer.shap_values(np.ones((1, players)), nsamples=evaluations - ANCHORS, silent=True)
    return np.asarray(found[0], dtype=np.float64)


def explain_with_captum(name: str, score: PlainScore, image: Image, players: int, evaluations: int) -> Values:
    """Run captum's `Lime` or `KernelShap` with its defaults on segments filled with the image's mean colour."""
    from captum import attr

    segments, filled = _game(image, players)
    with warnings.catch_warnings(
        action="ignore"
    ):  # of few coalitions, as in a warm-up, sklearn's fit says so
        found: Tensor = getattr(attr, name)(score).attribute(
            image[None],
            baselines=filled[None],
            feature_mask=segments[None, None],
            n_samples=evaluations,
            return_input_shape=False,
        )
    return found[0].double().numpy()


def _game(image: Image, players: int) -> tuple[Tensor, Image]:
    """Return the segments, (H, W), and an image of the image's mean colour, (C, H, W)."""
    segments = torch.from_numpy(Slic(n_segments=players)(image))
    return segments, image.mean(dim=(1, 2), keepdim=True).expand_as(image)


PIPELINES: dict[Library, Callable[[PlainScore, Image, int, int], Values]] = {
    Library.LIME: explain_with_lime,
    Library.SHAP: explain_with_shap,
    Library.CAPTUM_LIME: partial(explain_with_captum, "Lime"),
    Library.CAPTUM_KERNEL_SHAP: partial(explain_with_captum, "KernelShap"),
}
"""Called with the score, an image, the number of segments and of evaluations; returns a value for each, (M,)."""
