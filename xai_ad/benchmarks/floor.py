"""What explanations are held against: the network's fastest forward, and one forward and backward."""

import time

import torch

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.fast import InferenceNetwork
from xai_ad.machine.execution import Precision
from xai_ad.types import Image

SIZES = (4, 8, 16, 32, 64, 128)
IMAGES = 64
"""How many images each batch size is timed on, or one batch where that is more."""


def fastest(
    network: InferenceNetwork, image: Image, precision: Precision, sizes: tuple[int, ...] = SIZES
) -> tuple[float, int]:
    """Return the most images a second over batch sizes, and the size that reaches it."""
    speeds = []
    for size in sizes:
        count = max(IMAGES, size)
        images = image.expand(count, *image.shape).contiguous(memory_format=torch.channels_last)
        network.reconstruct(images[:size], precision)
        began = time.perf_counter()
        for start in range(0, count, size):
            network.reconstruct(images[start : start + size], precision)
        speeds.append((count / (time.perf_counter() - began), size))
    return max(speeds)


def gradient_seconds(classifier: AnomalyClassifier, image: Image) -> float:
    """Return what one forward and one backward to the image take, as LRP runs the network."""
    images = image[None].contiguous(memory_format=torch.channels_last).requires_grad_()
    began = time.perf_counter()
    torch.autograd.grad(classifier(images).sum(), images)
    return time.perf_counter() - began
