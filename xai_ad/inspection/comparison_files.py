"""What can be taken away of a comparison: one picture, one page, the table of its figures, and its questions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from xai_ad.inspection.agreement_sections import agreement_section, agreement_words, gathered_of
from xai_ad.inspection.comparing import Cell, Comparison, Row
from xai_ad.inspection.comparison_sheets import sheet_of
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.explaining import answer_record, made_with
from xai_ad.inspection.files import verdict_record
from xai_ad.inspection.pictures import View
from xai_ad.machine.files import write_whole, writing
from xai_ad.presentation.comparison.drawing import sheet_png
from xai_ad.presentation.comparison.page import sheet_html
from xai_ad.presentation.comparison.table import REFUSED, CellFigures, figures_csv, figures_table
from xai_ad.presentation.report import path_text, to_json
from xai_ad.presentation.words import WORDING, verdict_word

EXPLANATIONS = "explanations"
"""The folder of the cells' explanations."""


def comparison_png(comparison: Comparison, view: View) -> bytes:
    """Return a comparison as one picture, with a sentence on where its explanations agree."""
    sheet = sheet_of(comparison, view)
    return sheet_png(replace(sheet, notes=(" ".join(agreement_words(gathered_of(comparison))), *sheet.notes)))


def comparison_html(comparison: Comparison, view: View) -> bytes:
    """Return a comparison as one page for browsers, which needs no network."""
    sections = [agreement_section(gathered_of(comparison), view)]
    return sheet_html(sheet_of(comparison, view), figures_table(figures_of(comparison)), sections)


def comparison_csv(comparison: Comparison) -> bytes:
    """Return a comparison's figures, a row for each cell; see `presentation/comparison/table.py`."""
    return figures_csv(figures_of(comparison))


def figures_of(comparison: Comparison) -> list[CellFigures]:
    """Return the figures of every cell, row by row."""
    found = []
    for row in comparison.rows:
        if row.case is None:
            state = REFUSED if row.error else str(JobState.WAITING)
            found += [
                CellFigures(model=row.stored.card.id, method=one.id, state=state, error=row.error)
                for one in comparison.methods
            ]
        found += [cell_figures(row, cell) for cell in row.cells]
    return found


def comparison_json(comparison: Comparison, view: View) -> bytes:
    """Return what was compared and found as JSON: every cell's figures, and its question, which can be asked again."""
    record = {
        "file": comparison.image_file.name,
        "sha256": comparison.image_file.sha256,
        "made_at": view.at.isoformat(timespec="seconds"),
        "made_with": made_with(),
        "rows": [_row_record(row, view) for row in comparison.rows],
    }
    return to_json(record).encode()


def write_comparison(comparison: Comparison, output: Path, view: View, *, place: Path) -> None:
    """Write a comparison into a folder: `comparison.png`, `.html`, `.csv` and `.json`, and every cell's explanation.

    `explanations/<model>.<method>.json` is what `explain --request` repeats; `place` is where the image lies.
    """
    contents = {
        "comparison.png": comparison_png(comparison, view),
        "comparison.html": comparison_html(comparison, view),
        "comparison.csv": comparison_csv(comparison),
        "comparison.json": comparison_json(comparison, view),
    }
    for number, row in enumerate(comparison.rows, start=1):
        ids = [other.stored.card.id for other in comparison.rows[: number - 1]]
        name = row.stored.card.id if row.stored.card.id not in ids else f"{row.stored.card.id}-{number}"
        for cell in row.cells:
            if (record := _answer(row, cell, place)) is not None:
                contents[f"{EXPLANATIONS}/{name}.{cell.explainer.id}.json"] = to_json(record).encode()
    with writing(output):
        (output / EXPLANATIONS).mkdir(parents=True, exist_ok=True)
    for file, content in contents.items():
        write_whole(output / file, content)


def _answer(row: Row, cell: Cell, place: Path) -> dict[str, Any] | None:
    """Return a cell's explanation as `explanation.json` has it, of an image that lies at a place; None without one."""
    if row.case is None or cell.outcome.result is None:
        return None
    request = row.case.request(cell.explainer)
    named = replace(request, source=replace(request.source, path=path_text(place)))
    return answer_record(named, cell.outcome.result, row.case.model.record.calibration, row.case.likeness)


def _row_record(row: Row, view: View) -> dict[str, Any]:
    if row.case is None:
        return {"model": row.stored.card.id, "error": row.error, "verdict": None, "cells": []}
    cells = [
        {**cell_figures(row, cell).record(), "request": row.case.request(cell.explainer).record()}
        for cell in row.cells
    ]
    verdict = verdict_record(row.case, view)
    return {"model": row.stored.card.id, "error": None, "verdict": verdict, "cells": cells}


def cell_figures(row: Row, cell: Cell) -> CellFigures:
    """Return the figures of a row's cell."""
    found = CellFigures(
        model=row.stored.card.id,
        method=cell.explainer.id,
        state=str(cell.outcome.state),
        error=cell.outcome.error,
        trust=cell.trust,
        placed=cell.placed,
    )
    if (case := row.case) is not None:
        calibration = case.model.record.calibration
        found = replace(
            found,
            score=case.score,
            normalised_score=calibration.normalised(case.score),
            threshold=calibration.threshold,
            verdict=verdict_word(case.judgement.state, WORDING[case.model.card.subject]),
        )
    if (timed := cell.outcome.result) is not None:
        found = replace(found, evaluations=timed.explanation.evaluations, seconds=timed.seconds)
    return found
