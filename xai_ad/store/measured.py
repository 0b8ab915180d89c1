"""What explanations of a model's images were measured to be worth: `explanations.json` in its folder."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from xai_ad.detector.scores import Score

_STRICT: Any = {"extra": "forbid", "allow_inf_nan": False}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A mean over images, and how far single images lie from it (standard deviation)."""

    mean: float
    spread: float
    images: int


@dataclass(frozen=True, kw_only=True)
class MeasuredMethod:
    """One method's figures, one of each kind an image, in the order of the images.

    `localisation` is the pixel AUC-ROC against the mask, `hits` whether the strongest tenth overlaps it, `pointing` the
    share of the highest pixels in it, `overlap` the intersection over union of all evidence with it; all are empty where
    there are no masks. `faithfulness` is the share of the score that goes with the strongest evidence.
    """

    __pydantic_config__ = _STRICT

    method: str
    seconds: float
    localisation: tuple[float, ...]
    hits: tuple[bool, ...]
    pointing: tuple[float, ...]
    overlap: tuple[float, ...]
    faithfulness: tuple[float, ...]

    def figure(self, name: str) -> Figure | None:
        """Return the mean and spread of one of the figures, or None where there are none."""
        return figure_of(getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class MeasuredExplanations:
    """Every method under one calibration, on the same images, which set no threshold.

    `by_chance` is each image's faithfulness of a random order.
    """

    __pydantic_config__ = _STRICT

    calibration: str
    score: Score
    seed: int
    images: tuple[str, ...]
    """SHA-256 of each."""
    kinds: tuple[str, ...]
    by_chance: tuple[float, ...]
    methods: tuple[MeasuredMethod, ...]

    def method(self, name: str) -> MeasuredMethod | None:
        """Return a method's figures, or None where it was not measured."""
        return next((found for found in self.methods if found.method == name), None)


MEASURED: TypeAdapter[tuple[MeasuredExplanations, ...]] = TypeAdapter(tuple[MeasuredExplanations, ...])


def figure_of(values: tuple[float, ...] | tuple[bool, ...]) -> Figure | None:
    """Return the mean and spread of some values, or None of none.

    >>> figure_of((0.5, 1.0))
    Figure(mean=0.75, spread=0.25, images=2)
    """
    if not values:
        return None
    return Figure(mean=float(np.mean(values)), spread=float(np.std(values)), images=len(values))
