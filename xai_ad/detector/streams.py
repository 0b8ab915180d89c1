"""Frames and samples, one after another, and what a network makes of them (4.9.1).

A network answers for windows of frames, laid out so that every frame has exactly one answer: consecutive windows where
it reconstructs, seeds and the frames after them where it predicts. A network of images has windows of one frame.
Frames come one after another and are forgotten, so that no clip is too long.
"""

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
    Window,
    WindowPlan,
    load_windows,
    prediction_windows,
    reconstruction_windows,
)
from xai_ad.detector.scores import Scoring
from xai_ad.errors import InvalidInputError
from xai_ad.networks import Autoencoder, fold, unfold
from xai_ad.progress import Progress, silent
from xai_ad.types import Clips, ErrorMaps, Images

BATCH_SIZE = 32
"""How many frames a network is given at once."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True, eq=False)
class ReconstructedFrames:
    """Some consecutive frames of a clip, by their numbers (N,), and what a network makes of them, (N, C, H, W) each.

    `padded` (N,) marks those whose run was too short for a window, so that the network saw some frames twice.
    """

    numbers: tuple[int, ...]
    images: Images
    reconstructions: Images
    padded: tuple[bool, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameInWindow:
    """One frame among those that a network sees together: (T, C, H, W) uint8, their numbers (T,), and its `place`."""

    pixels: Tensor
    numbers: tuple[int, ...]
    place: int


def frame_in_window(network: Autoencoder, frames: Iterable[Frame], number: int) -> FrameInWindow | None:
    """Return the window in which the frame of a number is scored in a stream, or None where there is no such frame.

    A detector's score of that window, at that place, is the frame's score in the stream.
    """
    numbers: list[int] = []

    def noted() -> Iterator[Frame]:
        for frame in frames:
            numbers.append(frame.number)
            yield frame

    for loaded in load_windows(noted(), _plan(network)):
        if number in loaded.numbers:
            window = loaded.window
            positions, place = _seen_together(network, window, window.scored[loaded.numbers.index(number)])
            pixels = dict(zip(window.inputs, loaded.inputs, strict=True))
            pixels |= dict(zip(window.targets, loaded.targets, strict=True))
            return FrameInWindow(
                pixels=torch.stack([pixels[position] for position in positions]),
                numbers=tuple(numbers[position] for position in positions),
                place=place,
            )
    return None


def window_around(
    network: Autoencoder, numbers: Sequence[int], position: int
) -> tuple[tuple[int, ...], int] | None:
    """Return which frames a network sees together with one, and its place among them, from their numbers alone.

    `numbers` are those of a stream's frames, and `position` is the frame's among them; so are those that are returned,
    (T,), in time's order: see `frame_in_window`. None where the frame is scored only once more of the stream is known.
    """
    for window in _plan(network)(numbers):
        for index in window.scored:
            if window.targets[index] == position:
                return _seen_together(network, window, index)
    return None


def _seen_together(network: Autoencoder, window: Window, index: int) -> tuple[tuple[int, ...], int]:
    """Return a window's positions in time's order, and the place of one of its targets.

    The first frames of a clip are predicted backwards, from those after them.
    """
    if not network.seeds:
        return window.inputs, index
    positions, place = (*window.inputs, *window.targets), len(window.inputs) + index
    if min(window.targets) <= min(window.inputs):
        return positions[::-1], len(positions) - 1 - place
    return positions, place


def reconstructed_frames(network: Autoencoder, frames: Iterable[Frame]) -> Iterator[ReconstructedFrames]:
    """Yield a clip's frames in order, each once, and what a network makes of them, holding two batches at most."""
    for loaded in _batches(load_windows(frames, _plan(network)), _windows_at_once(network)):
        yield _answered(network, loaded)


def reconstructed_samples(
    network: Autoencoder, samples: Sequence[Sample], pixels: Tensor, *, on_progress: Progress = silent
) -> Iterator[tuple[Images, Images]]:
    """Yield samples in batches, in order, as images and their reconstructions; `pixels` are (N, C, H, W) uint8.

    For a network that sees several frames together, samples are frames, those of a clip one after another; raises
    `InvalidInputError` for others.
    """
    done = 0
    for stream in _streams(network, samples, pixels):
        for part in reconstructed_frames(network, stream):
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
    plan = partial(reconstruction_windows, length=network.frames)
    found = []
    for stream in _streams(network, samples, pixels):
        for loaded in _batches(load_windows(stream, plan), _windows_at_once(network)):
            embeddings = network.embed_windows(_as_windows([each.inputs for each in loaded])).flatten(2)
            found += [
                embedded[list(each.window.scored)] for embedded, each in zip(embeddings, loaded, strict=True)
            ]
    return torch.cat(found)


def as_frames(pixels: Tensor) -> Iterator[Frame]:
    """Yield 8-bit images, (N, C, H, W), as the frames of one stream."""
    for place, each in enumerate(pixels):
        yield Frame(number=place, position=place, pixels=each)


def clip_numbers(samples: Sequence[Sample]) -> list[tuple[int, ...]]:
    """Return the frames' numbers of each clip, of samples that follow one another clip by clip."""
    return [tuple(sample.number or 0 for sample in clip) for _, clip in groupby(samples, key=_clip_key)]


def _streams(network: Autoencoder, samples: Sequence[Sample], pixels: Tensor) -> Iterator[Iterator[Frame]]:
    """Yield the samples that a network may see together: a clip's frames, or all where it sees each by itself.

    A stream has to be iterated over before the next one is asked for.
    """
    if network.frames == 1:
        yield as_frames(pixels)
        return
    for sample in samples:
        if sample.number is None:
            raise InvalidInputError(
                f"A network of clips needs frames of videos, and {sample.path} is a picture. Choose a layout of videos."
            )
    for _, clip in groupby(range(len(samples)), key=lambda place: _clip_key(samples[place])):
        yield (
            Frame(number=samples[place].number or 0, position=place, pixels=pixels[place]) for place in clip
        )


def _clip_key(sample: Sample) -> tuple[str, str | None]:
    return sample.subset, sample.group


def _plan(network: Autoencoder) -> WindowPlan:
    """Return how a network's windows are laid over a clip: as its `seeds` say, it reconstructs or predicts."""
    if network.seeds:
        return partial(prediction_windows, length=network.seeds)
    return partial(reconstruction_windows, length=network.frames)


def _windows_at_once(network: Autoencoder) -> int:
    return max(1, BATCH_SIZE // network.frames)


def _as_windows(windows: Sequence[Tensor]) -> Clips:
    """Return windows of 8-bit frames, N of (T, C, H, W), as a batch, (N, T, C, H, W), a view of folded frames."""
    return unfold(to_float(torch.stack(tuple(windows), dim=1).flatten(0, 1)), len(windows[0]))


@torch.inference_mode()
def _answered(network: Autoencoder, loaded: Sequence[LoadedWindow]) -> ReconstructedFrames:
    """Run a network over consecutive windows, and put the frames that they score into the clip's order."""
    count = len(loaded)
    inputs = _as_windows([each.inputs for each in loaded])
    targets = _as_windows([each.targets for each in loaded]) if network.seeds else inputs
    images, answers = fold(targets), fold(network.answer(inputs))  # (T N, C, H, W)
    places = [
        (each.window.targets[index], index * count + place, number, each.window.padded)
        for place, each in enumerate(loaded)
        for index, number in zip(each.window.scored, each.numbers, strict=True)
    ]
    places.sort()
    order = [index for _, index, _, _ in places]
    if order != list(range(len(images))):  # images by themselves are in order, and need no copy
        images, answers = images[order], answers[order]
    return ReconstructedFrames(
        numbers=tuple(number for _, _, number, _ in places),
        images=images,
        reconstructions=answers,
        padded=tuple(padded for _, _, _, padded in places),
    )


def _batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
