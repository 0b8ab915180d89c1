"""Where the explanations of a comparison agree, and where they do not: in a sentence, on the photograph, and in figures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from xai_ad.inspection.agreeing import Gathered, gather
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Comparison
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import BoundedCache
from xai_ad.metrics.agreement import Matrix, correlations, overlaps, places, strongest_parts
from xai_ad.presentation import render
from xai_ad.presentation.agreement import Drawn, agreement_in_words, caution, drawn_maps, names_of, unheard
from xai_ad.presentation.notes import title_of
from xai_ad.presentation.words import as_markdown, listed
from xai_ad.ui.components.grid import CellData, ColumnData, GridData, RowData, grid
from xai_ad.ui.components.matrix import MatrixData, matrix
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.showing.maps import scale_data
from xai_ad.ui.showing.photographs import original_url

_SCOPE, _MEASURE, _MAPS, _MATRIX = ("agreement_of", "agreement_by", "agreement_maps", "agreement_matrix")
_EVERY = "Every explanation"
_RANKS, _STRONGEST = "Order of all places", "Strongest 5 %"
_EXPLAINED = {
    _RANKS: "Spearman's correlation of two maps over all pixels: 1 where they order them alike, 0 by chance.",
    _STRONGEST: "How much of the places that either counts among its strongest 5 % both do (intersection over union).",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Figures:
    """What is computed of some explanations, once: the maps that are drawn, both tables, and the sentence."""

    drawn: tuple[Drawn, Drawn]
    ranks: Matrix
    strongest: Matrix
    sentence: str


_FIGURES: BoundedCache[tuple[tuple[Request, ...], tuple[str, ...]], _Figures] = BoundedCache(16)


def show_agreement(comparison: Comparison, titles: Mapping[str, str]) -> None:
    """Draw how far the explanations that are at hand agree; `titles` are what the models are called, by id."""
    with st.container(key="agreement"):
        st.subheader("Where they agree", anchor=False)
        gathered = gather(_scoped(comparison, titles), titles, _methods(comparison))
        if gathered.case is None or len(gathered.voices) < 2:
            st.markdown(as_markdown(agreement_in_words(gathered.voices)))
            _say_rest(gathered)
            return
        key = gathered.requests, tuple(names_of(gathered.voices))
        figures = _FIGURES.get_or(key, lambda: _figures(gathered))
        st.markdown(f"**{as_markdown(figures.sentence)}** {as_markdown(caution(gathered.voices))}")
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
    sentences = []
    if gathered.awaited:
        count, verb = gathered.awaited, "is" if gathered.awaited == 1 else "are"
        sentences.append(f"{count} more {verb} not computed yet.")
    if gathered.left_out:
        verb = "sees" if len(gathered.left_out) == 1 else "see"
        sentences.append(
            f"Left out: {listed(list(gathered.left_out))}, which {verb} another part of the picture."
        )
    if gathered.strangers:
        sentences.append(unheard(gathered.strangers))
    if sentences:
        st.caption(as_markdown(" ".join(sentences)))


def _figures(gathered: Gathered) -> _Figures:
    ranked = places(gathered.maps)  # (E, H, W)
    parts = strongest_parts(np.stack([one.ravel() for one in gathered.maps]))  # (E, HW)
    return _Figures(
        drawn=drawn_maps(ranked, parts),
        ranks=correlations(ranked.reshape(len(ranked), -1)),
        strongest=overlaps(parts),
        sentence=agreement_in_words(gathered.voices),
    )


def _grid_data(gathered: Gathered, case: Case, figures: _Figures, name: str) -> GridData:
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


def _show_matrix(gathered: Gathered, figures: _Figures) -> None:
    """Draw the figures between each two explanations."""
    measure = st.segmented_control(
        "How alike each two are", [_RANKS, _STRONGEST], default=_RANKS, required=True, key=_MEASURE
    )
    values = figures.strongest if measure == _STRONGEST else figures.ranks
    st.caption(_EXPLAINED[str(measure)])
    rows: list[list[float | None]] = [
        [None if row == column else float(value) for column, value in enumerate(line)]
        for row, line in enumerate(values)
    ]
    data = MatrixData(caption=str(measure), names=names_of(gathered.voices), values=rows, low=0.0)
    matrix(data, key=_MATRIX)
