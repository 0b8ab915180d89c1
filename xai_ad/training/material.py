"""What a network trains on: images, or windows of a clip's frames, as bytes in memory; and one pass over a batch.

A window may be a pseudo-anomaly: frames that lie several apart, shown as though they followed one another, and what
should be answered is how the scene goes on at its ordinary pace. So a network learns to undo what is too fast, from
normal clips alone (Astrid et al., "Learning not to reconstruct anomalies", BMVC 2021, and "Synthetic temporal anomaly
guided end-to-end video anomaly detection", ICCV workshops 2021, who skip frames likewise and push the error up instead).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from xai_ad.data.images import to_float
from xai_ad.data.layouts import Sample
from xai_ad.data.videos.windows import training_windows
from xai_ad.detector.streams import clip_numbers
from xai_ad.errors import InvalidInputError
from xai_ad.networks import Autoencoder, fold, unfold
from xai_ad.types import Images


class Pixels(Dataset[Tensor]):
    """Whole batches of 8-bit images, (B, C, H, W), by their indices."""

    images_each = 1
    """How many images an item holds."""

    def __init__(self, pixels: Tensor) -> None:
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, indices: Any) -> Tensor:
        return self.pixels[indices]

    def hashed(self) -> Iterable[bytes]:
        """Return what tells one training's images from another's."""
        return (self.pixels.contiguous().numpy().tobytes(),)


Shown: TypeAlias = tuple[Tensor, Tensor]
"""Clips as a network is shown them, and as they should go on, (B, T, C, H, W) bytes each."""


class ClipPixels(Dataset[Tensor | Shown]):
    """Whole batches of windows of 8-bit frames, (B, T, C, H, W), by their indices.

    `windows` (W, T) are indices into the frames, (F, C, H, W): a frame is kept once, however many windows it is in.
    Where `wanted` (W, T) are other frames that should be answered, a batch is both.
    """

    def __init__(
        self, pixels: Tensor, windows: NDArray[np.int64], wanted: NDArray[np.int64] | None = None
    ) -> None:
        self.pixels = pixels
        self.windows = torch.from_numpy(windows)
        self.wanted = None if wanted is None else torch.from_numpy(wanted)

    @property
    def images_each(self) -> int:
        """How many frames an item holds."""
        return self.windows.shape[1]

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, indices: Any) -> Tensor | Shown:
        shown = self._frames(self.windows[indices])
        return shown if self.wanted is None else (shown, self._frames(self.wanted[indices]))

    def hashed(self) -> Iterable[bytes]:
        """Return what tells one training's windows from another's."""
        yield self.pixels.contiguous().numpy().tobytes()
        yield self.windows.numpy().tobytes()
        if self.wanted is not None:
            yield self.wanted.numpy().tobytes()

    def _frames(self, windows: Tensor) -> Tensor:
        return unfold(self.pixels[windows.T.flatten()], self.images_each)


Material: TypeAlias = Pixels | ClipPixels


def material_sha256(*parts: Material) -> str:
    """Return the SHA-256 of what is trained on."""
    digest = hashlib.sha256()
    for part in parts:
        for data in part.hashed():
            digest.update(data)
    return digest.hexdigest()


def cut_into_windows(
    samples: Sequence[Sample], pixels: Tensor, *, length: int, strides: Sequence[int], step: int
) -> ClipPixels:
    """Return the windows of frames, of which `pixels` are (F, C, H, W) uint8, clip by clip (4.9.1).

    Raises `InvalidInputError` where no run of frames is long enough for one.
    """
    found, offset = [], 0
    for numbers in clip_numbers(samples):
        found.append(training_windows(numbers, length=length, strides=strides, step=step) + offset)
        offset += len(numbers)
    windows = np.concatenate(found) if found else np.empty((0, length), dtype=np.int64)
    if not len(windows):
        reach = (length - 1) * min(strides) + 1
        raise InvalidInputError(
            f"A network of clips learns from {reach} consecutive frames, and no clip has as many. Add longer clips."
        )
    return ClipPixels(pixels, windows)


def with_pseudo_anomalies(
    windows: ClipPixels, quickened: ClipPixels, *, anchors: Sequence[int]
) -> ClipPixels:
    """Return windows and, as pseudo-anomalies, others of the same frames whose scenes go too fast.

    From the frame that `anchors` (T,) names for each of a window, the scene should go on at its ordinary pace: frame t
    of the answer is the one that lies t - anchors[t] after it in the clip.
    """
    steps = torch.arange(len(anchors)) - torch.tensor(anchors)
    wanted = quickened.windows[:, list(anchors)] + steps
    return ClipPixels(
        windows.pixels,
        torch.cat([windows.windows, quickened.windows]).numpy(),
        torch.cat([windows.windows, wanted]).numpy(),
    )


class EpochShuffle(Sampler[list[int]]):
    """Batches of indices in an order that depends on the seed and the epoch alone; in order without a seed."""

    def __init__(self, count: int, batch_size: int, seed: int | None) -> None:
        self.count, self.batch_size, self.seed = count, batch_size, seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Lightning tells the sampler which epoch begins."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._starts())

    def __iter__(self) -> Iterator[list[int]]:
        order = torch.arange(self.count)
        if self.seed is not None:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
            order = torch.randperm(self.count, generator=generator)
        indices: list[int] = order.tolist()
        starts = self._starts()
        for start, stop in zip(starts, [*starts[1:], self.count], strict=True):
            yield indices[start:stop]

    def _starts(self) -> list[int]:
        """Where the batches begin; a last image on its own joins the batch before it, for batch norm's sake."""
        starts = list(range(0, self.count, self.batch_size))
        alone = len(starts) > 1 and self.count - starts[-1] == 1
        return starts[:-1] if alone else starts


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Gaussian noise on about half of the pixels, all channels alike: what a denoiser is shown.

    It depends on the seed and on the place of the batch in the training alone, so that a resumed one draws the same.
    """

    sigma: float
    seed: int

    def at(self, epoch: int, batch: int) -> Callable[[Tensor], Tensor]:
        """Return what spoils images or clips, (..., C, H, W) in [0, 1], which stay in it."""

        def spoil(images: Tensor) -> Tensor:
            generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) * 1_000_003 + batch)
            noise = torch.empty_like(images, device="cpu").normal_(0, self.sigma, generator=generator)
            shown = torch.empty(images[..., :1, :, :].shape).bernoulli_(0.5, generator=generator)
            return (images + (noise * shown).to(images.device)).clamp_(0, 1)

        return spoil if self.sigma else unspoilt


def unspoilt(images: Tensor) -> Tensor:
    """Return images as they are."""
    return images


def reconstruct_batch(
    network: Autoencoder, batch: Tensor | Shown, *, spoil: Callable[[Tensor], Tensor] = unspoilt
) -> tuple[Images, Images, Tensor]:
    """Return what a network should answer to a batch of bytes and what it does, (N, C, H, W) each, and its penalty.

    The batch is of images, (N, C, H, W), or of clips, (N, T, C, H, W), whose frames are folded in the answers.
    `spoil` changes what the network sees, and nothing of what it should answer.
    """
    shown, wanted = (batch, batch) if isinstance(batch, Tensor) else batch
    seen, answer = network.seen_and_answered(_as_seen(shown))
    if wanted is not shown:
        _, answer = network.seen_and_answered(_as_seen(wanted))
    answered, penalty = network.reconstruct_with_penalty(spoil(seen))
    return (fold(answer), fold(answered), penalty) if shown.ndim == 5 else (answer, answered, penalty)


def count(batch: Tensor | Shown) -> int:
    """Return how many images or clips a batch has."""
    return len(batch) if isinstance(batch, Tensor) else len(batch[0])


def _as_seen(batch: Tensor) -> Tensor:
    """Return bytes as a network sees them, in the memory format that is fast on a CPU."""
    clips = batch.ndim == 5
    frames = to_float(fold(batch) if clips else batch).contiguous(memory_format=torch.channels_last)
    return unfold(frames, batch.shape[1]) if clips else frames
