"""What the pictures of a case are called that are no explanations, and what stands beside a map's colours."""

from dataclasses import dataclass

from xai_ad.presentation.scales import Unit

SEEN, TYPICAL = "seen", "typical"
"""Ids of pictures that no address names: what the network was given, and the average training picture."""
RECONSTRUCTION, SIMILARITY, ATTENTION, NEAREST = "reconstruction", "ssim", "attention", "nearest"
"""Ids of those that an address may name."""
TITLES = {
    SEEN: "What the network saw",
    RECONSTRUCTION: "Reconstruction",
    SIMILARITY: "Structural similarity",
    ATTENTION: "Attention map",
    NEAREST: "Nearest normal picture",
    TYPICAL: "Average training picture",
}


@dataclass(frozen=True, kw_only=True)
class Legend:
    """The words of a scale: its unit and its ends; `low` is empty for maps that push one way.

    What a person hides of one map is hidden of every map whose scale has the same `id`.
    """

    id: str
    unit: str
    low: str
    zero: str
    high: str


def _of_shares(unit: str, *, zero: str, high: str) -> Legend:
    return Legend(id=unit, unit=unit, low="", zero=zero, high=high)


def _of_explanations(unit: Unit, words: str) -> Legend:
    return Legend(id=str(unit), unit=words, low="to normal", zero="no error", high="to abnormal")


EXPLANATIONS = {
    Unit.REGION: _of_explanations(Unit.REGION, "1 = this region alone reaches the limit"),
    Unit.DENSITY: _of_explanations(Unit.DENSITY, "1 = at the limit, were it everywhere"),
}
"""The legends of explanations' maps."""
STRUCTURE = _of_shares("1 \N{MINUS SIGN} SSIM, not in units of the limit", zero="alike", high="nothing alike")
VISIBILITY = _of_shares("share of the pixel that is seen", zero="unseen", high="seen whole")
"""The attention map's legend."""
AGREED = Legend(
    id="agreed", unit="mean rank, 1 = first in all of them", low="", zero="in the middle", high="first in all"
)
DISPUTED = Legend(
    id="disputed",
    unit="spread of ranks, 1 = first and last",
    low="",
    zero="ranked alike",
    high="first and last",
)
"""The legends of what several explanations say together."""
