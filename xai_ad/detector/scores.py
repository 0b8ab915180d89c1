"""How a reconstruction's error becomes one number: a value for each output, their map, its reduction, the shares.

A score is a per-pixel map and its reduction (3.8.5). Explanations start from each output value's *share* of the score;
the shares of one image add up to its score, whichever score it is.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from xai_ad.detector.losses import (
    ETA,
    WINDOW,
    absolute_error_values,
    compound_values,
    dissimilarity_values,
    squared_error_values,
)
from xai_ad.errors import InvalidInputError
from xai_ad.types import ErrorMaps, Images, Scores

HIGHEST = 0.01
"""The share of a map's pixels, the highest ones, whose mean is the score `ssim`."""


class Score(StrEnum):
    """Which error is mapped, and how the map is reduced."""

    SQUARED_ERROR = "squared_error"
    """The squared error, averaged (Eq. 3.3): the thesis's score."""
    ABSOLUTE_ERROR = "absolute_error"
    """The absolute error, averaged: a few pixels of high contrast count less, a whole figure rebuilt badly more."""
    COMPOUND = "compound"
    """Eq. 3.10 per pixel, averaged: the score of models trained with the compound loss."""
    SSIM = "ssim"
    """1 - SSIM per pixel, reflected at the border; the mean of the highest 1 %."""


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """A score with its parameters: `eta` and `window` of Eq. 3.10, which neither error has a use for."""

    score: Score = Score.SQUARED_ERROR
    eta: float = ETA
    window: int = WINDOW

    def __post_init__(self) -> None:
        if not 0 <= self.eta <= 1:
            raise InvalidInputError(f"The 'eta' of Eq. 3.10 must be a number in [0, 1]. Got {self.eta!r}.")
        if not isinstance(self.window, int) or self.window < 3 or self.window % 2 == 0:
            raise InvalidInputError(
                f"The 'window' of SSIM must be an odd int in [3, inf). Got {self.window!r}."
            )

    def values(self, images: Images, reconstructions: Images) -> Tensor:
        """Return the error of each output value, (N, C, H, W); averaged over the channels it is the map."""
        if self.score is Score.SQUARED_ERROR:
            return squared_error_values(images, reconstructions)
        if self.score is Score.ABSOLUTE_ERROR:
            return absolute_error_values(images, reconstructions)
        if self.score is Score.SSIM:
            return dissimilarity_values(images, reconstructions, window=self.window, full=True)
        return compound_values(images, reconstructions, eta=self.eta, window=self.window)

    def map(self, images: Images, reconstructions: Images) -> ErrorMaps:
        """Return the per-pixel errors whose reduction is the score, (N, H, W)."""
        return self.values(images, reconstructions).mean(dim=1)

    def reduce(self, maps: ErrorMaps) -> Scores:
        """Return the raw scores of maps, (N,)."""
        if self.score is Score.SSIM:
            return maps.flatten(1).topk(_count_highest(maps), dim=1).values.mean(dim=1)
        return maps.mean(dim=(1, 2))

    def shares(self, images: Images, reconstructions: Images) -> Tensor:
        """Return each output value's share of its image's score, (N, C, H, W); an image's shares sum to its score."""
        values = self.values(images, reconstructions)
        channels = values.shape[1]
        if self.score is not Score.SSIM:
            return values / values[0].numel()
        maps = values.mean(dim=1)  # (N, H, W)
        count = _count_highest(maps)
        chosen = torch.zeros_like(maps).flatten(1)
        chosen.scatter_(1, maps.flatten(1).topk(count, dim=1).indices, 1.0)
        return values * chosen.reshape(maps.shape)[:, None] / (channels * count)

    @property
    def adds_up(self) -> bool:
        """Whether the map's mean is the score, so that a drawing of the map is a drawing of the score's shares."""
        return self.score is not Score.SSIM


def _count_highest(maps: ErrorMaps) -> int:
    return max(1, math.ceil(round(HIGHEST * maps[0].numel(), 9)))
