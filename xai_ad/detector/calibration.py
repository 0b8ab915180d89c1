"""What makes a verdict of a score: the limit, and the two scales that a score and a map are shown on (3.8.5)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.detector.scores import Scoring
from xai_ad.errors import InvalidInputError

Shares = TypeVar("Shares", Tensor, NDArray[np.float32])


class State(StrEnum):
    """What is said of an image: its score's side of the limit, or why neither side can be said."""

    NORMAL = "normal"
    ANOMALOUS = "anomalous"
    BORDERLINE = "borderline"
    """The limit's own uncertainty holds the score: other calibration images might have judged otherwise."""
    STRANGER = "stranger"
    """The image is not like those that the model learned from, so that its score says nothing."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The only place where a score is compared or divided (3.8.5).

    `threshold` and `score_max` are in the score's raw unit; the thesis's delta_o of Eq. 3.21 is their ratio.
    `map_scale` is where a drawn map's scale ends, in units of relevance density (see `density`).

    >>> from xai_ad import Calibration
    >>> calibration = Calibration(threshold=0.5, score_max=2.0, map_scale=4.0)
    >>> calibration.is_anomalous(0.5), calibration.is_anomalous(0.6)
    (False, True)
    """

    scoring: Scoring = field(default_factory=Scoring)
    threshold: float
    score_max: float
    map_scale: float

    def __post_init__(self) -> None:
        for name in ("threshold", "score_max", "map_scale"):
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise InvalidInputError(
                    f"The '{name}' of a calibration must be positive and finite. Got {value!r}."
                )

    def is_anomalous(self, score: float) -> bool:
        """Return whether a raw score exceeds the threshold."""
        return score > self.threshold

    def normalised(self, score: float) -> float:
        """Return a raw score as a fraction of `score_max`; it exceeds 1 for images worse than any calibrated on."""
        return score / self.score_max

    @property
    def normalised_threshold(self) -> float:
        """The thesis's delta_o (Eq. 3.21)."""
        return self.threshold / self.score_max

    def density(self, shares: Shares) -> Shares:
        """Return shares of a score, (..., H, W), as density: a pixel's share x H x W / threshold.

        1 means "were the whole image like this, it would stand exactly at the limit", whatever the image's size.
        """
        height, width = shares.shape[-2:]
        dense: Shares = shares * (height * width / self.threshold)
        return dense
