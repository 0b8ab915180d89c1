"""How fast a stored model scores on this machine."""

import statistics
import time

import torch

from xai_ad.data.videos.frames import Frame
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.networks import IMAGE_SIZE

BATCH, ROUNDS = 32, 5


def forwards_per_second(scorer: AnomalyClassifier) -> float:
    """Return scored images, or frames, per second in batches of 32, the median of five rounds after a warm-up."""
    shape = (BATCH, scorer.network.channels, IMAGE_SIZE, IMAGE_SIZE)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8)
    frames = [Frame(number=place, position=place, pixels=pixels[place]) for place in range(BATCH)]
    list(scorer.score_frames(frames))
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        list(scorer.score_frames(frames))
        seconds.append(time.perf_counter() - began)
    return round(BATCH / statistics.median(seconds), 1)
