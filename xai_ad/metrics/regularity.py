"""From the errors of a clip's frames to its regularity, and how well that tells anomalous frames (4.9.1).

Errors are raw scores, one a frame. What is normalised here serves the thesis's tables and curves; verdicts compare
raw scores with a calibrated threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import auc_roc, equal_error_rate

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

WINDOW = 15
"""Frames that the Savitzky-Golay filter sees (4.9.1)."""
ORDER = 1
"""The filter's polynomial's order."""


class Normalisation(StrEnum):
    """What the smallest and the largest error are taken of."""

    PER_VIDEO = "per-video"
    """Each clip by itself: what the thesis's tables report."""
    GLOBAL = "global"
    """All clips of the set together: comparable between clips."""


@dataclass(frozen=True, kw_only=True)
class VideoFigures:
    """A set's figures over all frames of all clips, each in [0, 1]."""

    auc_roc: float
    eer: float


def min_max(values: Floats, *, low: float, high: float) -> Floats:
    """Return values in [low, high] mapped to [0, 1], of the same shape; all 0 where low and high are one."""
    if high <= low:
        return np.zeros_like(values, dtype=np.float64)
    return (np.asarray(values, dtype=np.float64) - low) / (high - low)


def smoothed(values: Floats, *, window: int = WINDOW, order: int = ORDER) -> Floats:
    """Return a clip's values (F,) after the Savitzky-Golay filter; at both ends its first and last polynomial counts.

    A clip shorter than the window is filtered with the largest odd window that fits, and one too short for the
    polynomial is left as it is.
    """
    found = np.array(values, dtype=np.float64)
    count = len(found)
    fitting = min(window, count - 1 + count % 2)  # odd
    if fitting <= order:
        return found
    # SciPy's own takes seconds to import, which a person who waits for a clip's first scores would wait for.
    half = fitting // 2
    powers = np.arange(-half, half + 1.0)[:, None] ** np.arange(order + 1)  # (W, order + 1)
    fit = powers @ np.linalg.pinv(powers)  # (W, W): from values in a window to its polynomial's
    inside = np.convolve(found, fit[half][::-1], mode="valid")
    return np.concatenate([fit[:half] @ found[:fitting], inside, fit[half + 1 :] @ found[-fitting:]])


def regularity(errors: Floats, *, low: float | None = None, high: float | None = None) -> Floats:
    """Return a clip's regularity s(t) (Eq. 4.1), smoothed, (F,): near 1 where a frame is as regular as any.

    errors (F,) raw; `low` and `high` are the errors that become 1 and 0, by default the clip's own. Smoothing may leave
    [0, 1] by a little at a clip's ends.
    """
    values = np.asarray(errors, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise InvalidInputError(
            f"A clip's errors must be finite, one a frame. Got an array of shape {values.shape}."
        )
    lowest = float(values.min()) if low is None else low
    highest = float(values.max()) if high is None else high
    return smoothed(1 - min_max(values, low=lowest, high=highest))


def irregularities(errors: Sequence[Floats], normalisation: Normalisation) -> Floats:
    """Return 1 - s(t) of all frames of all clips, one clip after another, (sum of F,); larger is more anomalous.

    Smoothing never goes from one clip into the next.
    """
    if not errors:
        raise InvalidInputError("Video scores need at least one clip. Got none.")
    if normalisation is Normalisation.PER_VIDEO:
        return np.concatenate([1 - regularity(clip) for clip in errors])
    low, high = (float(bound(np.concatenate(errors))) for bound in (np.min, np.max))
    return np.concatenate([1 - regularity(clip, low=low, high=high) for clip in errors])


def video_figures(
    errors: Sequence[Floats], labels: Sequence[NDArray[np.bool_] | Labels]
) -> dict[Normalisation, VideoFigures]:
    """Return a set's figures under both normalisations; errors and labels (F,) for each clip, 1 or true is anomalous.

    Raises `InvalidInputError` where a clip's labels do not match its errors, and unless both kinds of frames occur.
    """
    lengths = [(len(clip), len(marks)) for clip, marks in zip(errors, labels, strict=True)]
    unequal = [f"{frames} and {marks}" for frames, marks in lengths if frames != marks]
    if unequal:
        raise InvalidInputError(f"Each frame needs an error and a label. Got {unequal[0]}.")
    marks = np.concatenate([np.asarray(clip).astype(np.int64) for clip in labels])
    figures = {}
    for normalisation in Normalisation:
        scores = irregularities(errors, normalisation)
        figures[normalisation] = VideoFigures(
            auc_roc=auc_roc(scores, marks), eer=equal_error_rate(scores, marks)
        )
    return figures
