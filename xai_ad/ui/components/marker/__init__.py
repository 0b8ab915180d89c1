"""A photograph on which a person marks places: rectangles and polygons, by pointer or by keys."""

from collections.abc import Callable
from typing import TypedDict

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("marker/shapes.js", "marker/drawn.js", "marker/marker.js")


class MarkerData(TypedDict):
    """What the marker shows: `photo` is a URL of the photograph of `width` x `height` pixels, of any resolution.

    `outlines` are what is marked: polygons of corners [left, top] in the photograph's own pixels. `place` is what a
    person marks, as "defect".
    """

    photo: str
    width: int
    height: int
    outlines: list[list[list[float]]]
    place: str


_marker = register("marker", SCRIPTS)


def marker(data: MarkerData, *, key: str, on_mark: Callable[[], None]) -> None:
    """Mount the photograph and what is marked on it.

    Each finished shape, Undo and Clear call `on_mark` and rerun the script; `st.session_state[key].outlines` holds all
    outlines by then. Nothing is sent while a shape is drawn. A picture of its own needs a `key` of its own.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _marker(key=key, data=data, default={"outlines": None}, on_outlines_change=on_mark)
