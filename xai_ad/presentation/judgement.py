"""Where a score stands: how far from the limit, and among the calibration's images; all in multiples of the limit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_ad.presentation.words import Wording, figure
from xai_ad.store import CalibrationProtocol, CalibrationRecord
from xai_ad.training.calibration import lowered_note
from xai_ad.training.conformal import normal_scores, score_p_value

BINS = 28
AXIS = 6.0
FEW = 50
"""A limit that rests on fewer normal images than this says so."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """One bar of the calibration's histogram: counts of scores in [start, end), in multiples of the limit.

    Where it is `open`, those beyond `end` are counted as well.
    """

    start: float
    end: float
    normal: int
    abnormal: int
    open: bool = False


def caption(score: float, record: CalibrationRecord, wording: Wording) -> str:
    """Say how a raw score compares with the normal calibration images."""
    normal = [image.score for image in record.images if image.label == 0]
    below = sum(other < score for other in normal)
    noun = wording.normal_images
    if not normal:
        return ""
    if below == len(normal):
        return f"Higher than all {len(normal)} {noun}."
    if below == 0:
        return f"Not higher than any of the {len(normal)} {noun}."
    return f"Higher than {below} of {len(normal)} {noun}."


def caution(record: CalibrationRecord, wording: Wording) -> str:
    """Say how few normal images a limit rests on, where they are few, and what that made of it; or who set it, and why."""
    if record.protocol is CalibrationProtocol.MANUAL:
        return f"{record.by} set this limit by hand: {(record.reason or '').rstrip('.')}."
    count = sum(image.label == 0 for image in record.images)
    few = f"The limit rests on only {count} {wording.normal_images}." if 0 < count < FEW else None
    return " ".join(filter(None, [few, lowered_note(record, wording.normal_images)]))


def details(score: float, record: CalibrationRecord, wording: Wording) -> list[tuple[str, str]]:
    """Return score and limit in the other two units, raw and as fractions of the highest calibration score, and its p-value.

    A limit by whole clips, or without normal images, gives no p-value.
    """
    calibration, p_value = record.calibration, score_p_value(score, record)
    rarity = f"p-value, among {len(normal_scores(record))} {wording.normal_images}"
    return [
        ("Score, raw", figure(score)),
        ("Limit, raw", figure(calibration.threshold)),
        ("Score, of the highest calibrated on", figure(calibration.normalised(score))),
        ("Limit, of the highest calibrated on", figure(calibration.normalised_threshold)),
        *([] if p_value is None else [(rarity, figure(p_value))]),
    ]


def histogram(record: CalibrationRecord) -> list[Bin]:
    """Count the calibration's images by score, in equal bins from the lowest score on.

    The bins end at `AXIS` times the limit, and what lies beyond counts in the last one: a single gross defect would
    otherwise squeeze everything near the limit into one bar.
    """
    scores = {
        label: [image.score / record.calibration.threshold for image in record.images if image.label == label]
        for label in (0, 1)
    }
    every = scores[0] + scores[1]
    if not every:
        return []
    low = min(every)
    high = min(max(every), max(AXIS, *scores[0], low))
    edges = np.linspace(low, high if high > low else low + 1e-6, BINS + 1)  # (BINS + 1,)
    normal, abnormal = (_counts(scores[label], edges) for label in (0, 1))
    return [
        Bin(
            start=float(edges[i]),
            end=float(edges[i + 1]),
            normal=normal[i],
            abnormal=abnormal[i],
            open=i == BINS - 1 and max(every) > high,
        )
        for i in range(BINS)
    ]


def _counts(scores: Sequence[float], edges: np.ndarray) -> list[int]:
    counts: list[int] = np.histogram(np.minimum(scores, edges[-1]), edges)[0].tolist()
    return counts
