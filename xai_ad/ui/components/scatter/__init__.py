"""Images as points in a plane, once for each of some models, so that they can be compared."""

from typing import TypedDict

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("figures.js", "scatter/scatter.js")


class PlaneData(TypedDict):
    """One model's points, in the images' order, what it is called, and what is said of them."""

    title: str
    about: str
    across: list[float]
    up: list[float]


class PointsData(TypedDict):
    """Images as the URL of `ScatterData` gives them: `labels` (1 anomalous), `kinds` by place in `names`.

    `times` are their scores in multiples of the limit.
    """

    labels: list[int]
    kinds: list[int]
    names: list[str]
    times: list[float]
    panels: list[PlaneData]


class ScatterData(TypedDict):
    """Where the points are, and what all of them together are called."""

    url: str
    every: str


_scatter = register("scatter", SCRIPTS)


def scatter(data: ScatterData, *, key: str) -> None:
    """Mount the points.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _scatter(key=key, data=data)
