"""Whether a picture is like those that a model was trained on, so that its verdict means anything."""

from xai_ad.detector.familiarity.familiarity import Cause, Familiarity, Likeness
from xai_ad.detector.familiarity.fitting import fit_familiarity

__all__ = ["Cause", "Familiarity", "Likeness", "fit_familiarity"]
