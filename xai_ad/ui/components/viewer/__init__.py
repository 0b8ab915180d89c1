"""The viewer of an image and its explanations: linked panels that share zoom, opacity, threshold and scale."""

from collections.abc import Callable
from typing import NotRequired, TypedDict

from xai_ad.ui.components import drawing
from xai_ad.ui.components.drawing import (
    ChangeData,
    PanelKind,
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
    "viewer/layout.js",
    "viewer/swipe.js",
    "viewer/panels.js",
    "viewer/rail.js",
    "viewer/controls.js",
    "viewer/marks.js",
    "viewer/words.js",
    "viewer/probe.js",
    "viewer/viewer.js",
)


class NoteData(TypedDict):
    """A sentence on an explanation, and whether it warns: what warns is marked."""

    text: str
    warns: bool


class TrustData(TypedDict):
    """How far an explanation can be trusted: one line, whether it warns, and the figures behind it, [name, value] each."""

    line: str
    warns: bool
    figures: list[list[str]]


class PanelData(TypedDict):
    """One explanation in the strip.

    `layer` is a URL, or None while there is nothing to show. For kind "map" it is a PNG of levels g = 256 red + green:
    the strength on the scale is g / 65535, or, where `signed`, (g - 32768) / 32767; for "picture" and "rectangles"
    (the changed image) an image in colour. `empty` stands over the large image where there is no rectangle. A map of
    another unit than the viewer's brings its own `scale`.
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
    notes: NotRequired[list[NoteData]]
    trust: NotRequired[TrustData]
    scale: NotRequired[ScaleData]
    outlines: NotRequired[list[Polygon]]
    result: NotRequired[str]
    noise: NotRequired[str]


class ViewerData(TypedDict):
    """What the viewer shows: `height` and `width` are the maps' grid, `photo` a URL of any resolution.

    The photo goes by `name` and is `aspect` times as wide as high. There is at least one panel; `selected` is the id
    of one. `scale` is that of all maps without one of their own. Until the selected panel is ready, `stand_in` is
    shown large; the photo can be compared with `compared`. `outlined` says whether evidence is outlined unless a
    person asks. Where explanations are `withheld`, which says why, they are shown only to who asks.
    """

    height: int
    width: int
    photo: str
    name: str
    aspect: float
    stand_in: str
    compared: str
    outlined: bool
    truth: NotRequired[TruthData]
    withheld: NotRequired[str]
    panels: list[PanelData]
    selected: str
    scale: ScaleData


_viewer = register("viewer", SCRIPTS, styles=drawing.STYLES)


def viewer(data: ViewerData, *, key: str, on_select: Callable[[], None] | None = None) -> None:
    """Mount the linked panels.

    Zoom, opacity and threshold stay in the browser and outlive new data under the same `key`. A click shows the
    panel at once, then reruns the script (the fragment, inside one) after calling `on_select`;
    `st.session_state[key].selected` holds the id by then. `data["selected"]` overrules the user's choice only
    when it differs from the one sent before, or after Back and Forward. That state also holds, once a person changed
    them, `opacity` (by the panels' kind), `start` (the strengths that maps are drawn from, by their scale's id) and
    `outlined`.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _viewer(
        key=key,
        data=data,
        on_selected_change=on_select or _keep,
        on_opacity_change=_keep,
        on_start_change=_keep,
        on_outlined_change=_keep,
    )


def _keep() -> None:
    """Do nothing: without a callback, Streamlit keeps no state value."""
