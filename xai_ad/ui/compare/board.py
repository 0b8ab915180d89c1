"""The comparison on the page: the grid, which fills while work goes on, and the row that says how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from xai_ad.explain.base import Explainer
from xai_ad.inspection.comparing import Comparison, Row
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.explainers import machine_known
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.streaming import Line, Stream, is_active, parts_of
from xai_ad.ui import state
from xai_ad.ui.compare.agreement import show_agreement
from xai_ad.ui.compare.cells import grid_data, shared_scales
from xai_ad.ui.compare.downloads import offer_downloads
from xai_ad.ui.compare.links import open_in_inspect
from xai_ad.ui.compare.marking import with_marks
from xai_ad.ui.components.grid import grid
from xai_ad.ui.engine import ENGINE, WARM_UP
from xai_ad.ui.picking.fitting import offer_fitting
from xai_ad.ui.showing.view import view_of

_GRID, _STREAM, _OPEN = "grid", "stream", "cell_to_open"
VERDICTS, EXPLANATIONS = 0.3, 1.0
"""Seconds between two looks: at verdicts, which are there in a moment, and at explanations."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Board:
    """What is asked: of each model the picture's verdict and its explanations; `titles` are the models', by id."""

    image_file: ImageFile
    methods: tuple[Explainer, ...]
    lines: tuple[Line, ...]
    titles: Mapping[str, str]

    @property
    def cells(self) -> dict[str, tuple[Line, Explainer]]:
        """Every cell by its name."""
        return {
            line.cell(explainer): (line, explainer) for line in self.lines for explainer in line.explainers
        }


def show_board(board: Board) -> None:
    """Draw the comparison; while something of it is awaited, look again."""
    stream = _stream()
    rows = _look(board, stream).rows
    pace = _pace(rows, stream)
    if judged := next((row.case for row in rows if row.case is not None), None):
        offer_fitting(judged)
    if machine_known():
        ENGINE.release(WARM_UP)  # by now this session owns what it needs, and its Stop shall stop it
    st.fragment(_draw, run_every=pace)(board, stream, pace)


def _stream() -> Stream:
    """Return what this session remembers of its questions."""
    if _STREAM not in st.session_state:
        st.session_state[_STREAM] = Stream(stopped=state.stopped(), wanted=state.wanted())
    found: Stream = st.session_state[_STREAM]
    return found


def _look(board: Board, stream: Stream) -> Comparison:
    seen = (st.session_state.get(_GRID) or {}).get("visible") or []
    rows = stream.look(board.lines, seen=set(seen), engine=ENGINE, owner=state.owner())
    return Comparison(image_file=board.image_file, methods=board.methods, rows=tuple(map(with_marks, rows)))


def _pace(rows: tuple[Row, ...], stream: Stream) -> float | None:
    """Return how many seconds later to look again, or None where nothing more will come."""
    active = [row for row in rows if is_active(row)]
    if not active:
        return EXPLANATIONS if stream.is_checking else None
    return VERDICTS if any(row.case is None for row in active) else EXPLANATIONS


def _draw(board: Board, stream: Stream, pace: float | None) -> None:
    if cell := st.session_state.pop(_OPEN, None):
        open_in_inspect(*parts_of(cell))
    comparison = _look(board, stream)
    data = grid_data(comparison, board.titles)
    grid(
        data,
        key=_GRID,
        on_open=_on_open,
        on_stop=partial(_on_stop, board, stream),
        on_again=partial(_on_again, board, stream),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="compare_status"):
        _status(board, stream, comparison)
        st.space("stretch")
        offer_downloads(comparison, view_of(_GRID, shared_scales(data)))
    show_agreement(comparison, board.titles)
    if pace != _pace(comparison.rows, stream):
        st.rerun()  # a full run, which ends the polling, begins it, or looks less often


def _status(board: Board, stream: Stream, comparison: Comparison) -> None:
    """Say how much is done, and offer to stop all, or to compute again what was not."""
    outcomes = [cell.outcome for row in comparison.rows for cell in row.cells]
    ready = sum(outcome.result is not None for outcome in outcomes)
    total = len(board.cells) - sum(len(board.methods) for row in comparison.rows if row.error)
    active = any(is_active(row) for row in comparison.rows)
    if active or stream.is_checking:
        doing = f"Computing: {ready} of {total} explanations are ready"
        words = f":material/progress_activity: {doing if active else 'Checking how far they can be trusted'}"
        st.markdown(words, width="content")
        # By a callback: what it changes is drawn in the very run that the click begins.
        st.button(
            "Stop all",
            icon=":material/stop_circle:",
            key="stop_all",
            on_click=_stop_all,
            args=(board, stream),
        )
        return
    left = _left_out(board, comparison)
    if left:
        st.markdown(f"{ready} of {total} explanations are computed", width="content")
        st.button(
            "Run again",
            icon=":material/replay:",
            key="run_again",
            on_click=_run_again,
            args=(board, stream, left),
        )
    else:
        st.caption(
            "Click a cell to inspect it. Scroll to zoom, drag to move; every cell follows.", width="content"
        )


def _left_out(board: Board, comparison: Comparison) -> list[str]:
    """Return the names of the cells that may be computed after all: stopped, failed and idle ones, and those of models that failed."""
    stale = {JobState.STOPPED, JobState.FAILED, JobState.IDLE}
    left = []
    for line, row in zip(board.lines, comparison.rows, strict=True):
        left += [line.cell(cell.explainer) for cell in row.cells if cell.outcome.state in stale]
        left += [line.cell(explainer) for explainer in line.explainers] if row.error else []
    return left


def _stop_all(board: Board, stream: Stream) -> None:
    stream.stop(board.cells.values())


def _run_again(board: Board, stream: Stream, names: list[str]) -> None:
    stream.again([board.cells[name] for name in names], engine=ENGINE)


def _on_stop(board: Board, stream: Stream) -> None:
    cell = board.cells.get(st.session_state[_GRID].stop)
    if cell is not None:
        stream.stop([cell])


def _on_again(board: Board, stream: Stream) -> None:
    cell = board.cells.get(st.session_state[_GRID].again)
    if cell is not None:
        stream.again([cell], engine=ENGINE)


def _on_open() -> None:
    """Remember which cell to open: a callback cannot go to another page."""
    st.session_state[_OPEN] = st.session_state[_GRID].open
