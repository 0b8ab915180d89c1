"""The verdict's card: the word, and the figures behind it."""

from xai_ad.presentation.judgement import caption, histogram
from xai_ad.presentation.words import MEASURES, Wording
from xai_ad.store import CalibrationRecord
from xai_ad.ui.components.verdict import BinData, VerdictData


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
        measure=f"The score is {MEASURES[record.calibration.scoring.score]}.",
        limit_label="Limit",
        caption=caption(score, record, wording),
        disclaimer=wording.disclaimer,
        bins=[
            BinData(start=bar.start, end=bar.end, normal=bar.normal, abnormal=bar.abnormal)
            for bar in histogram(record)
        ],
        normal_word=wording.normal_images,
        abnormal_word=wording.abnormal_images,
    )
