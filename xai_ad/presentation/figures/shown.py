"""What a figure can show: a grid of images, a comparison's sheet, charts of lines and points, or bars. `renderer` draws them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image as Pillow

from xai_ad.errors import InvalidInputError
from xai_ad.presentation.comparison.sheet import Sheet


@dataclass(frozen=True, kw_only=True)
class Tile:
    """An image of any size, and the lines below it."""

    image: Pillow.Image
    caption: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rows of tiles, each drawn as a square of `side` pixels; a column's or row's name may have several lines.

    Raises `InvalidInputError` unless every row has a tile for each column.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    tiles: tuple[tuple[Tile, ...], ...]
    title: str = ""
    note: str = ""
    side: int = 192

    def __post_init__(self) -> None:
        if len(self.tiles) != len(self.rows) or {len(row) for row in self.tiles} != {len(self.columns)}:
            raise InvalidInputError(
                f"A grid of {len(self.rows)} rows and {len(self.columns)} columns needs a tile for each place. "
                f"Got rows of {[len(row) for row in self.tiles]} tiles."
            )


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values by place, drawn as a line or, with a `marker` of matplotlib's, as points.

    Those of one name share an entry of the legend.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    colour: str
    marker: str = ""
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One pair of axes; what its horizontal one means where it is not the chart's."""

    title: str
    series: tuple[Series, ...]
    x_title: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Rows of panels; all share the ranges of their axes, so that they compare: of horizontal ones those of one meaning.

    `x_names`, where there are any, stand at the places 0, 1 ... in the place of numbers. Raises `InvalidInputError` for
    values that are no numbers, and where there are none.
    """

    x_title: str
    y_title: str
    panels: tuple[tuple[Panel, ...], ...]
    title: str = ""
    note: str = ""
    x_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = [value for series in self.series for value in (*series.x, *series.y)]
        if not values or not all(map(math.isfinite, values)):
            raise InvalidInputError(f"A chart needs finite values. Got {values[:5]!r}.")

    @property
    def series(self) -> tuple[Series, ...]:
        """Every panel's series."""
        return tuple(series for row in self.panels for panel in row for series in panel.series)

    def x_range(self, panel: Panel) -> tuple[float, float]:
        """Return what a panel's horizontal axis spans: the values of all panels whose axis means the same."""
        alike = [other for row in self.panels for other in row if other.x_title == panel.x_title]
        return _span([value for other in alike for series in other.series for value in series.x])

    @property
    def y_range(self) -> tuple[float, float]:
        """What the vertical axes span: the values and a twentieth beyond."""
        return _span([value for series in self.series for value in series.y])


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A figure in [0, 1] of ours, None where it was not measured, its spread over runs, and the thesis's."""

    value: float | None = None
    spread: float | None = None
    thesis: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Groups of bars, in each a place for every series; None where a group has none.

    `series` are names and colours. Raises `InvalidInputError` unless every group has as many places, and for figures
    outside [0, 1].
    """

    groups: tuple[str, ...]
    series: tuple[tuple[str, str], ...]
    bars: tuple[tuple[Bar | None, ...], ...]
    y_title: str
    title: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        widths = [len(group) for group in self.bars]
        if len(widths) != len(self.groups) or set(widths) != {len(self.series)}:
            raise InvalidInputError(
                f"{len(self.groups)} groups of {len(self.series)} series need a place for each. Got {widths}."
            )
        given = (figure for _, _, bar in self.placed() for figure in (bar.value, bar.thesis))
        figures = [figure for figure in given if figure is not None]
        if not figures or not all(0 <= figure <= 1 for figure in figures):
            raise InvalidInputError(f"Bars need figures in [0, 1]. Got {figures[:5]!r}.")

    def placed(self) -> Iterator[tuple[int, int, Bar]]:
        """Yield each bar with its group's and its series' index."""
        for group, places in enumerate(self.bars):
            for series, bar in enumerate(places):
                if bar is not None:
                    yield group, series, bar


Shown: TypeAlias = Grid | Chart | Bars | Sheet
"""What the renderer draws."""


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    spare = (high - low) / 20 or 0.05
    return low - spare, high + spare
