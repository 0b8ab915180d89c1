"""KS-CAE, the autoencoder with strengthened kernels (3.3, 4.5)."""

from dataclasses import dataclass

from torch import nn

from xai_ad.networks.asymmetric import AsymmetricConvolution, AsymmetricTransposedConvolution
from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.blocks import (
    convolution,
    decoder_layer,
    encoder_layer,
    output_layer,
    transposed_convolution,
)


@dataclass(frozen=True, kw_only=True)
class KsCaeConfig(NetworkConfig):
    """`fused` builds the plain layers that `fuse` makes of the asymmetric ones after training."""

    fused: bool = False


def build_ks_cae(config: KsCaeConfig) -> ConvolutionalAutoencoder:
    """Build KS-CAE: BCAE2's kernels and strides, half the kernels in the middle layers, asymmetric blocks (4.5).

    Asymmetric blocks (Eq. 3.4) stand in the first four encoder layers and the last four decoder layers.
    """
    down = nn.Conv2d if config.fused else AsymmetricConvolution
    up = nn.ConvTranspose2d if config.fused else AsymmetricTransposedConvolution
    encoder = nn.Sequential(
        encoder_layer(down(config.channels, 64, kernel_size=3, stride=2), 64),  # 128 -> 63
        encoder_layer(down(64, 64, kernel_size=3, stride=2), 64),  # -> 31
        encoder_layer(down(64, 128, kernel_size=5, stride=3), 128),  # -> 9
        encoder_layer(down(128, 256, kernel_size=5, stride=2), 256),  # -> 3
        convolution(256, 300, kernel=3, stride=2),  # -> 1
    )
    decoder = nn.Sequential(
        transposed_convolution(300, 256, kernel=3, stride=2),  # 1 -> 3
        transposed_convolution(256, 128, kernel=5, stride=2),  # -> 9
        decoder_layer(up(128, 64, kernel_size=5, stride=3), 64),  # -> 29
        decoder_layer(up(64, 32, kernel_size=5, stride=2), 32),  # -> 61
        decoder_layer(up(32, 16, kernel_size=5, stride=2), 16),  # -> 125
        output_layer(up(16, config.channels, kernel_size=4, stride=1), config.channels),  # -> 128
    )
    return ConvolutionalAutoencoder(encoder, decoder)


KS_CAE = NetworkSpec(
    id="ks_cae",
    title="kernel-strengthened autoencoder",
    sentence="It is the larger baseline with about half the filters, each strengthened along a row and a column of its own.",
    section="3.3",
    config=KsCaeConfig,
    build=build_ks_cae,
)
