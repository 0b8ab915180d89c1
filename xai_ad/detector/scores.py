"""How a reconstruction's error becomes one number: a value for each output, their map, its reduction, the shares.

A score is a per-pixel map and its reduction (3.8.5). Explanations start from each output value's *share* of the score;
the shares of one image add up to its score, whichever score it is. Images may have any leading dimensions.
"""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor
from torch.nn import functional as F

from xai_ad.detector.losses import (
    ETA,
    WINDOW,
    absolute_error_values,
    compound_values,
    dissimilarity_values,
    squared_error_values,
)
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.types import ErrorMaps, Images, Scores

HIGHEST = 0.01
"""The share of a map's pixels, the highest ones, whose mean is the score `ssim`."""
PATCH = 3 / 32
"""The sides of the patch of the score `worst_patch`, as shares of a map's: 12 of 128 pixels, about a person in a scene."""


class Score(StrEnum):
    """Which error is mapped, and how the map is reduced; each is declared in `SCORES`."""

    SQUARED_ERROR = "squared_error"
    """The squared error, averaged (Eq. 3.3): the thesis's score."""
    ABSOLUTE_ERROR = "absolute_error"
    """The absolute error, averaged: a few pixels of high contrast count less, a whole figure reconstructed badly more."""
    COMPOUND = "compound"
    """Eq. 3.10 per pixel, averaged: the score of models trained with the compound loss."""
    SSIM = "ssim"
    """1 - SSIM per pixel, reflected at the border; the mean of the highest 1 %."""
    WORST_PATCH = "worst_patch"
    """The absolute error, averaged over the patch where it is largest: one person counts, not how many walk by."""


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """A score with its parameters: `eta` and `window` of Eq. 3.10, which neither error has a use for."""

    score: Score = Score.SQUARED_ERROR
    eta: float = ETA
    window: int = WINDOW

    def __post_init__(self) -> None:
        if self.score not in SCORES:
            raise UnknownNameError("score", str(self.score), SCORES)
        if not 0 <= self.eta <= 1:
            raise InvalidInputError(f"The 'eta' of Eq. 3.10 must be a number in [0, 1]. Got {self.eta!r}.")
        if not isinstance(self.window, int) or self.window < 3 or self.window % 2 == 0:
            raise InvalidInputError(
                f"The 'window' of SSIM must be an odd int in [3, inf). Got {self.window!r}."
            )

    def values(self, images: Images, reconstructions: Images) -> Tensor:
        """Return the error of each output value, (..., C, H, W); averaged over the channels it is the map."""
        return SCORES[self.score].values(self, images, reconstructions)

    def map(self, images: Images, reconstructions: Images) -> ErrorMaps:
        """Return the per-pixel errors whose reduction is the score, (..., H, W)."""
        return _map(self.values(images, reconstructions))

    def reduce(self, maps: ErrorMaps) -> Scores:
        """Return the raw scores, (...), of maps, (..., H, W)."""
        return SCORES[self.score].reduce(maps)

    def scores(self, images: Images, reconstructions: Images) -> Scores:
        """Return `reduce(map(...))` to the bit, (...), faster: it may write over the reconstructions."""
        values = (SCORES[self.score].overwriting or self.values)(images, reconstructions)
        return self.reduce(_map(values))

    def shares(self, images: Images, reconstructions: Images) -> Tensor:
        """Return each output value's share of its image's score, (..., C, H, W); an image's shares sum to its score."""
        return SCORES[self.score].shares(self.values(images, reconstructions))

    @property
    def adds_up(self) -> bool:
        """Whether the map's mean is the score, so that a drawing of the map is a drawing of the score's shares."""
        return self.counted is None

    @property
    def counted(self) -> str | None:
        """In words, the part of the map whose mean is the score; None where all of it counts."""
        return SCORES[self.score].counted


def _map(values: Tensor) -> ErrorMaps:
    # Whole planes are added several times as fast as a pixel's few channels, to the same bits.
    return functools.reduce(torch.add, values.unbind(dim=-3)) / values.shape[-3]


def _mean(maps: ErrorMaps) -> Scores:
    return maps.mean(dim=(-2, -1))


def _mean_shares(values: Tensor) -> Tensor:
    return values / math.prod(values.shape[-3:])


def _mean_of_highest(maps: ErrorMaps) -> Scores:
    return maps.flatten(-2).topk(_count_highest(maps), dim=-1).values.mean(dim=-1)


def _shares_of_highest(values: Tensor) -> Tensor:
    maps = values.mean(dim=-3)  # (..., H, W)
    count = _count_highest(maps)
    chosen = torch.zeros_like(maps).flatten(-2)
    chosen.scatter_(-1, maps.flatten(-2).topk(count, dim=-1).indices, 1.0)
    return values * chosen.reshape(maps.shape).unsqueeze(-3) / (values.shape[-3] * count)


def _count_highest(maps: ErrorMaps) -> int:
    return max(1, math.ceil(round(HIGHEST * math.prod(maps.shape[-2:]), 9)))


def _mean_of_worst_patch(maps: ErrorMaps) -> Scores:
    return _patch_means(maps).flatten(-2).amax(dim=-1)


def _shares_of_worst_patch(values: Tensor) -> Tensor:
    maps = values.mean(dim=-3)  # (..., H, W)
    means = _patch_means(maps)
    height, width = _patch(maps)
    worst = means.flatten(-2).argmax(dim=-1)  # (...), the first of equal ones
    top, left = worst // means.shape[-1], worst % means.shape[-1]
    rows = torch.arange(maps.shape[-2], device=maps.device) - top[..., None]  # (..., H)
    columns = torch.arange(maps.shape[-1], device=maps.device) - left[..., None]  # (..., W)
    inside = ((rows >= 0) & (rows < height))[..., :, None] & ((columns >= 0) & (columns < width))[
        ..., None, :
    ]
    return values * inside.unsqueeze(-3) / (values.shape[-3] * height * width)


def _patch_means(maps: ErrorMaps) -> Tensor:
    """Return the mean of each patch that lies in a map, (..., H - height + 1, W - width + 1)."""
    height, width = _patch(maps)
    whole = maps.reshape(-1, 1, *maps.shape[-2:])
    means = F.avg_pool2d(F.avg_pool2d(whole, (height, 1), stride=1), (1, width), stride=1)
    return means.reshape(*maps.shape[:-2], *means.shape[-2:])


def _patch(maps: ErrorMaps) -> tuple[int, int]:
    height, width = (max(1, round(PATCH * side)) for side in maps.shape[-2:])
    return height, width


@dataclass(frozen=True, kw_only=True)
class _Declaration:
    """What a score is: its values, the reduction of their map, each value's share, and which part of the map counts."""

    values: Callable[[Scoring, Images, Images], Tensor]
    reduce: Callable[[ErrorMaps], Scores] = _mean
    shares: Callable[[Tensor], Tensor] = _mean_shares
    counted: str | None = None
    overwriting: Callable[[Images, Images], Tensor] | None = None
    """The same values, faster: written over the reconstructions, which take no gradients."""


SCORES: Mapping[Score, _Declaration] = {
    Score.SQUARED_ERROR: _Declaration(
        values=lambda _, x, y: squared_error_values(x, y), overwriting=lambda x, y: y.sub_(x).square_()
    ),
    Score.ABSOLUTE_ERROR: _Declaration(
        values=lambda _, x, y: absolute_error_values(x, y), overwriting=lambda x, y: y.sub_(x).abs_()
    ),
    Score.COMPOUND: _Declaration(
        values=lambda scoring, x, y: compound_values(x, y, eta=scoring.eta, window=scoring.window)
    ),
    Score.SSIM: _Declaration(
        values=lambda scoring, x, y: dissimilarity_values(x, y, window=scoring.window, full=True),
        reduce=_mean_of_highest,
        shares=_shares_of_highest,
        counted="the map's highest 1 %",
    ),
    Score.WORST_PATCH: _Declaration(
        values=lambda _, x, y: absolute_error_values(x, y),
        reduce=_mean_of_worst_patch,
        shares=_shares_of_worst_patch,
        counted="the map's worst patch, about a tenth of the picture wide and high",
        overwriting=lambda x, y: y.sub_(x).abs_(),
    ),
}
