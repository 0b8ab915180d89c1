"""Where a score stands: how far from the limit, and among the calibration's images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_ad.presentation.words import Wording, figure
from xai_ad.store import CalibrationRecord

BINS = 28
AXIS = 6.0


@dataclass(frozen=True, kw_only=True)
class Bin:
    """One bar of the calibration's histogram: counts of normalised scores in [start, end)."""

    start: float
    end: float
    normal: int
    abnormal: int


def caption(score: float, record: CalibrationRecord, wording: Wording) -> str:
    """Say how far from the limit a raw score is, and how it compares with the normal calibration images."""
    calibration = record.calibration
    distance = calibration.normalised(abs(score - calibration.threshold))
    if calibration.is_anomalous(score):
        times = score / calibration.threshold
        place = f"{figure(distance)} above the limit, {figure(times)} times as high."
    else:
        place = f"{figure(distance)} below the limit."
    normal = [image.score for image in record.images if image.label == 0]
    return f"{place} {_comparison(score, normal, wording.normal_images)}".strip()


def _comparison(score: float, normal: Sequence[float], noun: str) -> str:
    below = sum(other < score for other in normal)
    if not normal:
        return ""
    if below == len(normal):
        return f"Higher than all {len(normal)} {noun}."
    if below == 0:
        return f"Not higher than any of the {len(normal)} {noun}."
    return f"Higher than {below} of {len(normal)} {noun}."


def histogram(record: CalibrationRecord) -> list[Bin]:
    """Count the calibration's images by normalised score, in equal bins from the lowest score on.

    The bins end at `AXIS` times the limit, and what lies beyond counts in the last one: a single gross defect would
    otherwise squeeze everything near the limit into one bar.
    """
    calibration = record.calibration
    scores = {
        label: [calibration.normalised(image.score) for image in record.images if image.label == label]
        for label in (0, 1)
    }
    every = scores[0] + scores[1]
    if not every:
        return []
    low = min(every)
    high = min(max(every), max(AXIS * calibration.normalised_threshold, *scores[0], low))
    edges = np.linspace(low, high if high > low else low + 1e-6, BINS + 1)  # (BINS + 1,)
    normal, abnormal = (
        np.histogram(np.minimum(scores[label], edges[-1]), edges)[0].tolist() for label in (0, 1)
    )
    return [
        Bin(start=float(edges[i]), end=float(edges[i + 1]), normal=normal[i], abnormal=abnormal[i])
        for i in range(BINS)
    ]
