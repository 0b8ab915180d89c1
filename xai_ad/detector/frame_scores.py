"""One score for every frame of a clip, by networks of images and of clips alike (4.9.1).

A network of images rebuilds each frame by itself. A network of clips answers for windows of frames, laid out so that
every frame has exactly one answer: consecutive windows where it rebuilds, seeds and the frames after them where it
predicts. Frames come one after another and are forgotten, so that no clip is too long.
"""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from typing import TypeVar

import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.layouts import Sample
from xai_ad.data.videos.frames import Frame
from xai_ad.data.videos.windows import (
    LoadedWindow,
    WindowPlan,
    load_windows,
    prediction_windows,
    reconstruction_windows,
)
from xai_ad.detector.classifier import BATCH_SIZE, Calibration, reconstruct, reconstructed
from xai_ad.detector.scores import Scoring
from xai_ad.errors import InvalidInputError, StoreError
from xai_ad.networks import Autoencoder, ClipAutoencoder, fold, unfold
from xai_ad.progress import Progress, silent
from xai_ad.types import Clips, ErrorMaps, Images

_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class RebuiltFrames:
    """Some consecutive frames of a clip, by their numbers (N,), and what a network makes of them, (N, C, H, W) each.

    `padded` (N,) marks those whose run was too short for a window, so that the network saw some frames twice.
    """

    numbers: tuple[int, ...]
    images: Images
    reconstructions: Images
    padded: tuple[bool, ...]


@dataclass(frozen=True, kw_only=True)
class ScoredFrame:
    """A frame's raw score, and whether its window had to be padded (see `RebuiltFrames`)."""

    number: int
    score: float
    padded: bool = False


class FrameScorer:
    """What scores clips frame by frame: a network of images or of clips, and its calibration.

    The network is copied, put into evaluation mode and takes no gradients, so that a scorer may be shared.
    """

    def __init__(self, network: Autoencoder, calibration: Calibration) -> None:
        frozen = copy.deepcopy(network).eval().requires_grad_(False)
        self.network: Autoencoder = frozen.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self.calibration = calibration

    @property
    def frames(self) -> int | None:
        """T, how many frames the network sees together; None where it sees each by itself."""
        return self.network.frames if isinstance(self.network, ClipAutoencoder) else None

    def rebuild(self, frames: Iterable[Frame]) -> Iterator[RebuiltFrames]:
        """Yield a clip's frames in order, each once, and what the network makes of them."""
        return rebuilt_frames(self.network, frames)

    def score_frames(self, frames: Iterable[Frame]) -> Iterator[ScoredFrame]:
        """Yield each frame's raw score, in order; `frames` may be a `FrameStream` of any length.

        Raises `StoreError` where weights are damaged, and whatever `frames` raises.
        """
        scoring = self.calibration.scoring
        for part in self.rebuild(frames):
            scores = scoring.reduce(scoring.map(part.images, part.reconstructions))
            if not torch.isfinite(scores).all():
                raise StoreError(
                    "The model returns scores that are no numbers: its weights are damaged. Restore it."
                )
            for number, score, padded in zip(part.numbers, scores.tolist(), part.padded, strict=True):
                yield ScoredFrame(number=number, score=score, padded=padded)


def rebuilt_frames(network: Autoencoder, frames: Iterable[Frame]) -> Iterator[RebuiltFrames]:
    """Yield a clip's frames in order, each once, and what a network makes of them, holding two batches at most."""
    if not isinstance(network, ClipAutoencoder):
        for batch in _batches(frames, BATCH_SIZE):
            images = to_float(torch.stack([frame.pixels for frame in batch]))
            with torch.inference_mode():
                reconstructions = reconstruct(network, images)
            yield RebuiltFrames(
                numbers=tuple(frame.number for frame in batch),
                images=images,
                reconstructions=reconstructions,
                padded=(False,) * len(batch),
            )
        return
    windows = load_windows(frames, window_plan(network))
    for loaded in _batches(windows, max(1, BATCH_SIZE // network.frames)):
        yield _answered(network, loaded)


def window_plan(network: ClipAutoencoder) -> WindowPlan:
    """Return how a network's windows are laid over a clip: as its `seeds` say, it rebuilds or predicts."""
    if network.seeds:
        return partial(prediction_windows, length=network.seeds)
    return partial(reconstruction_windows, length=network.frames)


def as_clips(windows: Sequence[Tensor]) -> Clips:
    """Return windows of 8-bit frames, N of (T, C, H, W), as a batch of clips, channels-last within.

    That is about twice as fast on a CPU and changes no value.
    """
    frames = to_float(torch.stack(tuple(windows), dim=1).flatten(0, 1))  # (T N, C, H, W)
    return unfold(frames.contiguous(memory_format=torch.channels_last), len(windows[0]))


def reconstructed_samples(
    network: Autoencoder, samples: Sequence[Sample], pixels: Tensor, *, on_progress: Progress = silent
) -> Iterator[tuple[Images, Images]]:
    """Yield samples in batches, in order, as images and their reconstructions; `pixels` are (N, C, H, W) uint8.

    For a network of clips the samples are frames, those of a clip one after another; raises `InvalidInputError` for
    others.
    """
    if not isinstance(network, ClipAutoencoder):
        yield from reconstructed(network, pixels, on_progress=on_progress)
        return
    done = 0
    for clip in clips_of(samples, pixels):
        for part in rebuilt_frames(network, clip):
            yield part.images, part.reconstructions
            done += len(part.numbers)
            on_progress(done / len(samples))


def sample_maps(
    network: Autoencoder,
    samples: Sequence[Sample],
    pixels: Tensor,
    scoring: Scoring,
    *,
    on_progress: Progress = silent,
) -> Iterator[ErrorMaps]:
    """Yield the error maps of samples in batches, (B, H, W), in order; `pixels` are (N, C, H, W) uint8.

    All maps of a long video together would fill the memory.
    """
    for batch in reconstructed_samples(network, samples, pixels, on_progress=on_progress):
        yield scoring.map(*batch)


@torch.inference_mode()
def sample_embeddings(network: Autoencoder, samples: Sequence[Sample], pixels: Tensor) -> Tensor:
    """Return the samples' embeddings, (N, D); a frame's is the one in its window of T, whatever the network answers."""
    if not isinstance(network, ClipAutoencoder):
        starts = range(0, len(pixels), BATCH_SIZE)
        return torch.cat(
            [network.embed(to_float(pixels[start : start + BATCH_SIZE])).flatten(1) for start in starts]
        )
    plan = partial(reconstruction_windows, length=network.frames)
    found = []
    for clip in clips_of(samples, pixels):
        for loaded in load_windows(clip, plan):
            embeddings = network.embed(as_clips([loaded.inputs]))[0].flatten(1)  # (T, D)
            found.append(embeddings[list(loaded.window.scored)])
    return torch.cat(found)


def clips_of(samples: Sequence[Sample], pixels: Tensor) -> Iterator[Iterator[Frame]]:
    """Yield each clip's frames, of samples that follow one another clip by clip; `pixels` are (N, C, H, W) uint8.

    A clip has to be iterated over before the next one is asked for. Raises `InvalidInputError` for pictures.
    """
    for sample in samples:
        if sample.number is None:
            raise InvalidInputError(
                f"A network of clips needs frames of videos, and {sample.path} is a picture. Choose a layout of videos."
            )
    for _, clip in groupby(range(len(samples)), key=lambda index: _clip_key(samples[index])):
        yield (
            Frame(number=samples[index].number or 0, position=index, pixels=pixels[index]) for index in clip
        )


def clip_numbers(samples: Sequence[Sample]) -> list[tuple[int, ...]]:
    """Return the frames' numbers of each clip, of samples that follow one another clip by clip."""
    return [tuple(sample.number or 0 for sample in clip) for _, clip in groupby(samples, key=_clip_key)]


def _clip_key(sample: Sample) -> tuple[str, str | None]:
    return sample.subset, sample.group


@torch.inference_mode()
def _answered(network: ClipAutoencoder, loaded: Sequence[LoadedWindow]) -> RebuiltFrames:
    """Run a network over consecutive windows, and put the frames that they score into the clip's order."""
    count = len(loaded)
    answers = fold(network(as_clips([window.inputs for window in loaded])))  # (T N, C, H, W)
    places = [
        (window.window.targets[index], index * count + place, number, window.window.padded)
        for place, window in enumerate(loaded)
        for index, number in zip(window.window.scored, window.numbers, strict=True)
    ]
    places.sort()
    order = [index for _, index, _, _ in places]
    targets = torch.stack([window.targets for window in loaded], dim=1).flatten(0, 1)  # (T N, C, H, W)
    return RebuiltFrames(
        numbers=tuple(number for _, _, number, _ in places),
        images=to_float(targets[order]),
        reconstructions=answers[order],
        padded=tuple(padded for _, _, _, padded in places),
    )


def _batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
