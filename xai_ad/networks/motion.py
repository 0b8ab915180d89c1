"""Motion-CAE: each frame of a clip is predicted from four beside it, as the nearest of them plus a change.

It is no network of the thesis, whose recurrent networks carry a whole frame through a narrow embedding and so err at
every person (4.9.2). Here what stands still is copied, and all that is learnt is how normal things move: the frame before
is the first guess, and an encoder and decoder with skip connections add what changes. A frame never sees itself, so that
nothing has to be squeezed for the network not to copy it.

Trained with pseudo-anomalies (`quickest` of a recipe), it goes on slowly where the frames before went fast.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from xai_ad.errors import InvalidInputError
from xai_ad.fields import whole
from xai_ad.networks.base import NetworkConfig, NetworkKind, NetworkSpec, unfold
from xai_ad.networks.blocks import decoder_layer, encoder_layer
from xai_ad.networks.clips import CLIP_FRAMES, ClipAutoencoder
from xai_ad.types import Clips

SEEN = 4
"""K, how many frames each one is predicted from: as many as the thesis's Seq2Seq is shown (4.9.2)."""


@dataclass(frozen=True, kw_only=True)
class MotionConfig(NetworkConfig):
    """`width`: channels of the first layer; the next ones have two and three times as many."""

    width: int = whole(24, low=1, high=256)


class MotionAutoencoder(ClipAutoencoder):
    """Predicts the second half of a clip, each frame t from frames t - 4 to t - 1, and the first from t + 4 to t + 1.

    Both ways the nearest comes last, as though time ran towards the frame asked for.
    """

    encoder: nn.Sequential
    decoder: nn.Sequential

    def __init__(self, *, channels: int = 3, width: int = 24) -> None:
        super().__init__(
            encoder=(
                _halved(SEEN * channels, width),  # 128 -> 64
                _halved(width, 2 * width),  # -> 32
                nn.Sequential(
                    _halved(2 * width, 3 * width),  # -> 16
                    encoder_layer(nn.Conv2d(3 * width, 3 * width, 3, padding=1), 3 * width),
                ),
            ),
            decoder=(
                _doubled(3 * width, 2 * width),  # 16 -> 32
                _doubled(2 * width, width),  # -> 64
                nn.ConvTranspose2d(width, channels, 4, 2, padding=1),  # -> 128
            ),
            channels=channels,
            frames=CLIP_FRAMES,
        )
        self.copy = nn.Conv2d(SEEN * channels, channels, 1, bias=False)
        self.limit = nn.Hardtanh(0.0, 1.0)
        with torch.no_grad():  # it starts as a copy of the nearest frame, which nothing changes
            self.copy.weight.zero_()
            self.copy.weight[:, -channels:, 0, 0] = torch.eye(channels)
            for parameter in self.decoder[-1].parameters():
                parameter.zero_()

    @property
    def output_norm(self) -> None:
        """None: its output is no sigmoid of a batch norm."""
        return None

    def forward(self, clips: Clips) -> Clips:
        """Return the predictions of all frames, (N, T, C, H, W) in [0, 1]; raises for single frames."""
        seen = self._seen(clips)
        large = self.encoder[0](seen)
        middle = self.encoder[1](large)
        small = self.encoder[2](middle)
        change = self.decoder[2](self.decoder[1](self.decoder[0](small) + middle) + large)
        predicted: Tensor = self.limit(self.copy(seen) + change)  # (T N, C, H, W)
        return unfold(predicted, clips.shape[1])

    def anchors(self, frames: int) -> list[int]:
        """Return the nearest of the frames that each one is predicted from, (T,)."""
        return [beside[-1] for beside in neighbours(frames)]

    def embed(self, clips: Clips) -> Tensor:
        """Return the embedding of what each frame is predicted from, (N, T, D, h, w)."""
        embedded: Tensor = self.encoder(self._seen(clips))
        return unfold(embedded, clips.shape[1])

    def _seen(self, clips: Clips) -> Tensor:
        """Return what each frame is predicted from, frames side by side as channels, (T N, 4 C, H, W)."""
        frames = clips.shape[1]
        places = [place for beside in neighbours(frames) for place in beside]
        beside = clips.transpose(0, 1)[places]  # (T K, N, C, H, W)
        return beside.view(frames, SEEN, -1, *beside.shape[2:]).transpose(1, 2).flatten(0, 1).flatten(1, 2)


def neighbours(frames: int) -> list[list[int]]:
    """Return which frames each one of a clip is predicted from, the nearest last, (T, K); its end stands for what is beyond.

    >>> neighbours(8)[3], neighbours(8)[4], neighbours(3)[1]
    ([7, 6, 5, 4], [0, 1, 2, 3], [2, 2, 2, 2])
    """
    if frames < 2:
        raise InvalidInputError(f"The network motion_cae takes clips of at least 2 frames. Got {frames}.")
    before = range(SEEN, 0, -1)
    return [
        [max(0, t - k) for k in before] if 2 * t >= frames else [min(frames - 1, t + k) for k in before]
        for t in range(frames)
    ]


def build_motion_cae(config: MotionConfig) -> MotionAutoencoder:
    """Build Motion-CAE for clips of eight 128x128 frames."""
    return MotionAutoencoder(channels=config.channels, width=config.width)


def _halved(inputs: int, outputs: int) -> nn.Sequential:
    return encoder_layer(nn.Conv2d(inputs, outputs, 4, 2, padding=1), outputs)


def _doubled(inputs: int, outputs: int) -> nn.Sequential:
    return decoder_layer(nn.ConvTranspose2d(inputs, outputs, 4, 2, padding=1), outputs)


MOTION_CAE = NetworkSpec(
    id="motion_cae",
    title="motion autoencoder",
    sentence="It predicts each frame from four beside it: what stands still is copied, and how things move is learnt.",
    section="beyond the thesis",
    kind=NetworkKind.CLIP,
    config=MotionConfig,
    build=build_motion_cae,
)
