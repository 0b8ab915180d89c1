"""What is measured of every cell: the columns of tables, from the figures in models' cards."""

from collections.abc import Sequence

import numpy as np

from xai_ad.store import StoredModel
from xai_ad.thesis.statistics import Summary, summarise

COLUMNS = {
    "auc_roc": "AUC-ROC", "auc_roc_global": "AUC-ROC, global", "auc_pr": "AUC-PR", "eer": "EER",
    "eer_global": "EER, global", "precision": "Precision", "recall": "Recall", "f1": "F1", "mean": "mean of classes",
    "auc_roc_ssim": "AUC-ROC, SSIM map", "pixel_auc_roc": "pixel AUC-ROC",
    "pixel_auc_roc_ssim": "pixel AUC-ROC, SSIM map", "aupro": "AUPRO", "aupro_ssim": "AUPRO, SSIM map",
}  # fmt: skip
"""What is measured of every cell, and how it is headed; columns that a dataset has no figures for are left out.

Those called global are of videos: all clips normalised together, beside the thesis's normalisation of each by itself.
"""

_WEIGHTED = ("precision", "recall", "f1")


def measured_columns(
    models: Sequence[StoredModel], protocol: str, *, by_class: bool = False
) -> dict[str, Summary]:
    """Summarise the figures that every one of the models has, over the models; classes in front where asked for."""
    rows = [figures_of(stored, protocol, by_class=by_class) for stored in models]
    return {
        name: summarise([row[name] for row in rows]) for name in rows[0] if all(name in row for row in rows)
    }


def figures_of(stored: StoredModel, protocol: str, *, by_class: bool = False) -> dict[str, float]:
    """Return a model's recorded figures by column; precision, recall and F1 are the weighted ones."""
    metrics = stored.card.metrics[protocol]
    weighted = metrics["weighted"] or {}
    figures = {**metrics, **{name: weighted.get(name) for name in _WEIGHTED}}
    if "auc_roc_global" not in metrics:  # frames of videos have one class, whose figure is of raw scores
        figures["mean"] = float(np.mean(list(metrics["per_class"].values())))
    chosen = dict(metrics["per_class"]) if by_class else {}
    chosen |= {name: figures.get(name) for name in COLUMNS}
    return {name: float(value) for name, value in chosen.items() if value is not None}


def cell_text(mean: float | None, spread: float | None = None, thesis: float | None = None) -> str:
    """Return a figure as `mean ± spread [thesis]`.

    >>> cell_text(0.71234, 0.01, 0.72)
    '0.712 ± 0.010 [0.720]'
    """
    beside = "" if thesis is None else f" [{thesis:.3f}]"
    if mean is None:
        return f"-{beside}"
    return f"{mean:.3f}{'' if spread is None else f' ± {spread:.3f}'}{beside}"
