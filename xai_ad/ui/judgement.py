"""The verdict's card: the word, the figures behind it, and where they stand among the calibration's images."""

from collections.abc import Sequence

import numpy as np

from xai_ad.store import CalibrationRecord
from xai_ad.ui.components import BinData, VerdictData
from xai_ad.ui.words import MEASURES, Wording, figure

BINS = 28
AXIS = 6.0


def verdict_data(score: float, record: CalibrationRecord, wording: Wording) -> VerdictData:
    """Judge a raw score. Figures are shown as fractions of the calibration's `score_max`."""
    calibration = record.calibration
    abnormal = calibration.is_anomalous(score)
    return VerdictData(
        verdict=wording.abnormal if abnormal else wording.normal,
        abnormal=abnormal,
        score=calibration.normalised(score),
        limit=calibration.normalised_threshold,
        score_label="Anomaly score",
        measure=f"The score is {MEASURES[record.score]}.",
        limit_label="Limit",
        caption=caption(score, record, wording),
        disclaimer=wording.disclaimer,
        bins=histogram(record),
        normal_word=wording.normal_images,
        abnormal_word=wording.abnormal_images,
    )


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


def histogram(record: CalibrationRecord) -> list[BinData]:
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
        BinData(start=float(edges[i]), end=float(edges[i + 1]), normal=normal[i], abnormal=abnormal[i])
        for i in range(BINS)
    ]
