"""Figure 4.19: images, their reconstructions, and what each method says of them (4.10.2), drawn as a comparison is."""

import functools
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from PIL import Image as Pillow

from xai_ad.data.fitting import Fit
from xai_ad.data.layouts import NORMAL, Sample
from xai_ad.data.loading import load_masks, pictures_of
from xai_ad.errors import InvalidInputError
from xai_ad.inspection import comparison_sheets as sheets
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Row, compare
from xai_ad.inspection.comparison_files import cell_figures
from xai_ad.inspection.explainers import explainer_here
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.pictures import Picture, View, painted
from xai_ad.presentation.comparison.sheet import Column, Sheet, SheetRow, Tile
from xai_ad.presentation.comparison.table import CellFigures
from xai_ad.presentation.legends import RECONSTRUCTION, SEEN, TITLES
from xai_ad.presentation.placing import placed_words
from xai_ad.presentation.render import encode_png
from xai_ad.presentation.words import figure as digits
from xai_ad.store import CARD, StoredModel, find_model
from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.cells import require_reported
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import choose_samples, first_cells, sample_name, sample_record
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import variant_of, variants_named

FAVOURED = {"kernel_shap", "counterfactual"}
"""What the thesis finds to identify anomalies best."""
METHODS: Mapping[str, Mapping[str, Any]] = {
    method: {} for method in ("residual", "lrp", "lime", "kernel_shap", "counterfactual")
}
"""The columns, by the methods' ids, each with its options."""


def draw_explanations(
    request: Request, source: Source, *, methods: Mapping[str, Mapping[str, Any]]
) -> Drawing:
    """Explain images by BCAE1, the dataset's in `models` where one is given, else its cell; draw a row for each."""
    samples = choose_samples(require_reported(request, source).test)
    stored = _model(request, source)
    shown: list[Sample] = []
    rows: list[Row] = []
    for index, picture in pictures_of(samples):
        shown.append(samples[index])
        rows.append(_explained(stored, samples[index], picture, methods))
        request.announce(f"{source.name}: {len(rows)} of {len(samples)} images explained")
    found = [[cell_figures(row, cell) for cell in row.cells] for row in rows]
    records = [
        sample_record(sample) | {"cells": [one.record() for one in own]}
        for sample, own in zip(shown, found, strict=True)
    ]
    return Drawing(
        shown=_sheet(shown, rows),
        numbers={"model": stored.card.id, "images": records},
        table=_table(shown, found),
        notes=tuple(_notes(found)),
    )


def _model(request: Request, source: Source) -> StoredModel:
    if request.models is None:
        return first_cells(request, source, variants_named("bcae1"))[0]
    for path in sorted(request.models.glob(f"[!.]*/{CARD}")):
        stored = find_model(path.parent)
        if stored.card.dataset == source.name and variant_of(stored.card).name.startswith("bcae1"):
            return stored
    raise InvalidInputError(
        f"{str(request.models)!r} has no BCAE1 of the dataset {source.name!r}. Leave out --models to train one."
    )


def _explained(
    stored: StoredModel, sample: Sample, picture: Pillow.Image, methods: Mapping[str, Mapping[str, Any]]
) -> Row:
    """Explain a sample whole, as it is evaluated, and compare what is said with its mask."""
    marked, _ = load_masks([sample], stored.card.preprocessing)
    mask = marked[0] if marked.any() else None
    (row,) = compare(
        [stored],
        make_image_file(sample_name(sample), encode_png(picture)),
        [explainer_here(method, options) for method, options in methods.items()],
        fit=Fit.STRETCH,
        mask=lambda _: mask,
    ).rows
    if row.case is None:
        raise InvalidInputError(f"{sample_name(sample)} cannot be judged: {row.error}")
    return row


def _sheet(samples: Sequence[Sample], rows: Sequence[Row]) -> Sheet:
    """Return a row for each image: itself, its reconstruction, and what each method says of it."""
    cells = [(row.case, cell) for row in rows if row.case for cell in row.cells]
    drawn, view = sheets.pictures_of_cells(cells), View()
    shown = [
        SheetRow(
            heading=sheets.heading_of(
                row.case,
                "normal" if sample.label == NORMAL else sample.kind.replace("_", " "),
                sample_name(sample),
            ),
            tiles=(*_before(row, row.case, view), *sheets.tiles_of(row, drawn, view)),
        )
        for sample, row in zip(samples, rows, strict=True)
        if row.case is not None
    ]
    return Sheet(
        columns=(
            Column(title="Input"),
            Column(title=TITLES[RECONSTRUCTION]),
            *sheets.columns_of(cell.explainer for cell in rows[0].cells),
        ),
        rows=tuple(shown),
        bars=sheets.bars_of(cells, drawn, view),
        marks=sheets.marks_of(cells, drawn, view, marked=any(row.mask is not None for row in rows)),
    )


def _before(row: Row, case: Case, view: View) -> list[Tile]:
    """Return the image with its mask, and its reconstruction, as large as the explanations."""
    truth = sheets.outlines_of(row.mask, case.placement)
    rebuilt = Picture(id=RECONSTRUCTION, title="", layer=case.prediction.reconstructions[0])
    return [
        Tile(picture=painted(case, Picture(id=SEEN, title=""), view, largest=sheets.SIDE, truth=truth)),
        Tile(picture=painted(case, rebuilt, view, largest=sheets.SIDE)),
    ]


def _table(samples: Sequence[Sample], figures: Sequence[Sequence[CellFigures]]) -> Rows:
    header = ["image", "score", *(one.method for one in figures[0])]
    rows = []
    for sample, own in zip(samples, figures, strict=True):
        words = [placed_words(one.placed) for one in own]
        placed = (each.line if each else one.error or "-" for each, one in zip(words, own, strict=True))
        times = (own[0].score or 0.0) / (own[0].threshold or 1.0)
        rows.append([sample_name(sample), f"{digits(times)} x the limit", *placed])
    return Rows(header, rows)


def _notes(figures: Sequence[Sequence[CellFigures]]) -> list[str]:
    """Say which methods lie best on the masks, and whether the thesis's are among them."""
    areas: dict[str, list[float]] = {}
    for one in (cell for row in figures for cell in row if cell.placed):
        areas.setdefault(one.method, []).append(one.placed.pixel_auc_roc if one.placed else 0.5)
    if not areas:
        return ["No image shown has a mask: where the methods point is for the reader to judge."]
    order = sorted(areas, key=lambda method: -median(areas[method]))
    listed = ", ".join(f"{method} {median(areas[method]):.2f}" for method in order)
    holds = "are first here" if set(order[: len(FAVOURED)]) == FAVOURED else "are not the first two here"
    found = (
        f"Median AUC-ROC of the maps over the pixels of {len(areas[order[0]])} images with a mask: {listed}."
    )
    claim = f"The methods that the thesis finds best, {' and '.join(sorted(FAVOURED))}, {holds}."
    return [f"{found} {claim} So few images prove nothing: `benchmark explanations` measures more."]


def explanations(methods: Mapping[str, Mapping[str, Any]]) -> Experiment:
    """Return the figure of some methods, by their ids, with their options."""
    return figure("figure-4.19", functools.partial(draw_explanations, methods=methods))


EXPLANATIONS = explanations(METHODS)
