"""The detector that everything here explains: an autoencoder, a score, and the calibration that judges it.

An image is scored by how badly the network reconstructs it; it is anomalous when the score exceeds a calibrated
threshold (Eq. 3.21). Scores, thresholds and maps are raw here; only `classify` and `Prediction.normalised` divide.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from xai_ad.data.videos.frames import Frame
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.fast import InferenceNetwork
from xai_ad.detector.placement import Grid
from xai_ad.detector.streams import reconstructed_frames
from xai_ad.errors import InvalidInputError, StoreError
from xai_ad.machine.execution import Precision
from xai_ad.networks import Autoencoder
from xai_ad.networks.graph import Graph, graph_of
from xai_ad.networks.merging import merged
from xai_ad.types import Clips, ErrorMaps, Image, Images, Scores


@dataclass(frozen=True, kw_only=True, eq=False)
class References:
    """What normal looks like, for fills that put normal content where a segment is absent.

    `mean` is the mean training image, (C, H, W) or None; `normals` are normal images, (R, C, H, W), R may be 0.
    """

    mean: Image | None = None
    normals: Images = field(default_factory=lambda: torch.empty(0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """What a detector says of images with any leading dimensions, here N.

    >>> from xai_ad import Prediction, load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> image = read_image("sample_data/washer/test/contamination/006.jpg", card)
    >>> prediction = classifier.predict(image[None])
    >>> isinstance(prediction, Prediction), prediction.is_anomalous.tolist(), prediction.error_maps.shape
    (True, [True], torch.Size([1, 128, 128]))
    """

    scores: Scores  # (N,)
    normalised: Scores  # (N,), scores / score_max
    is_anomalous: Tensor  # (N,) bool
    reconstructions: Images  # (N, C, H, W)
    error_maps: ErrorMaps  # (N, H, W)


@dataclass(frozen=True, kw_only=True)
class ScoredFrame:
    """A frame's raw score, and whether its window had to be padded (see `ReconstructedFrames`)."""

    number: int
    score: float
    padded: bool = False


class AnomalyClassifier(nn.Module):
    """A trained network and its calibration, frozen; safe to share between threads.

    It takes images with any leading dimensions, (..., C, H, W), and answers with as many: (..., C, H, W) -> (...).
    Where its `grid` has T > 1 frames, the last leading dimension is a window's frames, (..., T, C, H, W), and each
    frame has a score of its own.

    The network is copied, put into evaluation mode and its parameters take no gradients; gradients still flow to the
    images, so that a score can be differentiated by them.

    >>> from xai_ad import AnomalyClassifier, load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> image = read_image("sample_data/washer/test/contamination/006.jpg", card)
    >>> classifier.predict(image[None]).is_anomalous
    tensor([True])
    >>> again = AnomalyClassifier(classifier.network, classifier.calibration)
    >>> bool(again(image[None]) > again.calibration.threshold)
    True
    """

    def __init__(
        self, network: Autoencoder, calibration: Calibration, references: References | None = None
    ) -> None:
        super().__init__()
        # Channels-last is about twice as fast on a CPU and changes no value.
        frozen = copy.deepcopy(network).eval().requires_grad_(False)
        self.network: Autoencoder = frozen.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self.calibration = calibration
        self.references = references or References()
        # In a list, so that its weights are no second part of the state.
        self._inference: list[InferenceNetwork] = []
        self._graphs: list[Graph] = []  # recorded when it is first needed
        super().train(False)

    @property
    def grid(self) -> Grid:
        """The frames and pixels that the network sees together."""
        side = self.network.size
        if side is None:
            raise InvalidInputError("This network takes images of any size. Build it with a 'size'.")
        return Grid(frames=self.network.frames, height=side, width=side)

    @property
    def channels(self) -> int:
        """How many channels the images have, 1 or 3."""
        return self.network.channels

    @property
    def graph(self) -> Graph:
        """The network taken apart, linear maps merged; raises `UnsupportedLayerError` for one that cannot be."""
        if not self._graphs:
            self._graphs.append(merged(graph_of(self.network)))
        return self._graphs[0]

    def with_normals(self, normals: Images) -> "AnomalyClassifier":
        """Return the same detector with other normal images, (R, C, H, W), to fill from."""
        references = References(mean=self.references.mean, normals=normals)
        return AnomalyClassifier(self.network, self.calibration, references)

    def train(self, mode: bool = True) -> "AnomalyClassifier":
        """Refuse to leave evaluation mode: a detector that changes while it explains would explain nothing."""
        if mode:
            raise InvalidInputError("An AnomalyClassifier is frozen. Train its network before building one.")
        super().train(False)
        return self

    def reconstruct(self, images: Images) -> Images:
        """Return what the network makes of the images, (..., C, H, W) in [0, 1] (Eq. 3.2).

        A network that predicts sees the first half of a window for the second, and the second, backwards, for the
        first, as it does at the beginning of a clip.
        """
        return self._reconstructed(images, self.network.answer)

    def check(self, images: Images) -> None:
        """Raise `InvalidInputError` unless the images are what the network takes, finite and in [0, 1]."""
        self._windows(images)
        if images.dtype != torch.float32:
            raise InvalidInputError(f"The images must be float32. Got {images.dtype}.")
        if not torch.isfinite(images).all():
            raise InvalidInputError("The images hold NaN or infinite pixels. Read them with read_image.")
        if images.numel() and (images.min() < 0 or images.max() > 1):
            low, high = float(images.min()), float(images.max())
            raise InvalidInputError(
                f"The images must lie in [0, 1]. Got values from {low:.4g} to {high:.4g}."
            )

    def error_map(self, images: Images) -> ErrorMaps:
        """Return the per-pixel errors whose reduction is the score, (..., H, W)."""
        return self.calibration.scoring.map(images, self.reconstruct(images))

    def shares(self, images: Images) -> Tensor:
        """Return each output value's share of its image's score, (..., C, H, W); an image's shares sum to its score."""
        return self.calibration.scoring.shares(images, self.reconstruct(images))

    def forward(self, images: Images) -> Scores:
        """Return raw scores, (...), differentiable by the images."""
        return self.calibration.scoring.reduce(self.error_map(images))

    @torch.inference_mode()
    def score_fast(self, images: Images, precision: Precision = Precision.FLOAT32) -> Scores:
        """Return raw scores, (...), by the network's inference copy: for masking games and searches.

        In float32 they are those of `forward` to 1e-5 relative. In bfloat16 only the network's layers are: the score
        of its reconstruction is taken in float32. Verdicts, thresholds and whatever is reported as a flip come from
        `forward` and `predict`.
        """
        answer = partial(self._inference_network().answer, precision=precision)
        return self.calibration.scoring.scores(images, self._reconstructed(images, answer))

    def score_frames(self, frames: Iterable[Frame]) -> Iterator[ScoredFrame]:
        """Yield each frame's raw score, in order; `frames` may be a `FrameStream` of any length.

        Raises `StoreError` where weights are damaged, and whatever `frames` raises.
        """
        scoring = self.calibration.scoring
        for part in reconstructed_frames(self.network, frames):
            scores = _intact(scoring.reduce(scoring.map(part.images, part.reconstructions)))
            for number, score, padded in zip(part.numbers, scores.tolist(), part.padded, strict=True):
                yield ScoredFrame(number=number, score=score, padded=padded)

    def classify(self, images: Images) -> Tensor:
        """Return (..., 2) "probabilities" [normal, anomalous] = [1 - s, s], s = score / score_max clamped (3.8.5).

        Any library that explains classifiers can call it. A clamped score has neither gradient nor contrast once it
        saturates, so the package's own explainers explain `forward` instead.
        """
        anomalous = (self(images) / self.calibration.score_max).clamp(0, 1)
        return torch.stack([1 - anomalous, anomalous], dim=-1)

    @torch.inference_mode()
    def predict(self, images: Images) -> Prediction:
        """Judge the images; raises `InvalidInputError` where they are not what the network takes."""
        self.check(images)
        reconstructions = self.reconstruct(images)
        scoring = self.calibration.scoring
        error_maps = scoring.map(images, reconstructions)
        scores = _intact(scoring.reduce(error_maps))
        return Prediction(
            scores=scores,
            normalised=scores / self.calibration.score_max,
            is_anomalous=scores > self.calibration.threshold,
            reconstructions=reconstructions,
            error_maps=error_maps,
        )

    def _windows(self, images: Images) -> Clips:
        """Return images, (..., C, H, W) or (..., T, C, H, W), as (N, T, C, H, W); raises where they are neither."""
        frames, channels, size = self.network.frames, self.network.channels, self.network.size
        together = (frames,) if frames > 1 else ()
        wanted = (*together, channels, *((size, size) if size else images.shape[-2:]))
        if images.ndim < len(wanted) or tuple(images.shape[-len(wanted) :]) != wanted:
            sides = f"{size}, {size}" if size else "any, any"
            shape = ", ".join(["N", *map(str, together), str(channels), sides])
            message = f"The images must have the shape ({shape}). Got {tuple(images.shape)}."
            if together:
                message = f"The model scores clips of {frames} frames and no single pictures. Inspect a video with it. {message}"
            raise InvalidInputError(message)
        return images.reshape(-1, frames, *images.shape[-3:])

    def _reconstructed(self, images: Images, answer: Callable[[Clips], Clips]) -> Images:
        windows, seeds = self._windows(images), self.network.seeds
        if not seeds:
            return answer(windows).reshape(images.shape)
        ahead, back = answer(windows[:, :seeds]), answer(windows[:, seeds:].flip(1)).flip(1)
        return torch.cat([back, ahead], dim=1).reshape(images.shape)

    def _inference_network(self) -> InferenceNetwork:
        """Return the inference copy, made when it is first needed; should two threads make one, either will do."""
        if not self._inference:
            self._inference.append(InferenceNetwork(self.network))
        return self._inference[0]


def _intact(scores: Scores) -> Scores:
    """Return scores; raises `StoreError` where some are no numbers."""
    if not torch.isfinite(scores).all():
        raise StoreError("The model returns scores that are no numbers: its weights are damaged. Restore it.")
    return scores
