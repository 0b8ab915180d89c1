"""How the nine recurrent architectures are put together (3.7.3 to 3.7.5, 4.9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from torch import nn

from xai_ad.errors import InvalidInputError
from xai_ad.fields import whole
from xai_ad.networks.base import NetworkConfig
from xai_ad.networks.blocks import (
    convolution,
    output_convolution,
    output_transposed_convolution,
    transposed_convolution,
)
from xai_ad.networks.clips import ClipAutoencoder, ClipPredictor
from xai_ad.networks.recurrent.cells import Bidirectional, RecurrentConvolution, TimeDistributed

ENCODER = ((64, 2), (64, 2), (64, 2), (96, 2), (96, 1))
"""Outputs and stride of each layer, kernels 3x3 without padding: 128 -> 63 -> 31 -> 15 -> 7 -> 5."""
DECODER = ((96, 1), (64, 2), (64, 2), (64, 2))
"""Those of the layers before the last, kernels 3x3: 5 -> 7 -> 15 -> 31 -> 63."""


class Decoder(StrEnum):
    """What the decoder's first layers are (the thesis's DUT): `2d`, or recurrent ones, as many as the encoder has.

    The Y and N of Table 4.13 answer whether the recurrent decoder is *disabled*: Y is `2d`. Only so do they agree with
    the halves of Table 4.12.
    """

    FRAMEWISE = "2d"
    RECURRENT = "recurrent"


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig(NetworkConfig):
    """`recurrent_layers`: how many of the encoder's last layers are recurrent (the thesis's L_R); the decoder's kind."""

    recurrent_layers: int = whole(1, low=1, high=3)
    decoder: Decoder = Decoder.FRAMEWISE

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.decoder not in set(Decoder):
            raise InvalidInputError(
                f"The 'decoder' of RecurrentConfig must be one of {', '.join(Decoder)}. Got {self.decoder!r}."
            )


@dataclass(frozen=True, kw_only=True)
class RecurrentArchitecture:
    """One of the nine: the encoder's and the decoder's cell, whether they run both ways, whether it predicts or reconstructs."""

    cells: tuple[type[RecurrentConvolution], type[RecurrentConvolution]]
    bidirectional: bool = False
    predicts: bool = False

    def __call__(self, config: RecurrentConfig) -> ClipAutoencoder:
        """Build the network for clips of 128x128 frames, with an embedding of 96x5x5 values for each frame.

        Recurrent layers end with their cells' own tanh or sigmoid: the counts of Table 4.12 leave no batch norm to
        them. The other layers are BCAE1's (4.4.2).
        """
        encoder, decoder = list(self._encoder(config)), list(self._decoder(config))
        if self.predicts:
            return ClipPredictor(encoder, decoder, recurrent_layers=config.recurrent_layers)
        return ClipAutoencoder(encoder, decoder)

    def unbuilt_parameters(self, config: RecurrentConfig) -> int:
        """Return how many weights Table 4.12 counts that no layer uses: the author's transposed ConvGRUs have them."""
        if config.decoder == Decoder.FRAMEWISE:
            return 0
        cells = sum(
            self.cells[1].unbuilt_parameters(outputs) for outputs, _ in DECODER[: config.recurrent_layers]
        )
        return 2 * cells if self.bidirectional else cells

    def _encoder(self, config: RecurrentConfig) -> Iterator[nn.Module]:
        inputs = config.channels
        for place, (outputs, stride) in enumerate(ENCODER):
            if place >= len(ENCODER) - config.recurrent_layers:
                yield self._recurrent(self.cells[0], inputs, outputs, stride)
            else:
                yield TimeDistributed(*convolution(inputs, outputs, kernel=3, stride=stride))
            inputs = outputs

    def _decoder(self, config: RecurrentConfig) -> Iterator[nn.Module]:
        inputs = ENCODER[-1][0]
        recurrent = config.recurrent_layers if config.decoder == Decoder.RECURRENT else 0
        for place, (outputs, stride) in enumerate(DECODER):
            if place < recurrent:
                yield self._recurrent(self.cells[1], inputs, outputs, stride)
            else:
                yield TimeDistributed(*transposed_convolution(inputs, outputs, kernel=3, stride=stride))
            inputs = outputs
        if self.predicts:
            yield TimeDistributed(*transposed_convolution(inputs, inputs, kernel=6, stride=2))  # 63 -> 130
            yield TimeDistributed(*output_convolution(inputs, config.channels, kernel=3))  # -> 128
        else:
            yield TimeDistributed(
                *output_transposed_convolution(inputs, config.channels, kernel=4, stride=2)  # 63 -> 128
            )

    def _recurrent(
        self, cell: type[RecurrentConvolution], inputs: int, outputs: int, stride: int
    ) -> RecurrentConvolution | Bidirectional:
        if self.bidirectional:
            return Bidirectional(*(cell(inputs, outputs, stride=stride) for _ in range(2)))
        return cell(inputs, outputs, stride=stride)
