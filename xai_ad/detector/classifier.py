"""The classifier that everything here explains: an autoencoder, a score, and the calibration that judges it.

An image is scored by how badly the network rebuilds it; it is anomalous when the score exceeds a calibrated threshold
(Eq. 3.21). Scores, thresholds and maps are raw here; only `classify` and `Prediction.normalised` divide.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xai_ad.data.images import to_float
from xai_ad.detector.fast import InferenceNetwork
from xai_ad.detector.losses import ETA, WINDOW
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import InvalidInputError, StoreError
from xai_ad.machine.execution import Precision
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.progress import Progress, silent
from xai_ad.types import ErrorMaps, Image, Images, Scores

BATCH_SIZE = 32

Shares = TypeVar("Shares", Tensor, NDArray[np.float32])


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The only place where a score is compared or divided (3.8.5).

    `threshold` and `score_max` are in the score's raw unit; the thesis's delta_o of Eq. 3.21 is their ratio.
    `map_scale` is where a drawn map's scale ends, in units of relevance density (see `density`). `eta` and `window`
    belong to the score (see `Scoring`).
    """

    score: Score = Score.SQUARED_ERROR
    threshold: float
    score_max: float
    map_scale: float
    eta: float = ETA
    window: int = WINDOW

    def __post_init__(self) -> None:
        self.scoring  # noqa: B018  # checks eta and window
        for name in ("threshold", "score_max", "map_scale"):
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise InvalidInputError(
                    f"The '{name}' of a calibration must be positive and finite. Got {value!r}."
                )

    @property
    def scoring(self) -> Scoring:
        """The score with its parameters: what is compared with the threshold."""
        return Scoring(score=self.score, eta=self.eta, window=self.window)

    def is_anomalous(self, score: float) -> bool:
        """Return whether a raw score exceeds the threshold."""
        return score > self.threshold

    def normalised(self, score: float) -> float:
        """Return a raw score as a fraction of `score_max`; it exceeds 1 for images worse than any calibrated on."""
        return score / self.score_max

    @property
    def normalised_threshold(self) -> float:
        """The thesis's delta_o (Eq. 3.21)."""
        return self.threshold / self.score_max


@dataclass(frozen=True, kw_only=True)
class References:
    """What normal looks like, for fills that put normal content where a segment is absent.

    `mean` is the mean training image, (C, H, W) or None; `normals` are normal images, (R, C, H, W), R may be 0.
    """

    mean: Image | None = None
    normals: Images = field(default_factory=lambda: torch.empty(0))


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a classifier says of N images."""

    scores: Scores  # (N,)
    normalised: Scores  # (N,), scores / score_max
    is_anomalous: Tensor  # (N,) bool
    reconstructions: Images  # (N, C, H, W)
    error_maps: ErrorMaps  # (N, H, W)


class AnomalyClassifier(nn.Module):
    """A trained network and its calibration, frozen; safe to share between threads.

    The network is copied, put into evaluation mode and its parameters take no gradients; gradients still flow to the
    images, so that a score can be differentiated by them.
    """

    def __init__(
        self,
        network: ConvolutionalAutoencoder,
        calibration: Calibration,
        references: References | None = None,
    ) -> None:
        super().__init__()
        # Channels-last is about twice as fast on a CPU and changes no value.
        frozen = copy.deepcopy(network).eval().requires_grad_(False)
        self.network: ConvolutionalAutoencoder = frozen.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self.calibration = calibration
        self.references = references or References()
        self._inference: list[
            InferenceNetwork
        ] = []  # in a list, so that its weights are no second part of the state
        super().train(False)

    @property
    def channels(self) -> int:
        """How many channels the images have, 1 or 3."""
        return self.network.channels

    def with_normals(self, normals: Images) -> "AnomalyClassifier":
        """Return the same classifier with other normal images, (R, C, H, W), to fill from."""
        references = References(mean=self.references.mean, normals=normals)
        return AnomalyClassifier(self.network, self.calibration, references)

    def train(self, mode: bool = True) -> "AnomalyClassifier":
        """Refuse to leave evaluation mode: a classifier that changes while it explains would explain nothing."""
        if mode:
            raise InvalidInputError("An AnomalyClassifier is frozen. Train its network before building one.")
        super().train(False)
        return self

    def reconstruct(self, images: Images) -> Images:
        """Return what the network makes of the images, (N, C, H, W) in [0, 1] (Eq. 3.2)."""
        return reconstruct(self.network, images)

    def check(self, images: Images) -> None:
        """Raise `InvalidInputError` unless the images are what the network takes, finite and in [0, 1]."""
        check_images(images, channels=self.network.channels, size=self.network.size)

    def error_map(self, images: Images) -> ErrorMaps:
        """Return the per-pixel errors whose reduction is the score, (N, H, W)."""
        return self.calibration.scoring.map(images, self.reconstruct(images))

    def forward(self, images: Images) -> Scores:
        """Return raw scores, (N,), differentiable by the images."""
        return self.calibration.scoring.reduce(self.error_map(images))

    @torch.inference_mode()
    def score_fast(self, images: Images, precision: Precision = Precision.FLOAT32) -> Scores:
        """Return raw scores, (N,), by the network's inference copy: for masking games and searches.

        In float32 they are those of `forward` to 1e-5 relative. In bfloat16 only the network's layers are: the score
        of its reconstruction is taken in float32. Verdicts, thresholds and whatever is reported as a flip come from
        `forward` and `predict`.
        """
        reconstructions = self._inference_network().reconstruct(images, precision)
        scoring = self.calibration.scoring
        return scoring.reduce(scoring.map(images, reconstructions))

    def _inference_network(self) -> InferenceNetwork:
        """Return the inference copy, made when it is first needed; should two threads make one, either will do."""
        if not self._inference:
            self._inference.append(InferenceNetwork(self.network))
        return self._inference[0]

    def classify(self, images: Images) -> Tensor:
        """Return (N, 2) "probabilities" [normal, anomalous] = [1 - s, s], s = score / score_max clamped (3.8.5).

        Any library that explains classifiers can call it. A clamped score has neither gradient nor contrast once it
        saturates, so the package's own explainers explain `forward` instead.
        """
        anomalous = (self(images) / self.calibration.score_max).clamp(0, 1)
        return torch.stack([1 - anomalous, anomalous], dim=1)

    @torch.inference_mode()
    def predict(self, images: Images) -> Prediction:
        """Judge the images; raises `InvalidInputError` where they are not what the network takes."""
        self.check(images)
        reconstructions = self.reconstruct(images)
        scoring = self.calibration.scoring
        error_maps = scoring.map(images, reconstructions)
        scores = scoring.reduce(error_maps)
        if not torch.isfinite(scores).all():
            raise StoreError(
                "The model returns scores that are no numbers: its weights are damaged. Restore it."
            )
        return Prediction(
            scores=scores,
            normalised=scores / self.calibration.score_max,
            is_anomalous=scores > self.calibration.threshold,
            reconstructions=reconstructions,
            error_maps=error_maps,
        )


def reconstruct(network: ConvolutionalAutoencoder, images: Images) -> Images:
    """Return a network's reconstructions, (N, C, H, W); channels-last, which is about twice as fast on a CPU."""
    reconstructions: Images = network(images.contiguous(memory_format=torch.channels_last))
    return reconstructions


@torch.inference_mode()
def reconstructed(
    network: ConvolutionalAutoencoder, pixels: Tensor, *, on_progress: Progress = silent
) -> Iterator[tuple[Images, Images]]:
    """Yield batches of any number of 8-bit pictures, (N, C, H, W), as images and their reconstructions."""
    for start in range(0, len(pixels), BATCH_SIZE):
        images = to_float(pixels[start : start + BATCH_SIZE])
        yield images, reconstruct(network, images)
        on_progress(min(1.0, (start + BATCH_SIZE) / len(pixels)))


def score_maps(
    network: ConvolutionalAutoencoder, pixels: Tensor, scoring: Scoring, *, on_progress: Progress = silent
) -> ErrorMaps:
    """Return the error maps, (N, H, W), of any number of 8-bit pictures, (N, C, H, W), scored in batches."""
    batches = reconstructed(network, pixels, on_progress=on_progress)
    return torch.cat([scoring.map(*batch) for batch in batches])


def density(values: Shares, threshold: float) -> Shares:
    """Return relevance as density: a pixel's share x H x W / threshold.

    1 means "were the whole picture like this, it would stand exactly at the limit", whatever the picture's size.
    `values` are shares of the score, (..., H, W).
    """
    height, width = values.shape[-2:]
    dense: Shares = values * (height * width / threshold)
    return dense


def check_images(images: Images, *, channels: int, size: int | None) -> None:
    """Raise `InvalidInputError` unless the images are (N, C, H, W) float32, finite and in [0, 1].

    With a `size`, H and W must equal it.
    """
    if images.ndim != 4 or images.shape[1] != channels or (size and images.shape[2:] != (size, size)):
        side = size or "any"
        raise InvalidInputError(
            f"The images must have the shape (N, {channels}, {side}, {side}). Got {tuple(images.shape)}."
        )
    if images.dtype != torch.float32:
        raise InvalidInputError(f"The images must be float32. Got {images.dtype}.")
    if not torch.isfinite(images).all():
        raise InvalidInputError("The images hold NaN or infinite pixels. Read them with read_image.")
    if images.numel() and (images.min() < 0 or images.max() > 1):
        low, high = float(images.min()), float(images.max())
        raise InvalidInputError(f"The images must lie in [0, 1]. Got values from {low:.4g} to {high:.4g}.")
