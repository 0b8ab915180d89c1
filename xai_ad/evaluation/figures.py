"""The figures of an evaluation, of scores and maps (4.3, 4.9)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.layouts import ANOMALOUS, NORMAL, Protocol, Sample
from xai_ad.evaluation.judging import Judged
from xai_ad.metrics.detection import auc_pr, auc_roc, class_auc_roc, equal_error_rate, precision_recall
from xai_ad.metrics.localisation import aupro, pixel_auc_roc
from xai_ad.metrics.regularity import Normalisation, video_figures
from xai_ad.progress import Progress
from xai_ad.store import CalibrationRecord
from xai_ad.training.calibration import gmean_threshold


def image_figures(
    test: tuple[Sample, ...],
    judged: Judged,
    record: CalibrationRecord,
    marked: NDArray[np.bool_],
    protocol: Protocol,
    *,
    on_progress: Progress,
) -> dict[str, Any]:
    """Return the figures of images, each judged by itself; `marked` are the masks, (K, H, W), of those that were mapped."""
    scores = judged.scores[0]
    labels = np.array([sample.label for sample in test])
    return {
        **_detection_figures(test, scores, labels),
        **_judged_figures(record, test, scores, labels, protocol),
        **_pixel_figures(marked, judged, on_progress=on_progress),
        "auc_roc_ssim": auc_roc(judged.ssim_scores, labels),
    }


def _detection_figures(
    test: Sequence[Sample], scores: NDArray[np.float64], labels: NDArray[np.int64]
) -> dict[str, Any]:
    """Return how many images there are, and how well scores tell them apart, whatever the threshold."""
    return {
        "n_normal": int((labels == NORMAL).sum()),
        "n_anomalous": int((labels == ANOMALOUS).sum()),
        "auc_roc": auc_roc(scores, labels),
        "auc_pr": auc_pr(scores, labels),
        "eer": equal_error_rate(scores, labels),
        "per_class": class_auc_roc(scores, labels, [sample.kind for sample in test]),
    }


def _judged_figures(
    record: CalibrationRecord,
    test: tuple[Sample, ...],
    scores: NDArray[np.float64],
    labels: NDArray[np.int64],
    protocol: Protocol,
) -> dict[str, Any]:
    """Return the threshold and score_max, and the figures that need them: None where the reported images set them."""
    if protocol is Protocol.THESIS:
        threshold, score_max = gmean_threshold(scores, labels), float(scores[labels == ANOMALOUS].max())
        leaks = False
    else:
        threshold, score_max = record.calibration.threshold, record.calibration.score_max
        leaks = bool({image.sha256 for image in record.images} & {sample.sha256 for sample in test})
    figures: dict[str, Any] = {"threshold": threshold, "score_max": score_max}
    if leaks:
        return {**figures, **dict.fromkeys(("f1", "precision", "recall", "specificity", "weighted"))}
    plain = precision_recall(scores, labels, threshold=threshold, average="binary")
    weighted = precision_recall(scores, labels, threshold=threshold, average="weighted")
    return {
        **figures,
        "f1": plain.f1,
        "precision": plain.precision,
        "recall": plain.recall,
        "specificity": float(np.mean(scores[labels == NORMAL] <= threshold)),
        "weighted": asdict(weighted),
    }


def video_metrics(
    test: Sequence[Sample], scores: NDArray[np.float64], labels: NDArray[np.int64]
) -> dict[str, float]:
    """Return the figures of the frames' regularity (4.9.1), of raw scores (N,); a clip's frames follow one another."""
    groups = [sample.group for sample in test]
    cuts = [index for index in range(1, len(groups)) if groups[index] != groups[index - 1]]
    figures = video_figures(np.split(scores, cuts), np.split(labels, cuts))
    per_video, overall = figures[Normalisation.PER_VIDEO], figures[Normalisation.GLOBAL]
    return {
        "auc_roc": per_video.auc_roc,
        "eer": per_video.eer,
        "auc_roc_global": overall.auc_roc,
        "eer_global": overall.eer,
    }


def _pixel_figures(
    masks: NDArray[np.bool_], judged: Judged, *, on_progress: Progress
) -> dict[str, float | None]:
    """Return how well both maps lie on the marked defects, (K, H, W); None without any."""
    figures: dict[str, float | None] = {}
    for suffix, maps in (("", judged.squared_errors), ("_ssim", judged.dissimilarities)):
        marked = masks.any()
        figures[f"pixel_auc_roc{suffix}"] = pixel_auc_roc(maps, masks) if marked else None
        figures[f"aupro{suffix}"] = aupro(maps, masks) if marked else None
        on_progress(0.5 if not suffix else 1.0)
    return figures
