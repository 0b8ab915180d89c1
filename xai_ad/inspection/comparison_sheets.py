"""A comparison as a sheet: what stands in each of its cells, in the words and colours of the page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from xai_ad.data.specs import Subject
from xai_ad.detector.placement import Placement
from xai_ad.detector.scores import Score
from xai_ad.explain.base import Explainer
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Cell, Comparison, Row
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.image_files import decoded, shown_image
from xai_ad.inspection.pictures import HASH_DIGITS, NO_REASON, Picture, View, explained, is_part, painted
from xai_ad.presentation.captions import DrawnScale
from xai_ad.presentation.comparison.sheet import Bar, Column, Heading, Line, Mark, Sheet, SheetRow, Tile, Tone
from xai_ad.presentation.notes import question_of, title_of
from xai_ad.presentation.placing import placed_words
from xai_ad.presentation.regions import Polygon, defect_regions
from xai_ad.presentation.scales import MapScale, ShownMap, Unit, common_scale
from xai_ad.presentation.trust import trust_line
from xai_ad.presentation.variants import variant_titles
from xai_ad.presentation.words import (
    HEADLINES,
    MEASURES,
    NARROW,
    NO_DIAGNOSIS,
    TIMES,
    WORDING,
    figure,
    listed,
    look_of,
    percent,
    verdict_word,
)
from xai_ad.types import Mask

SIDE = 720
"""Pictures of a sheet have at most so many pixels a side."""
NOT_YET, STOPPED, UNJUDGED = "Not computed yet.", "Stopped before it was done.", "Not judged yet."

ScaleKey: TypeAlias = tuple[Unit, Score]
"""What maps have to share to be drawn on one scale."""


def sheet_of(comparison: Comparison, view: View) -> Sheet:
    """Return a comparison as a sheet; raises `ImageError` for an image that cannot be read any more."""
    found = [(row.case, cell) for row in comparison.rows if row.case for cell in row.cells]
    pictures = pictures_of_cells(found)
    titles = variant_titles(row.stored.card for row in comparison.rows)
    return Sheet(
        title=f"{comparison.image_file.name}: explanations compared",
        caution=NO_DIAGNOSIS if _is_of_lesions(comparison) else "",
        facts=_facts(comparison, view),
        photo=Tile(picture=shown_image(comparison.image_file), alt=comparison.image_file.name),
        columns=columns_of(comparison.methods),
        rows=tuple(_row(row, titles[row.stored.card.id], pictures, view) for row in comparison.rows),
        bars=bars_of(found, pictures, view),
        marks=marks_of(found, pictures, view, marked=any(row.mask is not None for row in comparison.rows)),
        notes=_notes(comparison, view),
    )


def columns_of(explainers: Iterable[Explainer]) -> tuple[Column, ...]:
    """Return the columns of explainers, with how each is read."""
    found = []
    for explainer in explainers:
        question = question_of(explainer)
        sentence = question.sentence if question else explainer.sentence
        found.append(Column(title=title_of(explainer), sentence=sentence))
    return tuple(found)


def pictures_of_cells(cells: Iterable[tuple[Case, Cell]]) -> dict[Cell, Picture]:
    """Return the pictures of the cells that are done.

    Maps of one unit and one score are on one scale, whatever their models: there one colour is one value. Those of
    another score are not: what is little of one is more than any of the other.
    """
    found: dict[Cell, Picture] = {}
    scales: dict[ScaleKey, list[MapScale]] = {}
    of_case: dict[Cell, Case] = {}
    for case, cell in cells:
        if cell.outcome.result is not None:
            found[cell], of_case[cell] = explained(case, cell.explainer, cell.outcome.result), case
            if (shown := found[cell].shown) is not None:
                scales.setdefault(_key(case, shown), []).append(shown.scale)
    for cell, picture in found.items():
        if picture.shown is not None:
            common = common_scale(scales[_key(of_case[cell], picture.shown)])
            found[cell] = replace(picture, shown=replace(picture.shown, scale=common))
    return found


def bars_of(
    cells: Iterable[tuple[Case, Cell]], pictures: Mapping[Cell, Picture], view: View
) -> tuple[Bar, ...]:
    """Return the colour bars of maps, each with the methods and, where there are others, the models that it is of."""
    bars: dict[tuple[ScaleKey, bool], Bar] = {}
    scores = set()
    for case, cell in cells:
        picture = pictures.get(cell)
        if picture is None or (shown := picture.shown) is None:
            continue
        key = _key(case, shown), shown.signed
        scores.add(key[0][1])
        drawn = DrawnScale(
            scale=view.scale(shown.scale, picture.legend),
            signed=shown.signed,
            opacity=view.opacity,
            legend=picture.legend,
        )
        bar = bars.get(key, Bar(columns=(), drawn=drawn))
        columns = dict.fromkeys([*bar.columns, title_of(cell.explainer)])
        models = dict.fromkeys([*bar.rows, case.model.card.id])
        bars[key] = replace(bar, columns=tuple(columns), rows=tuple(models))
    return tuple(bar if len(scores) > 1 else replace(bar, rows=()) for bar in bars.values())


def _key(case: Case, shown: ShownMap) -> ScaleKey:
    return shown.scale.unit, case.model.record.calibration.scoring.score


def marks_of(
    cells: Iterable[tuple[Case, Cell]],
    pictures: Mapping[Cell, Picture],
    view: View,
    *,
    marked: bool = False,
) -> tuple[Mark, ...]:
    """Return which marks are on the pictures of cells, in the order in which they are told; `marked` says whether truth is."""
    found = {Mark.TRUTH} if marked else set()
    for case, cell in cells:
        if is_part(case):
            found.add(Mark.SEEN)
        if (picture := pictures.get(cell)) is None:
            continue
        if picture.regions and (case.judgement.is_suspect if view.outlined is None else view.outlined):
            found.add(Mark.EVIDENCE)
        if picture.rectangles:
            found.add(Mark.RECTANGLES)
        if picture.unsure is not None and picture.unsure.any():
            found.add(Mark.UNSURE)
    return tuple(mark for mark in Mark if mark in found)


def heading_of(case: Case, title: str, *lines: str) -> Heading:
    """Return what stands in front of a row: its title, the verdict, and the score in multiples of the limit."""
    judgement, subject = case.judgement, case.model.card.subject
    times = figure(judgement.score / case.model.record.calibration.threshold)
    told = [
        Line(text=f"{times} {TIMES} the limit"),
        *([Line(text=headline)] if (headline := HEADLINES.get(judgement.state)) else []),
        *([] if judgement.may_be_explained else [Line(text=NO_REASON, tone=Tone.WARNING)]),
        *(Line(text=line, tone=Tone.FAINT) for line in lines),
    ]
    return Heading(
        title=title,
        verdict=verdict_word(judgement.state, WORDING[subject]),
        look=look_of(judgement.state, subject),
        lines=tuple(told),
    )


def _tile(case: Case, cell: Cell, picture: Picture | None, view: View, truth: Sequence[Polygon]) -> Tile:
    """Return a cell: its picture, what it came to and what that cost, or why there is none."""
    outcome = cell.outcome
    if outcome.result is None or picture is None:
        waiting = STOPPED if outcome.state is JobState.STOPPED else NOT_YET
        return Tile(message=outcome.error or waiting)
    explanation, seconds = outcome.result.explanation, outcome.result.seconds
    count, words = explanation.evaluations, placed_words(cell.placed)
    trust = None if cell.trust is None else trust_line(cell.trust, explanation)
    lines = [
        *([Line(text=picture.result)] if picture.result else []),
        *([Line(text=trust.line, tone=Tone.WARNING if trust.warns else Tone.PLAIN)] if trust else []),
        *([Line(text=f"{words.line[0].upper()}{words.line[1:]}.")] if words else []),
        Line(
            text=f"{count:,} evaluation{'' if count == 1 else 's'}, {figure(seconds)}{NARROW}s.",
            tone=Tone.FAINT,
        ),
    ]
    return Tile(
        picture=painted(case, picture, view, largest=SIDE, truth=truth),
        lines=tuple(lines),
        details=(
            *(trust.figures if trust else ()),
            *([("Against the mask", words.sentence.removeprefix("Against the mask: "))] if words else []),
        ),
        alt=f"{title_of(cell.explainer)} of {case.image_file.name} by {case.model.card.id}. {picture.result}".strip(),
    )


def _row(row: Row, title: str, pictures: Mapping[Cell, Picture], view: View) -> SheetRow:
    if row.case is None:
        heading = Heading(title=title, lines=(Line(text=row.stored.card.id, tone=Tone.FAINT),))
        return SheetRow(heading=heading, message=row.error or UNJUDGED)
    return SheetRow(
        heading=heading_of(row.case, title, row.stored.card.id), tiles=tuple(tiles_of(row, pictures, view))
    )


def tiles_of(row: Row, pictures: Mapping[Cell, Picture], view: View) -> list[Tile]:
    """Return the cells of a row that was judged."""
    if row.case is None:
        return []
    truth = outlines_of(row.mask, row.case.placement)
    return [_tile(row.case, cell, pictures.get(cell), view, truth) for cell in row.cells]


def outlines_of(mask: Mask | None, placement: Placement) -> list[Polygon]:
    """Return the outlines of a mask, (H, W), in grid pixels; none without one."""
    if mask is None:
        return []
    regions = defect_regions(mask.astype(np.float32), 0.5, placement)
    return [polygon for region in regions for polygon in region.contours]


def _facts(comparison: Comparison, view: View) -> tuple[str, ...]:
    """Return what is said under the title: which picture, and when."""
    file, photo = comparison.image_file, decoded(comparison.image_file)
    return (
        f"{photo.pixels.width} {TIMES} {photo.pixels.height} pixels, SHA-256 {file.sha256[:HASH_DIGITS]}.",
        *([photo.note] if photo.note else []),
        f"Made {view.at:%Y-%m-%d %H:%M} UTC.",
    )


def _is_of_lesions(comparison: Comparison) -> bool:
    return any(row.stored.card.subject is Subject.LESION for row in comparison.rows)


def _notes(comparison: Comparison, view: View) -> tuple[str, ...]:
    cases = [row.case for row in comparison.rows if row.case]
    measured: dict[str, list[str]] = {}
    for case in cases:
        words = MEASURES[case.model.record.calibration.scoring.score]
        measured.setdefault(words, []).append(case.model.card.id)
    scores = [
        f"The score of {listed(models) if len(measured) > 1 else 'every model'} is {words}."
        for words, models in measured.items()
    ]
    drawn = (
        f"Maps are drawn at {percent(view.opacity)} opacity, and nothing of what lies below their scale's start. On one "
        "scale, one colour is one value, in multiples of each model's limit."
    )
    return (drawn, *scores) if cases else ()
