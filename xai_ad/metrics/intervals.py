"""How sure an AUC-ROC is, that was measured on so many images: its 95 % interval."""

from collections.abc import Sequence

import numpy as np

from xai_ad.metrics.comparison import areas, redrawn
from xai_ad.metrics.detection import Floats, Labels, auc_roc

SURE = 0.95
_Z = 1.959963984540054
"""So many standard errors to either side hold `SURE` of a normal distribution."""
_STEPS = 60
"""Halvings of a range of at most 1: as exact as its numbers are."""


def auc_roc_interval(
    scores: Floats, labels: Labels, groups: Sequence[str] | None = None
) -> tuple[float, float]:
    """Return the 95 % interval of `auc_roc`, its lower and upper end; scores (N,), labels (N,) 1 for anomalous.

    By DeLong's variance (DeLong et al. 1988), on the scale of its logit, so that it ends within 0 to 1. Where one kind has
    a single image, or each anomalous image scores higher than each normal one, that variance says nothing, and Newcombe's
    score interval stands in (Newcombe 2006, method 5). Of a set of videos, whose clips' names `groups` holds, it is the
    bootstrap's over whole clips. Raises `InvalidInputError` unless both kinds occur.
    """
    area, marks = auc_roc(scores, labels), np.asarray(labels) == 1
    if groups is not None and len(set(groups)) > 1:
        drawn = areas(scores, marks, redrawn(marks, groups))
        low, high = np.nanquantile(drawn, [(1 - SURE) / 2, (1 + SURE) / 2])
        return float(low), float(high)
    variance = _delong(scores, marks)
    if variance is None or not 0 < area < 1 or variance == 0:
        return _score_interval(area, int(marks.sum()), int((~marks).sum()))
    middle, reach = np.log(area / (1 - area)), _Z * np.sqrt(variance) / (area * (1 - area))
    return float(1 / (1 + np.exp(reach - middle))), float(1 / (1 + np.exp(-reach - middle)))


def _delong(scores: Floats, marks: np.ndarray) -> float | None:
    """Return the variance of the area, by what share of the other kind each image stands right of; None for a single one."""
    anomalous, normal = np.sort(np.asarray(scores)[marks]), np.sort(np.asarray(scores)[~marks])
    if min(len(anomalous), len(normal)) < 2:
        return None
    above = _below(normal, anomalous)  # of each anomalous image, the share of normal ones below it
    under = 1 - _below(anomalous, normal)
    return float(above.var(ddof=1) / len(anomalous) + under.var(ddof=1) / len(normal))


def _below(ordered: Floats, values: Floats) -> Floats:
    """Return which share of ordered scores each value exceeds, half of equal ones counted."""
    strictly, weakly = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    shares: Floats = (strictly + weakly) / (2 * len(ordered))
    return shares


def _score_interval(area: float, anomalous: int, normal: int) -> tuple[float, float]:
    """Return between which true areas one that was measured lies no farther off than `_Z` of their standard errors."""
    middle = (anomalous + normal) / 2 - 1

    def is_near(true: float) -> bool:
        spread = true * (1 - true) * (1 + middle * ((1 - true) / (2 - true) + true / (1 + true)))
        return (area - true) ** 2 <= _Z**2 * spread / (anomalous * normal)

    ends = []
    for far in (0.0, 1.0):
        near, beyond = area, far
        for _ in range(_STEPS):
            between = (near + beyond) / 2
            near, beyond = (between, beyond) if is_near(between) else (near, between)
        ends.append(near)
    return ends[0], ends[1]
