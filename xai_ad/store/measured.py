"""What explanations of a model's images were measured to be worth: `explanations.json` in its folder."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from xai_ad.detector.scores import Score
from xai_ad.metrics.medians import Estimate, difference, estimate

_STRICT: Any = {"extra": "forbid", "allow_inf_nan": False}

MEANS = ("hits", "pointing")
"""Figures that are yes or no, or nearly so: their means say more than their medians."""

Values: TypeAlias = tuple[float | None, ...]
"""One for each picture, in their order; None where a figure has no meaning. Empty where it was not measured."""


@dataclass(frozen=True, kw_only=True)
class MeasuredMethod:
    """One method's figures of each picture.

    Against the mask: `localisation`, the pixel AUC-ROC, `hits`, whether the strongest tenth overlaps it, `pointing`, the
    share of the highest pixels in it, `iou`, the intersection over union at the best threshold. `faithfulness` is what of
    the score goes with the highest evidence, between a random order, 0, and the ideal one, 1. Rank correlations of the map
    with its own, and the share of the strongest evidence in both: under another `seed`, and with imperceptible `noise` on
    the picture. `randomised` is the rank correlation, in size, with its own map of a network with shuffled weights.
    `seconds` are of one core.
    """

    __pydantic_config__ = _STRICT

    method: str
    localisation: Values = ()
    hits: Values = ()
    pointing: Values = ()
    iou: Values = ()
    faithfulness: Values = ()
    seed: Values = ()
    seed_shared: Values = ()
    noise: Values = ()
    noise_shared: Values = ()
    randomised: Values = ()
    seconds: Values = ()
    evaluations: Values = ()


FIGURES = tuple(name for name in MeasuredMethod.__dataclass_fields__ if name != "method")
PLACE = ("localisation", "hits", "pointing", "iou")
"""What needs masks."""


@dataclass(frozen=True, kw_only=True)
class MeasuredExplanations:
    """Every method under one calibration, on the same pictures, which set no threshold."""

    __pydantic_config__ = _STRICT

    calibration: str
    score: Score
    seed: int
    images: tuple[str, ...]
    """SHA-256 of each."""
    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    """What each belongs to, as a frame does to its clip; of single pictures their own hash."""
    methods: tuple[MeasuredMethod, ...]

    def method(self, name: str) -> MeasuredMethod | None:
        """Return a method's figures, or None where it was not measured."""
        return next((found for found in self.methods if found.method == name), None)

    def figure(self, method: str, name: str) -> Estimate | None:
        """Return a method's figure over all pictures, with its interval; None where it was not measured."""
        found = self.method(method)
        values: Values = getattr(found, name) if found else ()
        return estimate(values, self._groups_of(values), mean=name in MEANS)

    def less(self, method: str, other: str, name: str) -> Estimate | None:
        """Return by how much a method's figure exceeds another's on the pictures that both have, with its interval."""
        one, two = self.method(method), self.method(other)
        if one is None or two is None:
            return None
        values: Values = getattr(one, name)
        others: Values = getattr(two, name)
        if not values or not others:
            return None
        both = min(len(values), len(others))
        return difference(values[:both], others[:both], self.groups[:both], mean=name in MEANS)

    def _groups_of(self, values: Values) -> tuple[str, ...]:
        """Return the groups of the first pictures, as many as there are values: some figures are of a few pictures."""
        return self.groups[: len(values)]


MEASURED: TypeAdapter[tuple[MeasuredExplanations, ...]] = TypeAdapter(tuple[MeasuredExplanations, ...])
