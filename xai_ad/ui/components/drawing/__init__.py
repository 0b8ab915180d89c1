"""What components share that draw explanations over photos: scripts, style, and how explanations are told to them."""

from typing import Literal, TypeAlias, TypedDict

SCRIPTS = (
    "figures.js",
    "drawing/colour.js",
    "drawing/scale.js",
    "drawing/pictures.js",
    "drawing/geometry.js",
    "drawing/hatch.js",
    "drawing/outlines.js",
    "drawing/painter.js",
    "drawing/gestures.js",
    "drawing/elements.js",
    "drawing/legend.js",
    "drawing/view.js",
    "drawing/reading.js",
)
STYLES = ("drawing/drawing.css",)

PanelKind = Literal["map", "picture", "rectangles"]
PanelState = Literal["ready", "idle", "waiting", "running", "stopped", "failed"]
"""An idle one is computed when it is asked for."""


class RectangleData(TypedDict):
    """A region in pixels of the maps' grid, outlined on the photo."""

    top: float
    left: float
    height: float
    width: float


class ScaleData(TypedDict):
    """A map's scale: from 0 to `limit` (positive), drawn from `start` on, in `unit`, with words for its ends.

    Colours follow log1p(value / knee) / log1p(limit / knee). Scales of one `id` share what a person hides.
    """

    id: str
    limit: float
    start: float
    knee: float
    low: str
    high: str
    zero: str
    unit: str


class SegmentData(TypedDict):
    """What is known of a map's segments, by label: `values` in the scale's unit; `low` and `high` are a 90 % interval.

    `layer` is the URL of an image on the maps' grid whose colour is the label, red + 256 green. Segments that are
    `unsure` are hatched. A method that knows of no intervals has None there.
    """

    layer: str
    values: list[float]
    low: list[float] | None
    high: list[float] | None
    unsure: list[bool] | None


class ChangeData(TypedDict):
    """A changed image that is switched on and off: `label` of the switch, and whether it starts `shown`.

    What a person switched stays so for all changes of an `id`.
    """

    id: str
    label: str
    shown: bool


Polygon: TypeAlias = list[list[float]]
"""A closed outline: points [left, top] in pixels of the maps' grid."""


class TruthData(TypedDict):
    """The true defect: its outlines, what their button is called, whether they start `shown`, and what the model made of it.

    `missed` is "" where it is found.
    """

    outlines: list[Polygon]
    label: str
    shown: bool
    missed: str
