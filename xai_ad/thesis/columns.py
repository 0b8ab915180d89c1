"""What is measured of every cell: the columns of tables, from the figures in models' cards, over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_ad.store import StoredModel

COLUMNS = {
    "auc_roc": "AUC-ROC", "auc_roc_global": "AUC-ROC, global", "auc_pr": "AUC-PR", "eer": "EER",
    "eer_global": "EER, global", "precision": "Precision", "recall": "Recall", "f1": "F1", "mean": "mean of classes",
    "auc_roc_ssim": "AUC-ROC, SSIM map", "pixel_auc_roc": "pixel AUC-ROC",
    "pixel_auc_roc_ssim": "pixel AUC-ROC, SSIM map", "aupro": "AUPRO", "aupro_ssim": "AUPRO, SSIM map",
}  # fmt: skip
"""What is measured of every cell, and how it is headed; columns that a dataset has no figures for are left out.

Those called global are of videos: all clips normalised together, beside the thesis's normalisation of each by itself.
"""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Figures over seeds: each, their mean, and their standard deviation, None for a single one."""

    values: tuple[float, ...]
    mean: float
    spread: float | None


def summarise(values: Sequence[float]) -> Summary:
    """Return the mean of at least one figure and the sample standard deviation (n - 1) of at least two."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Summary(values=tuple(values), mean=float(np.mean(values)), spread=spread)


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
    unweighted = dict.fromkeys(("precision", "recall", "f1"))
    figures = {**metrics, **unweighted, **(metrics["weighted"] or {})}
    if "auc_roc_global" not in metrics:  # frames of videos have one class, whose figure is of raw scores
        figures["mean"] = np.mean(list(metrics["per_class"].values()))
    chosen = {name: figures.get(name) for name in COLUMNS}
    if by_class:
        chosen = metrics["per_class"] | chosen
    return {name: float(value) for name, value in chosen.items() if value is not None}


def cell_text(mean: float | None, spread: float | None = None, thesis: float | None = None) -> str:
    """Return a figure as `mean ± spread [thesis]`.

    >>> cell_text(0.71234, 0.01, 0.72)
    '0.712 ± 0.010 [0.720]'
    """
    figure = "-" if mean is None else f"{mean:.3f}"
    beside = "" if thesis is None else f" [{thesis:.3f}]"
    return f"{figure}{'' if spread is None else f' ± {spread:.3f}'}{beside}"
