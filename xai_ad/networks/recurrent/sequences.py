"""Layers of sequences, (T, N, C, H, W), that are put together from layers of images and from recurrent ones."""

from torch import Tensor, nn

from xai_ad.networks.recurrent.cells import RecurrentConvolution, by_frame


class TimeDistributed(nn.Sequential):
    """Layers of images that every frame of a sequence passes on its own: the frames are folded into the batch."""

    def forward(self, sequence: Tensor) -> Tensor:
        """Map (T, N, i, H, W) -> (T, N, o, h, w)."""
        maps: Tensor = super().forward(sequence.flatten(0, 1))  # type: ignore[no-untyped-call]  # torch's has no types
        return by_frame(maps, len(sequence))


class Bidirectional(nn.Module):
    """Two layers of one kind, one that runs through time and one against it; the output is their mean (3.7.4)."""

    def __init__(self, onwards: RecurrentConvolution, backwards: RecurrentConvolution) -> None:
        super().__init__()
        self.onwards = onwards
        self.backwards = backwards

    def forward(self, sequence: Tensor) -> Tensor:
        """Map (T, N, i, H, W) -> (T, N, o, h, w)."""
        outputs: Tensor = self.onwards(sequence) + self.backwards(sequence, backwards=True)
        return outputs / 2
