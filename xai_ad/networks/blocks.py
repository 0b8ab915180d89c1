"""The layers that the image networks are put together from."""

from torch import nn

LEAKINESS = 0.2
"""Slope of the decoder's leaky ReLU for negative values (4.4.2)."""


def convolution(inputs: int, outputs: int, *, kernel: int, stride: int) -> nn.Sequential:
    """Return an encoder layer: unpadded convolution, batch norm, ReLU (4.4.2)."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs), nn.ReLU())


def transposed_convolution(inputs: int, outputs: int, *, kernel: int, stride: int) -> nn.Sequential:
    """Return a decoder layer: unpadded transposed convolution, batch norm, leaky ReLU (4.4.2)."""
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs), nn.LeakyReLU(LEAKINESS)
    )


def output_convolution(inputs: int, channels: int, *, kernel: int) -> nn.Sequential:
    """Return the last layer: unpadded convolution to the image's channels, batch norm, sigmoid into [0, 1] (4.4.2)."""
    return nn.Sequential(nn.Conv2d(inputs, channels, kernel), nn.BatchNorm2d(channels), nn.Sigmoid())
