"""How fast a stored model scores on this machine."""

from statistics import median

import torch

from xai_ad.data.videos.frames import Frame
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.machine.timing import seconds_of
from xai_ad.networks import IMAGE_SIZE

BATCH, ROUNDS = 32, 5


def forwards_per_second(scorer: AnomalyClassifier) -> float:
    """Return scored images, or frames, per second in batches of 32, the median of five rounds after a warm-up."""
    shape = (BATCH, scorer.network.channels, IMAGE_SIZE, IMAGE_SIZE)
    images = torch.randint(0, 256, shape, dtype=torch.uint8)
    frames = [Frame(number=place, position=place, pixels=image) for place, image in enumerate(images)]
    list(scorer.score_frames(frames))
    return round(
        BATCH / median(seconds_of(lambda: list(scorer.score_frames(frames))) for _ in range(ROUNDS)), 1
    )
