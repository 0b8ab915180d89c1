"""The grid's data: a comparison as far as it has come, for the component that draws it."""

from collections.abc import Mapping, Sequence

from xai_ad.data.specs import Subject
from xai_ad.explain.base import Explainer
from xai_ad.explain.results import Attribution, Counterfactual
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Cell, Comparison, Row
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import BoundedCache
from xai_ad.inspection.streaming import cell_name
from xai_ad.presentation.legends import EXPLANATIONS
from xai_ad.presentation.notes import QUESTIONS, question_of, title_of
from xai_ad.presentation.placing import placed_words
from xai_ad.presentation.regions import regions_in_words
from xai_ad.presentation.scales import MapScale, ShownMap, Unit, common_scale, shown_map
from xai_ad.presentation.trust import trust_line
from xai_ad.presentation.words import HEADLINES, NO_DIAGNOSIS, TIMES, WORDING, figure, look_of, verdict_word
from xai_ad.ui.compare.marking import truth_of
from xai_ad.ui.components.drawing import ChangeData, PanelState
from xai_ad.ui.components.grid import CellData, ColumnData, GridData, RowData
from xai_ad.ui.picking.settings import difference_of
from xai_ad.ui.showing.maps import (
    KINDS,
    NOTHING,
    STATES,
    change_url,
    map_url,
    rectangle_data,
    scale_data,
    segment_data,
)
from xai_ad.ui.showing.marks import NO_EVIDENCE, outlines_of, regions_in
from xai_ad.ui.showing.photographs import original_url

IDLE = "Not like the training pictures: an explanation would explain no verdict."

_SHOWN: BoundedCache[Request, ShownMap] = BoundedCache(256)
"""Maps as they are drawn, 64 kB each: a poll looks at each of them again."""


def grid_data(comparison: Comparison, titles: Mapping[str, str]) -> GridData:
    """Describe a comparison to the grid; `titles` are what its models are called, by id."""
    return GridData(
        name=comparison.image_file.name,
        columns=[_column(explainer) for explainer in comparison.methods],
        rows=[_row(row, comparison.methods, titles[row.stored.card.id]) for row in comparison.rows],
    )


def shared_scales(data: GridData) -> dict[str, MapScale]:
    """Return the scales that maps share in the grid, by id."""
    found: dict[str, list[MapScale]] = {}
    for scale in (cell["scale"] for row in data["rows"] for cell in row["cells"] if "scale" in cell):
        own = MapScale(unit=Unit(scale["id"]), limit=scale["limit"], start=scale["start"], knee=scale["knee"])
        found.setdefault(scale["id"], []).append(own)
    return {name: common_scale(scales) for name, scales in found.items()}


def _column(explainer: Explainer) -> ColumnData:
    question = question_of(explainer)
    sentence = question.sentence if question else explainer.sentence
    return ColumnData(
        id=explainer.id,
        title=title_of(explainer),
        sentence=" ".join(filter(None, [sentence, difference_of(explainer.id)])),
    )


def _row(row: Row, methods: Sequence[Explainer], title: str) -> RowData:
    if row.case is None:
        return _awaited(row, methods, title)
    case, card = row.case, row.stored.card
    judgement, (height, width) = case.judgement, case.image.shape[-2:]
    times = figure(judgement.score / case.model.record.calibration.threshold)
    data = RowData(
        id=card.id,
        title=title,
        verdict=verdict_word(judgement.state, WORDING[card.subject]),
        look=look_of(judgement.state, card.subject),
        score=f"{times} {TIMES} the limit",
        detail=" ".join(
            filter(
                None,
                [
                    HEADLINES.get(judgement.state),
                    NO_DIAGNOSIS if card.subject is Subject.LESION else None,
                ],
            )
        ),
        photo=original_url(case.image_file, case.placement.seen),
        height=height,
        width=width,
        aspect=case.placement.width / case.placement.height,
        outlined=judgement.is_suspect,
        message="",
        cells=[_cell(case, cell, title) for cell in row.cells],
    )
    if truth := truth_of(case):
        data["truth"] = truth
    return data


def _awaited(row: Row, methods: Sequence[Explainer], title: str) -> RowData:
    """Describe a model without a verdict: one that is awaited, or that failed."""
    card = row.stored.card
    side = card.preprocessing.size
    return RowData(
        id=card.id,
        title=title,
        verdict="",
        look="",
        score="",
        detail="",
        photo=None,
        height=side,
        width=side,
        aspect=1.0,
        outlined=False,
        message=row.error or "",
        cells=[] if row.error else [_empty(card.id, explainer, title, "waiting") for explainer in methods],
    )


def _empty(model: str, explainer: Explainer, title: str, state: PanelState) -> CellData:
    return CellData(
        id=cell_name(model, explainer.id),
        title=f"{explainer.title}, {title}",
        kind=KINDS[explainer.picture],
        state=state,
        layer=None,
        signed=explainer.signed,
    )


def _cell(case: Case, cell: Cell, title: str) -> CellData:
    explainer, outcome = cell.explainer, cell.outcome
    data = _empty(case.model.card.id, explainer, title, STATES[outcome.state])
    data["progress"] = outcome.fraction
    data["message"] = outcome.error or (IDLE if outcome.state is JobState.IDLE else "")
    if outcome.result is None:
        return data
    if cell.trust is not None:
        told = trust_line(cell.trust, outcome.result.explanation)
        data["trust"], data["trust_warns"] = told.short, told.warns
        data["figures"] = "\n".join([told.line, *(f"{name}: {value}" for name, value in told.figures)])
    if words := placed_words(cell.placed):
        data["placed"], data["placing"] = words.line, words.sentence
    request, explanation = case.request(explainer), outcome.result.explanation
    if isinstance(explanation, Counterfactual):
        _draw_change(data, request, explanation)
    else:
        _draw_map(data, case, request, explanation)
    return data


def _draw_change(data: CellData, request: Request, explanation: Counterfactual) -> None:
    words = QUESTIONS[explanation.direction]
    data["layer"] = change_url(request, explanation)
    data["rectangles"] = rectangle_data(explanation)
    data["change"] = ChangeData(id=str(explanation.direction), label=words.switch, shown=words.shown)
    data["empty"] = NOTHING[explanation.direction]


def _draw_map(data: CellData, case: Case, request: Request, explanation: Attribution) -> None:
    calibration = case.model.record.calibration
    shown = _SHOWN.get_or(request, lambda: shown_map(explanation, calibration))
    data["signed"] = shown.signed
    data["scale"] = scale_data(shown.scale, EXPLANATIONS[shown.scale.unit])
    data["layer"] = map_url(request, shown)
    regions = regions_in(shown, case, key=request)
    data["outlines"] = outlines_of(regions)
    data["result"] = regions_in_words(regions, case.placement.grid) or NO_EVIDENCE
    if segments := segment_data(explanation, calibration, key=request):
        data["segments"] = segments
