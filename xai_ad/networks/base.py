"""What every image network is: an encoder, a decoder, and a frozen config that rebuilds it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, nn

from xai_ad.errors import InvalidInputError
from xai_ad.fields import Checked, whole
from xai_ad.types import Clips, Images

IMAGE_SIZE = 128
"""Side of the square images that the thesis's networks take, in pixels."""


@dataclass(frozen=True, kw_only=True)
class NetworkConfig(Checked):
    """The options of a network. Subclasses add theirs.

    `channels` follows from the data; `size` is the side of the square images, in pixels, and belongs to how they are
    prepared.
    """

    channels: int = 3
    size: int = whole(IMAGE_SIZE, low=1)


class EncoderDecoder(nn.Module):
    """What networks of images and of clips have alike; `images` are of either."""

    encoder: nn.Sequential
    decoder: nn.Sequential

    @property
    def embedding(self) -> nn.Module:
        """The layer that returns the embeddings: what SVDD trains."""
        return self.encoder[-1]

    @property
    def output_norm(self) -> nn.BatchNorm2d | None:
        """The batch norm before the output's sigmoid: what `fit_output` starts; None where there is no such end."""
        return last_norm(self.decoder)

    def attention_map(self, images: Tensor) -> Tensor | None:  # noqa: ARG002  # seen whole
        """Return how much of each value the encoder sees, (N, C, H, W) in [0, 1], or None where it attends to nothing."""
        return None

    def reconstruct_with_penalty(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the reconstructions, and what training adds to their mean loss: a scalar, 0 for most networks.

        One call, so that a penalty on something inside the network costs no second pass.
        """
        return self(images), torch.zeros((), device=images.device)

    def seen_and_answered(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the network is shown of images and what it should answer: they themselves, both times."""
        return images, images


class ConvolutionalAutoencoder(EncoderDecoder):
    """An encoder followed by a decoder, both plain sequences of layers (Eq. 3.1 and 3.2).

    `channels` and `size` say which images it takes, (N, channels, size, size); a size of None leaves it to the layers.
    It sees one frame at a time, `frames`, and needs no `seeds` before it: what networks of clips say of themselves.
    """

    frames = 1
    seeds = 0

    def __init__(
        self, encoder: nn.Sequential, decoder: nn.Sequential, *, channels: int = 3, size: int | None = None
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.channels = channels
        self.size = size

    def embed(self, images: Images) -> Tensor:
        """Return the embeddings, (N, D, h, w)."""
        embeddings: Tensor = self.encoder(images)
        return embeddings

    def forward(self, images: Images) -> Images:
        """Return the reconstructions, (N, C, H, W) in [0, 1]."""
        reconstructions: Images = self.decoder(self.encoder(images))
        return reconstructions

    def answer(self, windows: Clips) -> Clips:
        """Return the reconstructions of windows of any length, (N, T, C, H, W) both, each frame by itself."""
        frames = fold(windows).contiguous(memory_format=torch.channels_last)
        return unfold(self(frames), windows.shape[1])

    def embed_windows(self, windows: Clips) -> Tensor:
        """Return each frame's embedding, (N, T, D, h, w)."""
        frames = fold(windows).contiguous(memory_format=torch.channels_last)
        return unfold(self.embed(frames), windows.shape[1])


def last_norm(layers: nn.Module) -> nn.BatchNorm2d:
    """Return the last of the layers' batch norms; raises `InvalidInputError` where there is none."""
    norms = [layer for layer in layers.modules() if isinstance(layer, nn.BatchNorm2d)]
    if not norms:
        raise InvalidInputError("A network without batch norms has none before its output.")
    return norms[-1]


def fold(clips: Tensor) -> Tensor:
    """Return clips, (N, T, C, H, W), as their frames, (T N, C, H, W); a view where `unfold` made them."""
    return clips.transpose(0, 1).flatten(0, 1)


def unfold(frames: Tensor, length: int) -> Tensor:
    """Return frames, (T N, C, H, W), the first of every clip first, as clips of a length T, (N, T, C, H, W).

    It is a view, so that the frames' memory format is kept: networks fold clips the same way.
    """
    return frames.view(length, -1, *frames.shape[1:]).transpose(0, 1)


class NetworkKind(StrEnum):
    """What a network takes: single images, (N, C, H, W), or video clips, (N, T, C, H, W)."""

    IMAGE = "image"
    CLIP = "clip"


def _none(config: Any) -> int:  # noqa: ARG001  # most networks are built as they are counted
    return 0


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """An entry of the registry: how to build a network and where the thesis describes it."""

    id: str
    title: str
    sentence: str
    """What the network does, and does differently from the others, in one plain sentence."""
    section: str
    config: type[NetworkConfig]
    build: Callable[..., Any]
    """Returns a `ConvolutionalAutoencoder` or a `ClipAutoencoder`, as `kind` says."""
    kind: NetworkKind = NetworkKind.IMAGE
    unbuilt_parameters: Callable[..., int] = _none
    """How many more parameters the thesis counts for a config than are built."""
