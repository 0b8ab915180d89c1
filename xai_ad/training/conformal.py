"""What a calibration's normal images say of a new score: how rare it is among normal ones."""

import numpy as np

from xai_ad.data.layouts import NORMAL
from xai_ad.metrics.conformal import p_values
from xai_ad.metrics.detection import Floats
from xai_ad.store import CalibrationRecord


def normal_scores(record: CalibrationRecord) -> Floats:
    """Return the raw scores, (n,), of the normal images that a new one can be exchanged for.

    A calibration has them wherever its limit lies and whoever set it. One by whole clips has none: the frames of a clip
    are alike, and no frame of another can be exchanged for one of them.
    """
    scores = [] if record.clips else [image.score for image in record.images if image.label == NORMAL]
    return np.array(scores, dtype=np.float64)


def score_p_value(score: float, record: CalibrationRecord) -> float | None:
    """Return a raw score's conformal p-value among a calibration's normal images; None where it has none."""
    normals = normal_scores(record)
    return float(p_values(np.array([score]), normals)[0]) if len(normals) else None
