"""The photo with the rectangle of it that is judged, which can be drawn, and what the network saw."""

from collections.abc import Callable
from typing import TypedDict

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("cropper/rectangle.js", "cropper/cropper.js")


class CutData(TypedDict):
    """A rectangle in the photo's own pixels; it may reach beyond the photo."""

    top: int
    left: int
    height: int
    width: int


class CropperData(TypedDict):
    """What the cropper shows: `photo` is a URL of the whole photo of `width` x `height` pixels, of any resolution.

    `rectangle` is what is judged; while `drawing`, it can be drawn anew, moved and resized, its `ratio` of width to
    height kept. `network` is a URL of what the network saw, `side` that picture's height and width. `least` is the
    smallest side of a rectangle, in the photo's pixels.
    """

    photo: str
    width: int
    height: int
    rectangle: CutData
    ratio: float
    least: int
    drawing: bool
    network: str
    side: int


_cropper = register("cropper", SCRIPTS)


def cropper(data: CropperData, *, key: str, on_cut: Callable[[], None]) -> None:
    """Mount the photo and its rectangle.

    Letting go of a rectangle calls `on_cut` and reruns the script; `st.session_state[key].cut` holds its [top, left,
    height, width] by then. Nothing is sent while it moves.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _cropper(key=key, data=data, default={"cut": None}, on_cut_change=on_cut)
