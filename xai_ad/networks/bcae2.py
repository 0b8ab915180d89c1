"""BCAE2, the baseline that kernel strengthening is compared with (4.5)."""

from torch import nn

from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.blocks import convolution, output_transposed_convolution, transposed_convolution


def build_bcae2(config: NetworkConfig) -> ConvolutionalAutoencoder:
    """Build BCAE2 for 128x128 images, with an embedding of 1x300 (4.5).

    The text gives the encoder's widths and the embedding; kernels, strides and the decoder's widths come from the
    author's published code. The embedding is a single pixel, so batch norm needs at least two images to train on.
    """
    encoder = nn.Sequential(
        convolution(config.channels, 64, kernel=3, stride=2),  # 128 -> 63
        convolution(64, 128, kernel=3, stride=2),  # -> 31
        convolution(128, 256, kernel=5, stride=3),  # -> 9
        convolution(256, 512, kernel=5, stride=2),  # -> 3
        convolution(512, 300, kernel=3, stride=2),  # -> 1
    )
    decoder = nn.Sequential(
        transposed_convolution(300, 512, kernel=3, stride=2),  # 1 -> 3
        transposed_convolution(512, 256, kernel=5, stride=2),  # -> 9
        transposed_convolution(256, 128, kernel=5, stride=3),  # -> 29
        transposed_convolution(128, 64, kernel=5, stride=2),  # -> 61
        transposed_convolution(64, 16, kernel=5, stride=2),  # -> 125
        output_transposed_convolution(16, config.channels, kernel=4, stride=1),  # -> 128
    )
    return ConvolutionalAutoencoder(encoder, decoder)


BCAE2 = NetworkSpec(
    id="bcae2",
    title="larger baseline autoencoder",
    sentence="It has more filters than the baseline and squeezes the picture into 300 numbers instead of 1,536.",
    section="4.5",
    config=NetworkConfig,
    build=build_bcae2,
)
