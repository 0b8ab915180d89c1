"""How a map is drawn: in which unit, from where to where, and how its colours grow. Files and screens draw alike.

Where values belong to regions, a region is worth the multiples of the limit that it adds: spread over its pixels the
same value would be as faint as the region is wide. Pixel maps are drawn as density (`Calibration.density`). A scale is
fixed by the calibration, never by the picture, so that a normal one is not painted orange and two compare.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.calibration import Calibration
from xai_ad.explain import Consensus, find_explainer
from xai_ad.explain.results import Attribution, WindowCount
from xai_ad.presentation.regions import strongest_level
from xai_ad.types import Relevance

REGIONS = 50
"""How many regions a picture nominally has: the scale of regions ends where one of them holds the pixels' scale."""

WINDOWS = 64
"""How many windows a picture nominally has: a place of a consensus is read as one of them."""

LEAST_REGION = 0.04
"""What a region adds at least to be drawn, in multiples of the limit: its even share of it."""

REGION_KNEE = 0.05
"""Up to about here a region's colour grows with what it adds; beyond, with the logarithm."""

LEAST_SHARE = 0.05
"""What a pixel shows at least to be drawn, as a share of where its scale ends; its colours bend here too."""

BY_CATCH = 0.25
"""What is weaker than this share of a map's highest value is not outlined beside it."""


class Unit(StrEnum):
    """What a map's figures count."""

    REGION = "region"
    DENSITY = "density"
    SHARE = "share"


@dataclass(frozen=True, kw_only=True)
class MapScale:
    """A scale from 0 to `limit`, and to minus that for what pushes towards normal.

    Below `start` nothing is drawn unless a person asks. Colour and opacity follow the strength of a value, which is 1
    at the limit and grows linearly up to about `knee`, with the logarithm beyond: small values are seen, large ones
    still differ.

    >>> scale = MapScale(unit=Unit.REGION, limit=4.0, start=0.02, knee=0.1)
    >>> [round(float(strength), 2) for strength in scale.strength(np.array([0.02, 0.1, 1.0, 4.0, 9.0, -4.0]))]
    [0.05, 0.19, 0.65, 1.0, 1.0, -1.0]
    """

    unit: Unit
    limit: float
    start: float
    knee: float

    def strength(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how strongly values, (...), are drawn, in [-1, 1]; what lies beyond the limit is clipped."""
        sizes = np.log1p(np.abs(values, dtype=np.float64) / self.knee) / np.log1p(self.limit / self.knee)
        strengths: NDArray[np.float64] = np.sign(values) * np.minimum(sizes, 1.0)
        return strengths

    def value(self, strength: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values that strengths in [-1, 1] stand for: the inverse of `strength`."""
        sizes = self.knee * np.expm1(np.abs(strength) * np.log1p(self.limit / self.knee))
        values: NDArray[np.float64] = np.sign(strength) * sizes
        return values


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownMap:
    """A map as it is drawn: its values, (H, W), in the scale's unit, and whether they push both ways."""

    values: Relevance
    scale: MapScale
    signed: bool


def density_scale(calibration: Calibration) -> MapScale:
    """Return the scale of maps whose pixels speak for themselves, in units of density."""
    start = LEAST_SHARE * calibration.map_scale
    return MapScale(unit=Unit.DENSITY, limit=calibration.map_scale, start=start, knee=start)


def region_scale(calibration: Calibration) -> MapScale:
    """Return the scale of maps by region, in multiples of the limit; it ends at 1 or beyond."""
    limit = max(1.0, calibration.map_scale / REGIONS)
    return MapScale(unit=Unit.REGION, limit=limit, start=LEAST_REGION, knee=REGION_KNEE)


def share_scale() -> MapScale:
    """Return the scale of maps that are shares already, from 0 to 1."""
    return MapScale(unit=Unit.SHARE, limit=1.0, start=LEAST_SHARE, knee=LEAST_SHARE)


def common_scale(scales: Iterable[MapScale]) -> MapScale:
    """Return the one scale of maps that stand side by side, of one unit: it holds the values of each and shows the least.

    Then one colour means one value in all of them, whichever model they are of. It bends where the first of them does:
    what is strong on a narrow scale would else be as good as nothing on a wide one.

    >>> narrow = MapScale(unit=Unit.DENSITY, limit=2.0, start=0.1, knee=0.1)
    >>> wide = MapScale(unit=Unit.DENSITY, limit=300.0, start=15.0, knee=15.0)
    >>> common = common_scale([wide, narrow])
    >>> common
    MapScale(unit=<Unit.DENSITY: 'density'>, limit=300.0, start=0.1, knee=0.1)
    >>> [round(float(scale.strength(np.array(2.0))), 2) for scale in (wide, common)]
    [0.04, 0.38]
    """
    widest, *others = sorted(scales, key=lambda scale: -scale.limit)
    start = min(scale.start for scale in (widest, *others))
    return replace(widest, start=start, knee=min(scale.knee for scale in (widest, *others)))


def shown_map(explanation: Attribution, calibration: Calibration, *, frame: int = 0) -> ShownMap:
    """Return an explanation as it is drawn; of a window's, (T, H, W), what lies in one `frame`."""
    relevance = explanation.relevance.reshape(-1, *explanation.relevance.shape[-2:])[frame]  # (H, W)
    signed = find_explainer(explanation.method).signed
    if explanation.by_segment is not None:
        segments = explanation.by_segment.segments.reshape(-1, *relevance.shape)[frame]
        values = region_values(explanation, calibration)[segments].astype(np.float32)
    elif (pixels := _window_pixels(explanation)) is not None:
        values = relevance * np.float32(pixels / calibration.threshold)
    else:
        return ShownMap(
            values=calibration.density(relevance), scale=density_scale(calibration), signed=signed
        )
    return ShownMap(values=values, scale=region_scale(calibration), signed=signed)


def evidence_level(shown: ShownMap) -> float:
    """Return from which value on a map is evidence: its strongest tenth, as far as it is drawn and no mere by-catch.

    That is what reaches the scale's start, where anything does, and `BY_CATCH` of the highest value. So there is some
    wherever anything pushes towards abnormal; infinity where nothing does.
    """
    peak = float(shown.values.max())
    drawn = shown.scale.start if peak >= shown.scale.start else 0.0
    return max(strongest_level(shown.values), drawn, BY_CATCH * peak)


def region_values(explanation: Attribution, calibration: Calibration) -> NDArray[np.float64]:
    """Return what each region adds in multiples of the limit, (M,); empty for a method that knows of no regions."""
    found = explanation.by_segment
    return np.zeros(0) if found is None else found.values / calibration.threshold


def _window_pixels(explanation: Attribution) -> float | None:
    """Return how many pixels a window of the method has, or None where each pixel speaks for itself."""
    if isinstance(explanation.findings, WindowCount):
        return explanation.findings.window_pixels
    if explanation.method == Consensus.id:
        height, width = explanation.relevance.shape[-2:]
        return float(height * width / WINDOWS)
    return None
