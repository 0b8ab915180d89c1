"""Bars in groups, with their spread and the thesis's figure. What they show; `bar_drawing` and `plotting` draw them."""

from collections.abc import Iterator
from dataclasses import dataclass

from xai_ad.errors import InvalidInputError


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
        widths = {len(group) for group in self.bars}
        if len(self.bars) != len(self.groups) or widths != {len(self.series)}:
            raise InvalidInputError(
                f"{len(self.groups)} groups of {len(self.series)} series need a place for each. Got "
                f"{[len(group) for group in self.bars]}."
            )
        figures = [
            figure for _, _, bar in self.placed() for figure in (bar.value, bar.thesis) if figure is not None
        ]
        if not figures or not all(0 <= figure <= 1 for figure in figures):
            raise InvalidInputError(f"Bars need figures in [0, 1]. Got {figures[:5]!r}.")

    def placed(self) -> Iterator[tuple[int, int, Bar]]:
        """Yield each bar with its group's and its series' index."""
        for group, places in enumerate(self.bars):
            for series, bar in enumerate(places):
                if bar is not None:
                    yield group, series, bar
