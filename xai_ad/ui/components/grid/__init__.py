"""The grid that compares explanations of one photo: models down, methods across, all with one view."""

from collections.abc import Callable
from typing import Literal, NotRequired, TypedDict

from xai_ad.presentation.words import Look
from xai_ad.ui.components import drawing
from xai_ad.ui.components.drawing import (
    ChangeData,
    PanelState,
    Polygon,
    RectangleData,
    ScaleData,
    SegmentData,
    TruthData,
)
from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = (
    *drawing.SCRIPTS,
    "grid/layout.js",
    "grid/scales.js",
    "grid/words.js",
    "grid/cells.js",
    "grid/headings.js",
    "grid/tools.js",
    "grid/keys.js",
    "grid/sight.js",
    "grid/probe.js",
    "grid/grid.js",
)


class CellData(TypedDict):
    """One explanation of one model. `id` is unique in the grid; `title` says in full words whose explanation it is.

    `layer` is a URL as a viewer's panel has it, or None while there is nothing to show; a map brings its `scale`.
    `message` says why it failed or was not computed. `trust` and `placed` are a short line each under the picture, "" for
    none: how far to trust it, marked where it `trust_warns`, and how well it lies on the mask. `figures` stand behind the
    trust's line and are shown with it when it is pointed at.
    `placing` is a sentence behind `placed`.
    """

    id: str
    title: str
    kind: Literal["map", "rectangles"]
    state: PanelState
    layer: str | None
    progress: NotRequired[float]
    message: NotRequired[str]
    signed: NotRequired[bool]
    scale: NotRequired[ScaleData]
    segments: NotRequired[SegmentData]
    rectangles: NotRequired[list[RectangleData]]
    change: NotRequired[ChangeData]
    outlines: NotRequired[list[Polygon]]
    empty: NotRequired[str]
    result: NotRequired[str]
    trust: NotRequired[str]
    trust_warns: NotRequired[bool]
    figures: NotRequired[str]
    placed: NotRequired[str]
    placing: NotRequired[str]


class RowData(TypedDict):
    """One model: its `verdict` in its own words with the `look` of its badge, "" while it is awaited, and `score`.

    `photo` is a URL of what this model is shown, of any resolution, `aspect` times as wide as high; its maps lie on a
    grid of `height` by `width`. `outlined` says whether evidence is outlined unless a person asks. Where a `message`
    stands, the model has no explanations, and it says why; `cells` are empty then, else one for each column.
    """

    id: str
    title: str
    verdict: str
    look: Look | Literal[""]
    score: str
    detail: str
    photo: str | None
    height: int
    width: int
    aspect: float
    outlined: bool
    truth: NotRequired[TruthData]
    message: str
    cells: list[CellData]


class ColumnData(TypedDict):
    """One method: its name, and what it asks in a sentence."""

    id: str
    title: str
    sentence: str


class GridData(TypedDict):
    """What the grid shows of the photo called `name`. There is at least one column.

    Where it is said not to be that one `opens` cells, a click or Enter on them does nothing, and none looks as if it did.
    """

    name: str
    columns: list[ColumnData]
    rows: list[RowData]
    opens: NotRequired[bool]


_grid = register("grid", SCRIPTS, styles=drawing.STYLES)


def grid(  # one callback for each thing that a person asks for
    data: GridData,
    *,
    key: str,
    on_open: Callable[[], None] | None = None,
    on_stop: Callable[[], None] | None = None,
    on_again: Callable[[], None] | None = None,
    on_visible: Callable[[], None] | None = None,
) -> None:
    """Mount the grid.

    Zoom, opacity, thresholds and marks stay in the browser and outlive new data under the same `key`; all cells share
    them. Maps of one scale's `id` are coloured on one scale, whatever their own (`presentation.scales.common_scale`).

    A press reruns the script (the fragment, inside one) after the callback, with the cell's id in
    `st.session_state[key]`: `open` (a click or Enter), `stop`, or `again` (run again, or compute an idle one).
    While any cell is not done, `visible` holds the ids of those in sight, reading order, at rest. Once a person changed
    them that state also holds, as the viewer's does, `opacity`, `outlined`, and `start`: the values that maps are drawn
    from, in their scale's unit, by its id.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _grid(
        key=key,
        data=data,
        on_open_change=on_open or _keep,
        on_stop_change=on_stop or _keep,
        on_again_change=on_again or _keep,
        on_visible_change=on_visible or _keep,
        on_opacity_change=_keep,
        on_start_change=_keep,
        on_outlined_change=_keep,
    )


def _keep() -> None:
    """Do nothing: without a callback, Streamlit keeps no state value."""
