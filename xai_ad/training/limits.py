"""How sure a limit is: where other calibration images of the same kinds and number would have put it."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.layouts import ANOMALOUS, NORMAL
from xai_ad.store import CalibrationProtocol, CalibrationRecord
from xai_ad.training.calibration import clip_scores, gmean_thresholds, quantile_rank
from xai_ad.training.promises import COVERAGE

DRAWS = 500
SEED = 0
WIDTH = 0.9
"""The kernel's width in Silverman's rule of thumb (1986, Eq. 3.31)."""


@dataclass(frozen=True, kw_only=True)
class LimitInterval:
    """Where a limit may as well lie, raw, and how many normal and anomalous images it rests on.

    `low` <= the limit <= `high`.
    """

    low: float
    high: float
    normals: int
    anomalies: int


@functools.lru_cache(maxsize=64)
def limit_interval(record: CalibrationRecord) -> LimitInterval:
    """Return the interval that holds 90 % of the limits which the record's protocol finds in redrawn images.

    A smoothed bootstrap (Silverman and Young 1987), normal and anomalous scores each by themselves. Redrawn as they
    are, the scores of 18 images leave the limit only the few gaps between them, and another seed another interval.
    A limit by clips is redrawn by clips. One that rests on no images, or on one kind where it needs two, is taken as it is,
    and so is one that a person set: no image would have moved it.
    """
    threshold = record.calibration.threshold
    normals, anomalies = (
        np.array([image.score for image in record.images if image.label == label], dtype=np.float64)
        for label in (NORMAL, ANOMALOUS)
    )
    judged = normals
    if record.clips:  # its frames are no independent evidence, and each clip is one score
        judged = clip_scores(np.split(normals, np.cumsum(record.clips)[:-1]))
    is_manual = record.protocol is CalibrationProtocol.MANUAL
    found = (
        normals[:0]
        if is_manual
        else _redrawn_limits(record.quantile, judged / threshold, anomalies / threshold)
    )
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(found, [tail, 1 - tail]) if len(found) else (1.0, 1.0)
    return LimitInterval(
        low=min(float(low), 1.0) * threshold,
        high=max(float(high), 1.0) * threshold,
        normals=len(normals),
        anomalies=len(anomalies),
    )


def _redrawn_limits(
    quantile: float | None, normals: NDArray[np.float64], anomalies: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the limits of `DRAWS` redrawn sets, or none; scores and limits in multiples of the limit."""
    rng = np.random.default_rng(SEED)
    if quantile is not None:
        if not len(normals):
            return normals
        ascending = np.sort(redrawn(normals, rng), axis=1)
        limits: NDArray[np.float64] = ascending[:, quantile_rank(len(normals), quantile) - 1]
        return limits
    if not len(normals) or not len(anomalies):
        return normals[:0]
    scores = np.concatenate([redrawn(normals, rng), redrawn(anomalies, rng)], axis=1)
    scores = scores[np.ptp(scores, axis=1) > 0]
    return gmean_thresholds(scores, np.repeat([NORMAL, ANOMALOUS], [len(normals), len(anomalies)]))


def redrawn(scores: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return `DRAWS` sets of N scores, (DRAWS, N), drawn from the smoothed distribution of the given ones, (N,).

    Smoothed where errors are near symmetric, on the scale log(1 + score), and shrunk so that the variance there
    stays as it is.
    """
    values = np.log1p(scores)
    deviation = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    found = rng.choice(values, (DRAWS, len(values)))  # (DRAWS, N)
    if deviation > 0:
        lower, upper = np.quantile(values, [0.25, 0.75])
        spread = min(deviation, float(upper - lower) / 1.34) or deviation
        width = WIDTH * spread * len(values) ** -0.2
        noisy = found - values.mean() + width * rng.standard_normal(found.shape)
        found = values.mean() + noisy / np.hypot(1, width / deviation)
    sets: NDArray[np.float64] = np.expm1(found)
    return sets
