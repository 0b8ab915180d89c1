"""Where training starts: the output's batch norm at the moments of the training images."""

import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.networks import Autoencoder

CHUNK = 256
"""How many images are looked at at once."""


@torch.no_grad()
def fit_output(network: Autoencoder, pixels: Tensor) -> None:
    """Start the last batch norm at each channel's mean and standard deviation of the logits of (N, C, H, W) bytes.

    The sigmoid after it has to give the images back, so its inputs have the logits' moments when training is done.
    Batch norm starts at mean 0 instead, grey, and a bright image's mean of 2 is thousands of steps of Adam away.
    Meanwhile a network makes all but a few pixels bright by making those few very dark: their mean is 0, their error
    small, and where the sigmoid is saturated no gradient takes them back. They stay as a grid of dots.

    A network that ends otherwise stays as it is.
    """
    norm = network.output_norm
    if norm is None:
        return
    mean, deviation = logit_moments(pixels)
    norm.bias.copy_(mean)
    norm.weight.copy_(deviation)


def logit_moments(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation by channel, (C,) float64 each, of the logits of bytes, (N, C, H, W).

    Black and white count as half a grey level inside [0, 1], since their logits are infinite.
    """
    half = 0.5 / 255
    count = pixels.numel() / pixels.shape[1]
    total = torch.zeros(pixels.shape[1], dtype=torch.float64)
    squares = torch.zeros_like(total)
    for start in range(0, len(pixels), CHUNK):
        logits = to_float(pixels[start : start + CHUNK]).clamp_(half, 1 - half).logit().double()
        total += logits.sum(dim=(0, 2, 3))
        squares += logits.square().sum(dim=(0, 2, 3))
    mean = total / count
    return mean, (squares / count - mean.square()).clamp_min(0).sqrt()
