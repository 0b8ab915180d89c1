"""BCAE1, the thesis's baseline convolutional autoencoder (4.4.2)."""

from torch import nn

from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.blocks import convolution, output_convolution, transposed_convolution


def build_bcae1(config: NetworkConfig) -> ConvolutionalAutoencoder:
    """Build BCAE1 for 128x128 images, with an embedding of 96x4x4 = 1536 values.

    The text gives every kernel as 3x3 and the embedding as 1x1536; only these kernels and strides yield both the
    embedding and an output of 128x128. 652,841 trainable parameters for three channels, 650,531 for one.
    """
    encoder = nn.Sequential(
        convolution(config.channels, 64, kernel=3, stride=2),  # 128 -> 63
        convolution(64, 64, kernel=3, stride=2),  # -> 31
        convolution(64, 64, kernel=3, stride=2),  # -> 15
        convolution(64, 96, kernel=3, stride=2),  # -> 7
        convolution(96, 96, kernel=4, stride=1),  # -> 4
    )
    decoder = nn.Sequential(
        transposed_convolution(96, 96, kernel=4, stride=1),  # 4 -> 7
        transposed_convolution(96, 64, kernel=3, stride=2),  # -> 15
        transposed_convolution(64, 64, kernel=3, stride=2),  # -> 31
        transposed_convolution(64, 64, kernel=4, stride=2),  # -> 64
        transposed_convolution(64, 64, kernel=4, stride=2),  # -> 130
        output_convolution(64, config.channels, kernel=3),  # -> 128
    )
    return ConvolutionalAutoencoder(encoder, decoder)


BCAE1 = NetworkSpec(
    id="bcae1",
    title="baseline autoencoder",
    sentence="It squeezes the picture into 1,536 numbers and rebuilds it from them: the plain network that the others vary.",
    section="4.4.2",
    config=NetworkConfig,
    build=build_bcae1,
)
