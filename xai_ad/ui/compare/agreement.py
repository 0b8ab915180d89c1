"""Where the explanations of a comparison agree, and where they do not: in a sentence, on the photograph, and in figures."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from xai_ad.inspection.agreeing import (
    ORDER,
    OVERLAP,
    TITLE,
    Compared,
    Gathered,
    compared,
    gather,
    left_out_in_words,
)
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Comparison
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation import render
from xai_ad.presentation.agreement import agreement_in_words, caution, names_of
from xai_ad.presentation.agreement_maps import Drawn
from xai_ad.presentation.notes import title_of
from xai_ad.presentation.words import as_markdown
from xai_ad.ui.components.grid import CellData, ColumnData, GridData, RowData, grid
from xai_ad.ui.components.matrix import MatrixData, matrix
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.showing.maps import scale_data
from xai_ad.ui.showing.photographs import original_url

_SCOPE, _MEASURE, _MAPS, _MATRIX = ("agreement_of", "agreement_by", "agreement_maps", "agreement_matrix")
_EVERY = "Every explanation"
_RANKS, _STRONGEST = "Order of all places", "Strongest 5 %"
_EXPLAINED = {_RANKS: ORDER, _STRONGEST: OVERLAP}

_FIGURES: BoundedCache[tuple[Request, ...], Compared] = BoundedCache(16)


def show_agreement(comparison: Comparison, titles: Mapping[str, str]) -> None:
    """Draw how far the explanations that are at hand agree; `titles` are what the models are called, by id."""
    with st.container(key="agreement"):
        st.subheader(TITLE, anchor=False)
        gathered = gather(_scoped(comparison, titles), titles, _methods(comparison))
        if gathered.case is None or len(gathered.voices) < 2:
            st.markdown(as_markdown(agreement_in_words(gathered.voices)))
            _say_rest(gathered)
            return
        figures = _FIGURES.get_or(gathered.requests, lambda: compared(gathered))
        sentence = as_markdown(agreement_in_words(gathered.voices))
        st.markdown(f"**{sentence}** {as_markdown(caution(gathered.voices))}")
        _say_rest(gathered)
        grid(_grid_data(gathered, gathered.case, figures, comparison.image_file.name), key=_MAPS)
        _show_matrix(gathered, figures)


def _methods(comparison: Comparison) -> dict[str, str]:
    """Return what the methods are called, by id, as the grid heads its columns."""
    return {explainer.id: title_of(explainer) for explainer in comparison.methods}


def _scoped(comparison: Comparison, titles: Mapping[str, str]) -> Comparison:
    """Let the person choose whose explanations are compared: all, those of one model, or those by one method."""
    rows, methods = comparison.rows, _methods(comparison)
    if len(rows) < 2 or len(methods) < 2:
        return comparison
    models = {f"of {titles.get(row.stored.card.id, row.stored.card.id)}": row for row in rows}
    by_method = {f"by {title}": name for name, title in methods.items()}
    choices = [_EVERY, *models, *by_method]
    if st.session_state.get(_SCOPE) not in choices:
        st.session_state[_SCOPE] = _EVERY
    chosen = st.selectbox("Compare", choices, key=_SCOPE, width=340)
    if chosen in models:
        return replace(comparison, rows=(models[chosen],))
    if chosen in by_method:
        name = by_method[chosen]
        narrowed = tuple(
            replace(row, cells=tuple(cell for cell in row.cells if cell.explainer.id == name)) for row in rows
        )
        return replace(comparison, rows=narrowed)
    return comparison


def _say_rest(gathered: Gathered) -> None:
    """Say what is not compared, and why."""
    count, verb = gathered.awaited, "is" if gathered.awaited == 1 else "are"
    awaited = f"{count} more {verb} not computed yet." if count else ""
    if told := " ".join(filter(None, [awaited, left_out_in_words(gathered)])):
        st.caption(as_markdown(told))


def _grid_data(gathered: Gathered, case: Case, figures: Compared, name: str) -> GridData:
    """Describe the two maps to the grid, which draws them as it draws explanations."""
    height, width = figures.drawn[0].shown.values.shape
    row = RowData(
        id="agreement",
        title=f"{len(gathered.voices)} maps",
        verdict="",
        look="",
        score="",
        detail="by the mean and the spread of their ranks",
        photo=original_url(case.image_file, case.placement.seen),
        height=height,
        width=width,
        aspect=case.placement.width / case.placement.height,
        outlined=False,
        message="",
        cells=[_cell(drawn, gathered.requests) for drawn in figures.drawn],
    )
    columns = [
        ColumnData(id=drawn.legend.id, title=drawn.title, sentence=drawn.sentence) for drawn in figures.drawn
    ]
    return GridData(name=name, columns=columns, rows=[row], opens=False)


def _cell(drawn: Drawn, requests: tuple[Request, ...]) -> CellData:
    return CellData(
        id=drawn.legend.id,
        title=f"{drawn.title}: {drawn.sentence}",
        kind="map",
        state="ready",
        layer=LAYERS.put_once(
            (drawn.legend.id, requests), lambda: Layer(content=render.map_layer(drawn.shown))
        ),
        signed=False,
        scale=scale_data(drawn.shown.scale, drawn.legend),
        empty=drawn.empty,
    )


def _show_matrix(gathered: Gathered, figures: Compared) -> None:
    """Draw the figures between each two explanations."""
    measure = st.segmented_control(
        "How alike each two are", [_RANKS, _STRONGEST], default=_RANKS, required=True, key=_MEASURE
    )
    values = figures.overlap if measure == _STRONGEST else figures.order
    st.caption(_EXPLAINED[str(measure)])
    rows: list[list[float | None]] = [
        [None if row == column else float(value) for column, value in enumerate(line)]
        for row, line in enumerate(values)
    ]
    data = MatrixData(caption=str(measure), names=names_of(gathered.voices), values=rows, low=0.0)
    matrix(data, key=_MATRIX)
