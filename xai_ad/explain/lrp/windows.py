"""Which part of a window a network answers from for one frame, and where the relevance of that part lies in the window."""

from typing import NamedTuple

import torch
from torch import Tensor

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.frames import FrameDetector
from xai_ad.networks import channels_last
from xai_ad.types import Clips, Image


class Question(NamedTuple):
    """What a network is shown, what it should answer, and which frame of the answer is asked about; None for pictures."""

    shown: Tensor  # (1, C, H, W), or (1, T, C, H, W)
    answer: Tensor
    frame: int | None = None


def question(classifier: AnomalyClassifier, image: Image) -> Question:
    """Return what is asked of a network about an image, (C, H, W), or about the frame of a `FrameDetector`, (T, C, H, W).

    A network that predicts sees the first half of a window for a frame of the second, and for one of the first it sees
    the second half backwards (`AnomalyClassifier.reconstruct`).
    """
    if not isinstance(classifier, FrameDetector):
        images = image[None].contiguous(memory_format=torch.channels_last)
        return Question(images, images)
    window, seeds, frame = channels_last(image[None]), classifier.network.seeds, classifier.frame
    if not seeds:
        return Question(window, window, frame)
    first, second = window[:, :seeds], window[:, seeds:]
    if frame >= seeds:
        return Question(first, second, frame - seeds)
    return Question(channels_last(second.flip(1)), first.flip(1), seeds - 1 - frame)


def in_window(classifier: AnomalyClassifier, relevance: Tensor) -> Tensor:
    """Return the relevance of what was shown, (1, ...), at its place in the image or window; what was not shown has none."""
    if not isinstance(classifier, FrameDetector) or not classifier.network.seeds:
        return relevance
    nothing: Clips = torch.zeros_like(relevance)
    if classifier.frame >= classifier.network.seeds:
        return torch.cat([relevance, nothing], dim=1)
    return torch.cat([nothing, relevance.flip(1)], dim=1)
