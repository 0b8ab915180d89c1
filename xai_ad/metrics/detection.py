"""How well raw scores tell anomalous from normal (4.3). Anomalous is always the positive class.

scikit-learn is imported where it is used: the app's first page needs none of this.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PrecisionRecall:
    """Precision, recall and their harmonic mean, each in [0, 1]."""

    precision: float
    recall: float
    f1: float


def auc_roc(scores: Floats, labels: Labels) -> float:
    """Area under the ROC curve; scores (N,) raw, labels (N,) 0 normal and 1 anomalous, both present (4.3.1)."""
    from sklearn.metrics import roc_auc_score

    _require_both(labels)
    return float(roc_auc_score(labels, scores))


def auc_pr(scores: Floats, labels: Labels) -> float:
    """Area under the precision-recall curve, as average precision (4.3.2)."""
    from sklearn.metrics import average_precision_score

    _require_both(labels)
    return float(average_precision_score(labels, scores))


def equal_error_rate(scores: Floats, labels: Labels) -> float:
    """The rate at which misses equal false alarms, on the ROC curve's straight segments (4.3.4)."""
    from sklearn.metrics import roc_curve

    _require_both(labels)
    false_alarms, hits, _ = roc_curve(labels, scores, drop_intermediate=False)
    misses = 1 - hits
    gap = misses - false_alarms  # falls from 1 to -1
    after = int(np.argmax(gap <= 0))
    before = after - 1
    share = gap[before] / (gap[before] - gap[after])
    return float(false_alarms[before] + share * (false_alarms[after] - false_alarms[before]))


def precision_recall(scores: Floats, labels: Labels, *, threshold: float, average: str) -> PrecisionRecall:
    """Precision, recall and F1 of score > threshold (4.3.3).

    `average` is "binary" (anomalous is positive) or "weighted" (the thesis's: classes weighted by their size). A
    figure without a denominator is 0.
    """
    from sklearn.metrics import precision_recall_fscore_support

    predicted = (np.asarray(scores) > threshold).astype(int)
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, predicted, average=average, zero_division=0
    )
    return PrecisionRecall(precision=float(precision), recall=float(recall), f1=float(f1))


def class_auc_roc(scores: Floats, labels: Labels, kinds: Sequence[str]) -> dict[str, float]:
    """AUC-ROC of each anomalous class against all normal images, by class; `kinds` (N,) names each image's class."""
    names = np.asarray(kinds)
    figures = {}
    for kind in sorted(set(names[labels == 1])):
        chosen = (names == kind) | (labels == 0)
        figures[str(kind)] = auc_roc(scores[chosen], labels[chosen])
    return figures


def _require_both(labels: Labels) -> None:
    counts = {label: int(np.sum(np.asarray(labels) == label)) for label in (0, 1)}
    if not counts[0] or not counts[1]:
        raise InvalidInputError(
            f"A ROC curve needs normal and anomalous images. Got {counts[0]} normal and {counts[1]} anomalous."
        )
