"""The layers that the image networks are put together from."""

from torch import nn

LEAKINESS = 0.2
"""Slope of the decoder's leaky ReLU for negative values (4.4.2)."""
OUTPUT_SCALE = 0.5
"""The last batch norm's scale where training does not fit it to the images: from torch's 1 the sigmoid saturates early in
bright spots of small sets."""


def convolution(inputs: int, outputs: int, *, kernel: int, stride: int) -> nn.Sequential:
    """Return an encoder layer: unpadded convolution, batch norm, ReLU (4.4.2)."""
    return encoder_layer(nn.Conv2d(inputs, outputs, kernel, stride), outputs)


def transposed_convolution(inputs: int, outputs: int, *, kernel: int, stride: int) -> nn.Sequential:
    """Return a decoder layer: unpadded transposed convolution, batch norm, leaky ReLU (4.4.2)."""
    return decoder_layer(nn.ConvTranspose2d(inputs, outputs, kernel, stride), outputs)


def output_convolution(inputs: int, channels: int, *, kernel: int) -> nn.Sequential:
    """Return BCAE1's last layer: unpadded convolution to the image's channels, batch norm, sigmoid (4.4.2)."""
    return output_layer(nn.Conv2d(inputs, channels, kernel), channels)


def output_transposed_convolution(inputs: int, channels: int, *, kernel: int, stride: int) -> nn.Sequential:
    """Return BCAE2's last layer: unpadded transposed convolution, batch norm, sigmoid (4.5)."""
    return output_layer(nn.ConvTranspose2d(inputs, channels, kernel, stride), channels)


def encoder_layer(linear: nn.Module, outputs: int) -> nn.Sequential:
    """Follow a linear map by batch norm and ReLU."""
    return nn.Sequential(linear, nn.BatchNorm2d(outputs), nn.ReLU())


def decoder_layer(linear: nn.Module, outputs: int) -> nn.Sequential:
    """Follow a linear map by batch norm and leaky ReLU."""
    return nn.Sequential(linear, nn.BatchNorm2d(outputs), nn.LeakyReLU(LEAKINESS))


def output_layer(linear: nn.Module, channels: int) -> nn.Sequential:
    """Follow a linear map by batch norm and the sigmoid into [0, 1]."""
    norm = nn.BatchNorm2d(channels)
    nn.init.constant_(norm.weight, OUTPUT_SCALE)
    return nn.Sequential(linear, norm, nn.Sigmoid())
