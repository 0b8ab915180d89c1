"""The maps of where explanations of one picture agree and where they do not, as they are drawn, with their words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.metrics.agreement import agreement, disagreement
from xai_ad.metrics.localisation import Map
from xai_ad.presentation.legends import AGREED, DISPUTED, Legend
from xai_ad.presentation.scales import MapScale, ShownMap, Unit

EVEN = 10.0
"""The knee of a scale that ends at 1 and grows evenly: colours follow the value, not its logarithm."""
AGREED_FROM, DISPUTED_FROM = 0.5, 0.3
"""From where on the two maps are drawn: the upper quarter of ranks on average, and ranks that differ by a third of the picture."""

WHOLLY = 0.5
"""What belongs by so much to a map's strongest 5 % is claimed by it: not a region that is far larger than that."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A map of what several say together, as it is drawn, with its words; `empty` stands over it where nothing is drawn."""

    title: str
    sentence: str
    shown: ShownMap
    legend: Legend
    empty: str


def drawn_maps(ranked: NDArray[np.float64], parts: NDArray[np.float64]) -> tuple[Drawn, Drawn]:
    """Return where maps agree and where they do not, as they are drawn, of their `places`, (E, H, W), and `strongest_parts`, (E, HW).

    Agreement is 1 where all rank a place first, and 0 where its mean rank is in the middle or lower. Disagreement is the
    spread of ranks where a place is among any map's strongest 5 %: elsewhere nobody says anything.
    """
    agreed = np.maximum(2 * agreement(ranked) - 1, 0)
    claimed = (parts >= WHOLLY).any(axis=0).reshape(agreed.shape)
    disputed = np.where(claimed, disagreement(ranked), 0)
    return (
        Drawn(
            title="Agreement",
            sentence="Where do they point together? Bright places stand high in the order of every one.",
            shown=_shown(agreed, AGREED_FROM),
            legend=AGREED,
            empty="No place stands high in all of them",
        ),
        Drawn(
            title="Disagreement",
            sentence="Where does one point and another does not? Among the strongest places of any, the spread of ranks.",
            shown=_shown(disputed, DISPUTED_FROM),
            legend=DISPUTED,
            empty="No place that one points at is far down in another",
        ),
    )


def _shown(values: Map, start: float) -> ShownMap:
    scale = MapScale(unit=Unit.SHARE, limit=1.0, start=start, knee=EVEN)
    return ShownMap(values=values.astype(np.float32), scale=scale, signed=False)
