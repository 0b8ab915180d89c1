"""What every network of video clips is: an encoder and a decoder of sequences, and which frames it answers for."""

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn

from xai_ad.errors import InvalidInputError
from xai_ad.fields import require_whole
from xai_ad.networks.base import IMAGE_SIZE, ConvolutionalAutoencoder, EncoderDecoder, fold, unfold
from xai_ad.types import Clips

CLIP_FRAMES = 8
"""T, how many frames a clip has in the thesis (4.9.1)."""
SEED_FRAMES = 4
"""How many frames a sequence-to-sequence network is shown, and how many it then predicts (4.9.2)."""


class ClipAutoencoder(EncoderDecoder):
    """An encoder followed by a decoder, each a sequence of layers that map (T, N, C, H, W): time goes in front inside.

    It takes clips of any number of frames, (N, T, channels, size, size), and was meant for `frames` of them; `seeds` of
    those it is only shown, and answers with the others. It reconstructs what it sees where there are no `seeds`.
    """

    seeds = 0

    def __init__(
        self,
        encoder: Sequence[nn.Module],
        decoder: Sequence[nn.Module],
        *,
        channels: int = 3,
        size: int = IMAGE_SIZE,
        frames: int = CLIP_FRAMES,
    ) -> None:
        super().__init__()
        self.encoder = nn.Sequential(*encoder)
        self.decoder = nn.Sequential(*decoder)
        self.channels = channels
        self.size = size
        self.frames = frames

    def embed(self, clips: Clips) -> Tensor:
        """Return each frame's embedding, (N, T, D, h, w)."""
        embeddings: Tensor = self.encoder(_by_time(clips))
        return embeddings.transpose(0, 1)

    def forward(self, clips: Clips) -> Clips:
        """Return the reconstructions, (N, T, C, H, W) in [0, 1]."""
        reconstructed: Tensor = self.decoder(self.encoder(_by_time(clips)))
        return reconstructed.transpose(0, 1)

    def anchors(self, frames: int) -> list[int]:
        """Return the frame of a clip, (T,), from which on each answer should go at the ordinary pace, whatever was shown.

        Where all frames are shown, that is the one in the middle.
        """
        return [frames // 2] * frames

    def answer(self, windows: Clips) -> Clips:
        """Return what `forward` does, from windows in any memory format: channels-last is twice as fast on a CPU."""
        answers: Clips = self(channels_last(windows))
        return answers

    def embed_windows(self, windows: Clips) -> Tensor:
        """Return each frame's embedding, (N, T, D, h, w), from windows in any memory format."""
        return self.embed(channels_last(windows))


class RunningOn(nn.Module):
    """What the recurrent layers of a predictor are given: the frames seen, then as many of nothing.

    Without biases, nothing adds nothing to the states.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Return a sequence and the silence after it, (T, N, D, h, w) -> (2 T, N, D, h, w)."""
        seen = features.flatten(0, 1)  # folded, so that the memory format is kept
        return torch.cat([seen, torch.zeros_like(seen)]).view(-1, *features.shape[1:])


class ClipPredictor(ClipAutoencoder):
    """A sequence-to-sequence network: it is shown frames and answers with as many that follow (3.7.5).

    The text leaves open how it goes on. Here the recurrent layers of the encoder run on without input, from the states
    that the frames left them in, and what they put out is decoded, all frames in one call: whatever is known of the
    future went through those states, the "intensively abstracted compact representation" of 4.9.2, and no batch norm is
    run over its own output. The author's published drafts go on in the decoder's first layer instead, whose output is
    averaged over 3x3 places into its next input; parameters are the same.
    """

    seeds = SEED_FRAMES

    def __init__(
        self,
        encoder: Sequence[nn.Module],
        decoder: Sequence[nn.Module],
        *,
        recurrent_layers: int,
        channels: int = 3,
        size: int = IMAGE_SIZE,
        frames: int = CLIP_FRAMES,
    ) -> None:
        super().__init__(encoder, decoder, channels=channels, size=size, frames=frames)
        self.recurrent_layers = recurrent_layers
        self.run_on = RunningOn()

    @property
    def framewise(self) -> nn.Module:
        """The encoder's layers that see each frame by itself."""
        return self.encoder[: -self.recurrent_layers]

    @property
    def recurrent(self) -> nn.Module:
        """The encoder's layers that remember."""
        return self.encoder[-self.recurrent_layers :]

    def forward(self, seeds: Clips) -> Clips:
        """Return the frames that follow as many seeds, (N, T, C, H, W) in [0, 1]."""
        features: Tensor = self.framewise(_by_time(seeds))
        running: Tensor = self.recurrent(self.run_on(features))
        predicted: Tensor = self.decoder(running[len(features) :])
        return predicted.transpose(0, 1)

    def anchors(self, frames: int) -> list[int]:
        """Return the last frame that is shown for those that follow, and for those shown themselves, (T,)."""
        shown = frames // 2
        return [*range(shown), *([shown - 1] * (frames - shown))]

    def predict(self, seeds: Clips, frames: int) -> Clips:
        """Return the next `frames` after the seeds, (N, frames, C, H, W), from predictions fed back as seeds (Fig. 4.12).

        Raises `InvalidInputError` unless `frames` is positive.
        """
        require_whole("frames", frames, of="a prediction", low=1)
        predicted: list[Clips] = []
        while sum(part.shape[1] for part in predicted) < frames:
            seeds = self(seeds)
            predicted.append(seeds)
        return torch.cat(predicted, dim=1)[:, :frames]

    def seen_and_answered(self, clips: Clips) -> tuple[Clips, Clips]:
        """Split whole clips into the seeds, their first half, and what follows; raises for an odd number of frames."""
        frames = clips.shape[1]
        if frames % 2:
            raise InvalidInputError(
                f"A clip of seeds and as many frames that follow has an even length. Got {frames}."
            )
        seeds, following = clips.chunk(2, dim=1)
        return seeds, following


Autoencoder: TypeAlias = ConvolutionalAutoencoder | ClipAutoencoder
"""A network of images or of clips."""


def channels_last(windows: Clips) -> Clips:
    """Return windows, (N, T, C, H, W), as they were, in the memory format that a CPU is fast with."""
    return unfold(fold(windows).contiguous(memory_format=torch.channels_last), windows.shape[1])


def _by_time(clips: Clips) -> Tensor:
    """Return clips, (N, T, C, H, W), as a sequence, (T, N, C, H, W)."""
    if clips.ndim != 5 or clips.shape[1] == 0:
        raise InvalidInputError(
            f"Clips are (N, T, C, H, W) with at least one frame. Got {tuple(clips.shape)}."
        )
    return clips.transpose(0, 1)
