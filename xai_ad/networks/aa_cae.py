"""AA-CAE, BCAE1 with attention-augmented convolutions (3.5.2)."""

from dataclasses import dataclass

from torch import nn

from xai_ad.fields import whole
from xai_ad.networks.augmented import AttentionAugmented
from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.bcae1 import build_bcae1

LARGEST_SIDE = 31
"""Side of the largest map that is attended over; weights between all places of a 63x63 map take 63 MB an image."""


@dataclass(frozen=True, kw_only=True)
class AaCaeConfig(NetworkConfig):
    """The widths of the attention: `key_depth` is d_k, `value_depth` is d_v, the channels that attention replaces."""

    key_depth: int = whole(8, low=1)
    value_depth: int = whole(1, low=1, high=63)  # BCAE1's narrowest layer keeps a channel of its own


def build_aa_cae(config: AaCaeConfig) -> ConvolutionalAutoencoder:
    """Build AA-CAE: BCAE1, augmented in encoder and decoder wherever a map is 31x31 or smaller (3.5.2).

    At the default widths 99,840 parameters of projections and 3,408 of positions on top of BCAE1: the 15 % of 3.5.2.
    """
    network = build_bcae1(config)
    side = config.size
    for layer in (*network.encoder, *network.decoder):
        plain = layer[0]
        side = _output_side(plain, side)
        if side <= LARGEST_SIDE:
            layer[0] = AttentionAugmented(
                plain, side, key_depth=config.key_depth, value_depth=config.value_depth
            )
    return network


def _output_side(layer: nn.Conv2d | nn.ConvTranspose2d, side: int) -> int:
    kernel, stride = layer.kernel_size[0], layer.stride[0]
    if isinstance(layer, nn.ConvTranspose2d):
        return (side - 1) * stride + kernel
    return (side - kernel) // stride + 1


AA_CAE = NetworkSpec(
    id="aa_cae",
    title="attention-augmented autoencoder",
    sentence="It compares every place of the picture with every other, so that distant parts of it inform each other.",
    section="3.5.2",
    config=AaCaeConfig,
    build=build_aa_cae,
)
