"""Whether a picture is like those that a model was trained on, so that its verdict means anything."""

from xai_ad.detector.familiarity.familiarity import (
    BATCH,
    Cause,
    Familiarity,
    Likeness,
    stranger_and_p_value,
)
from xai_ad.detector.familiarity.fitting import LEAST, fit_familiarity

__all__ = ["BATCH", "LEAST", "Cause", "Familiarity", "Likeness", "fit_familiarity", "stranger_and_p_value"]
