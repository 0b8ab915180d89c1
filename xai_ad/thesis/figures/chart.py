"""A chart: panels of lines and points on shared axes. What it shows; `chart_drawing` and `plotting` draw it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xai_ad.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values by place, drawn as a line or, with `dots`, as points; those of one name share a line of the legend.

    `labels`, where there are any, say what each value is.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    colour: str
    dots: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One pair of axes; what its horizontal one means where it is not the chart's."""

    title: str
    series: tuple[Series, ...]
    x_title: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Rows of panels; all share the ranges of their axes, so that they compare: of horizontal ones those of one meaning.

    Raises `InvalidInputError` for values that are no numbers, and where there are none.
    """

    x_title: str
    y_title: str
    panels: tuple[tuple[Panel, ...], ...]
    title: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        values = [value for series in self.series for value in (*series.x, *series.y)]
        if not values or not all(map(math.isfinite, values)):
            raise InvalidInputError(f"A chart needs finite values. Got {values[:5]!r}.")

    @property
    def series(self) -> tuple[Series, ...]:
        """Every panel's series."""
        return tuple(series for row in self.panels for panel in row for series in panel.series)

    @property
    def legend(self) -> tuple[Series, ...]:
        """A series for each name, in order of appearance."""
        return tuple({series.name: series for series in self.series}.values())

    @property
    def x_range(self) -> tuple[float, float]:
        """What the horizontal axes span where all mean the same: the values and a twentieth beyond."""
        return _span([value for series in self.series for value in series.x])

    def x_range_of(self, panel: Panel) -> tuple[float, float]:
        """Return what a panel's horizontal axis spans: the values of all panels whose axis means the same."""
        alike = [other for row in self.panels for other in row if other.x_title == panel.x_title]
        return _span([value for other in alike for series in other.series for value in series.x])

    @property
    def y_range(self) -> tuple[float, float]:
        """What the vertical axes span: the values and a twentieth beyond."""
        return _span([value for series in self.series for value in series.y])


def ticks(low: float, high: float, *, count: int = 6) -> list[float]:
    """Return at most `count` round places within a range, 1, 2, 2.5 or 5 times a power of ten apart.

    >>> ticks(0.42, 0.97)
    [0.5, 0.6, 0.7, 0.8, 0.9]
    """
    power = 10 ** math.floor(math.log10((high - low) / count))
    step = next(s * power for s in (1, 2, 2.5, 5, 10, 20) if (high - low) / (s * power) <= count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    spare = (high - low) / 20 or 0.05
    return low - spare, high + spare
