"""The browser components of page Inspect: the verdict, and the viewer of photo and explanations.

Each component is a folder of small files: `<name>.html`, `<name>.css`, and scripts. Streamlit takes one script a
component and loads it from a blob URL, against which a script cannot import another by its path. So the scripts
share one module scope: they import nothing, stand below in the order of their dependence, and are joined; only
the last one exports.

What the components print (labels, sentences, file names in them) is set as text, never as markup.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from xai_ad.errors import InvalidInputError

FOLDER = Path(__file__).parent

VIEWER_SCRIPTS = (
    "figures.js",
    "viewer/colour.js",
    "viewer/pictures.js",
    "viewer/geometry.js",
    "viewer/hatch.js",
    "viewer/painter.js",
    "viewer/gestures.js",
    "viewer/panels.js",
    "viewer/rail.js",
    "viewer/controls.js",
    "viewer/viewer.js",
)
VERDICT_SCRIPTS = ("figures.js", "verdict/histogram.js", "verdict/verdict.js")

PanelKind = Literal["map", "picture", "rectangles"]
PanelState = Literal["ready", "idle", "waiting", "running", "stopped", "failed"]
"""An idle one is computed when it is clicked."""


class RectangleData(TypedDict):
    """A region in pixels of the viewer's grid, outlined on the photo."""

    top: float
    left: float
    height: float
    width: float


class ScaleData(TypedDict):
    """A map's scale: it ends at `limit` (positive), in `unit`, and its ends are told in words."""

    limit: float
    low: str
    high: str
    zero: str
    unit: str


class SegmentData(TypedDict):
    """What is known of a map's segments: `low` and `high` by label, in the scale's unit, are a 90 % interval.

    `layer` is the URL of a picture on the viewer's grid whose colour is the label, red + 256 green. Segments that are
    `unsure` are hatched.
    """

    layer: str
    low: list[float]
    high: list[float]
    unsure: list[bool]


class ChangeData(TypedDict):
    """A changed picture that is switched on and off: `label` of the switch, and whether it starts `shown`.

    What a person switched stays so for all changes of an `id`.
    """

    id: str
    label: str
    shown: bool


class PanelData(TypedDict):
    """One explanation in the strip.

    `layer` is a URL, or None while there is nothing to show. For kind "map" it is an 8-bit grey PNG whose grey g
    means limit * g / 255, or, where `signed`, limit * (g / 127.5 - 1) with both 127 and 128 meaning nothing; for "picture" and "rectangles" (the changed image) a picture in colour. `empty` stands over the large picture where there is no rectangle.
    A map of another unit than the explanations' brings its own `scale`.
    """

    id: str
    label: str
    title: str
    sentence: str
    kind: PanelKind
    state: PanelState
    progress: NotRequired[float]
    message: NotRequired[str]
    layer: str | None
    signed: NotRequired[bool]
    segments: NotRequired[SegmentData]
    rectangles: NotRequired[list[RectangleData]]
    change: NotRequired[ChangeData]
    empty: NotRequired[str]
    notes: NotRequired[list[str]]
    scale: NotRequired[ScaleData]


class ViewerData(TypedDict):
    """What the viewer shows: `height` and `width` are the maps' grid, `photo` a URL of any resolution.

    There is at least one panel; `selected` is the id of one. `scale` is that of all maps without one of their own.
    """

    height: int
    width: int
    photo: str
    panels: list[PanelData]
    selected: str
    scale: ScaleData


class BinData(TypedDict):
    """One bar of the calibration histogram: counts of scores in [start, end)."""

    start: float
    end: float
    normal: int
    abnormal: int


class VerdictData(TypedDict):
    """A decision: the word, the score beside the limit in one unit, and the calibration's histogram."""

    verdict: str
    abnormal: bool
    score: float
    limit: float
    score_label: str
    limit_label: str
    measure: str
    caption: str
    disclaimer: str
    bins: list[BinData]
    normal_word: str
    abnormal_word: str


def _register(name: str, scripts: tuple[str, ...]) -> ComponentRenderer:
    """Register the component in folder `name` under `xai_ad_<name>`."""
    return st.components.v2.component(
        f"xai_ad_{name}",
        html=(FOLDER / name / f"{name}.html").read_text("utf-8"),
        css=(FOLDER / name / f"{name}.css").read_text("utf-8"),
        js="\n".join((FOLDER / script).read_text("utf-8") for script in scripts),
    )


_viewer = _register("viewer", VIEWER_SCRIPTS)
_verdict = _register("verdict", VERDICT_SCRIPTS)


def viewer(data: ViewerData, *, key: str, on_select: Callable[[], None] | None = None) -> str:
    """Mount the linked panels; return the id of the panel that the user sees large.

    Zoom, opacity and threshold stay in the browser and outlive new data under the same `key`. A click shows the
    panel at once, then reruns the script (the fragment, inside one) after calling `on_select`;
    `st.session_state[key].selected` holds the id by then. `data["selected"]` overrules the user's choice only
    when it differs from the one sent before.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    result = _viewer(
        key=key,
        data=data,
        default={"selected": data["selected"]},
        on_selected_change=on_select or _nothing,
    )
    return str(result.selected)


def verdict(data: VerdictData, *, key: str) -> None:
    """Mount the verdict's card; under 1050 px of window width it is a band.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _verdict(key=key, data=data)


def require_plain(value: Any, place: str = "data") -> None:
    """Raise unless `value` is made of plain Python values that reach the browser unchanged.

    Streamlit turns *all* data into one string if a single value is a NumPy scalar, and fails in the browser on NaN.

    Raises:
        InvalidInputError: naming the first offending place.

    >>> require_plain({"panels": [{"progress": 0.5, "layer": None}]})
    >>> require_plain({"panels": [{"progress": float("nan")}]})
    Traceback (most recent call last):
    xai_ad.errors.InvalidInputError: data['panels'][0]['progress'] must be a finite number. Got nan.
    """
    kind = type(value)
    if kind is dict:
        for name, item in value.items():
            require_plain(item, f"{place}[{name!r}]")
    elif kind is list:
        for index, item in enumerate(value):
            require_plain(item, f"{place}[{index}]")
    elif kind is float:
        if not math.isfinite(value):
            raise InvalidInputError(f"{place} must be a finite number. Got {value}.")
    elif kind not in (str, int, bool, type(None)):
        raise InvalidInputError(
            f"{place} must be a plain Python value. Got {kind.__module__}.{kind.__name__}."
        )


def _nothing() -> None:
    """Stand in for no callback: Streamlit keeps a state value only where one is given."""
