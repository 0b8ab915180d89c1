"""The maps of a comparison on one grid, so that they can be compared pixel by pixel."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from xai_ad.data.fitting import Cut
from xai_ad.detector.placement import Grid, Placement
from xai_ad.explain.results import map_of
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Comparison
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import BoundedCache
from xai_ad.metrics.agreement import Matrix, correlations, overlaps, places, strongest_parts
from xai_ad.metrics.localisation import Map
from xai_ad.presentation.agreement import Aim, Voice, aim_of, unheard
from xai_ad.presentation.agreement_maps import Drawn, drawn_maps
from xai_ad.presentation.words import listed

_AIMS: BoundedCache[tuple[Request, Grid], Aim] = BoundedCache(512)
"""Where explanations point, by their grid: a page asks each time that another one is there."""


TITLE = "Where they agree"
ORDER = "Spearman's correlation of two maps over all pixels: 1 where they order them alike, 0 by chance."
OVERLAP = (
    "How much of the places that either counts among its strongest 5 % both do (intersection over union)."
)
"""What the two tables of a comparison say."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """The explanations that are at hand, as maps on one grid: that of `case`, which sees what they all see.

    `requests` names each voice's explanation, in their order; `left_out` are the titles of models that see another part of
    the picture, `strangers` of those whose training pictures it is not like: their explanations explain no verdict.
    `awaited` counts the explanations that are not there. `case` is None where there is none at all.
    """

    voices: tuple[Voice, ...]
    requests: tuple[Request, ...]
    case: Case | None
    left_out: tuple[str, ...]
    strangers: tuple[str, ...]
    awaited: int

    @property
    def maps(self) -> list[Map]:
        """The voices' maps."""
        return [voice.values for voice in self.voices]


def gather(comparison: Comparison, models: Mapping[str, str], methods: Mapping[str, str]) -> Gathered:
    """Return the explanations of a comparison that are at hand; `models` and `methods` are what those are called, by id.

    The models that see the part of the picture which most of them see are taken, of equally many those that come first.
    Maps of coarser grids are enlarged to the finest: each pixel has the value of the one that holds its middle.
    """
    heard = [row for row in comparison.rows if row.case is None or row.case.judgement.may_be_explained]
    strangers = [row.stored.card.id for row in comparison.rows if row not in heard]
    there = [
        (row.case, row.stored.card.id, cell)
        for row in heard
        if row.case is not None
        for cell in row.cells
        if cell.outcome.result is not None
    ]
    total = sum(len(row.cells) for row in heard)
    seen = _seen_by_most([case for row in heard if (case := row.case) is not None])
    chosen = [one for one in there if one[0].placement.seen == seen]
    finest = max((one[0] for one in chosen), key=_pixels, default=None)
    voices, requests = [], []
    for case, model, cell in chosen:
        if finest is None or cell.outcome.result is None:
            continue
        values = on_grid(map_of(cell.outcome.result.explanation), finest.placement)
        request = case.request(cell.explainer)
        aim = _AIMS.get_or((request, finest.placement.grid), partial(aim_of, values))
        requests.append(request)
        voices.append(
            Voice(method=methods[cell.explainer.id], model=models.get(model, model), aim=aim, values=values)
        )
    others = [model for case, model, _ in there if case.placement.seen != seen]
    return Gathered(
        voices=tuple(voices),
        requests=tuple(requests),
        case=finest,
        left_out=tuple(models.get(model, model) for model in dict.fromkeys(others)),
        strangers=tuple(models.get(model, model) for model in strangers),
        awaited=total - len(there),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """What two or more maps come to together.

    `drawn` are where they agree and where they do not; `order` and `overlap`, (E, E), are what each two come to, as
    `ORDER` and `OVERLAP` say.
    """

    drawn: tuple[Drawn, Drawn]
    order: Matrix
    overlap: Matrix


def compared(gathered: Gathered) -> Compared:
    """Compare the maps that are at hand; raises `InvalidInputError` where there are none."""
    ranked = places(gathered.maps)  # (E, H, W)
    parts = strongest_parts(np.stack([one.ravel() for one in gathered.maps]))  # (E, HW)
    return Compared(
        drawn=drawn_maps(ranked, parts),
        order=correlations(ranked.reshape(len(ranked), -1)),
        overlap=overlaps(parts),
    )


def left_out_in_words(gathered: Gathered) -> str:
    """Say which models are not compared, and why; nothing where all are."""
    told = []
    if gathered.left_out:
        verb = "sees" if len(gathered.left_out) == 1 else "see"
        told.append(f"Left out: {listed(list(gathered.left_out))}, which {verb} another part of the picture.")
    if gathered.strangers:
        told.append(unheard(gathered.strangers))
    return " ".join(told)


def on_grid(values: Map, placement: Placement) -> Map:
    """Return a map, (h, w), on a placement's grid, (H, W), of the same part of a picture: each pixel as the nearest."""
    rows, columns = (
        ((np.arange(whole) + 0.5) * side / whole).astype(int)
        for whole, side in zip((placement.grid.height, placement.grid.width), values.shape, strict=True)
    )
    found: Map = values[np.ix_(rows, columns)]
    return found


def _seen_by_most(cases: Sequence[Case]) -> Cut | None:
    counts = Counter(case.placement.seen for case in cases)
    return max(counts, key=counts.__getitem__, default=None)


def _pixels(case: Case) -> int:
    return case.placement.grid.height * case.placement.grid.width
