"""The one place that draws charts: matplotlib, by its objects alone, so that no state is shared and threads do no harm."""

import io
import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image as Pillow

from xai_ad.presentation.comparison.drawing import sheet_png
from xai_ad.presentation.comparison.sheet import Sheet
from xai_ad.presentation.figures.shown import Bars, Chart, Grid, Panel, Shown
from xai_ad.presentation.render import DIVERGING, SEQUENTIAL

DPI = 100
TITLE, LABEL, CAPTION = 15, 11, 10
"""Sizes of letters in points: a figure's title, what names a row or a panel, what stands below a tile or an axis."""
INK, MUTED, FRAME, RULE = "#1b1f24", "#57606a", "#d0d7de", "#e6e9ed"
NORMAL_COLOUR, ANOMALOUS_COLOUR = "#1450e0", "#e03400"
"""The ends of the diverging palette, which no common colour blindness confuses."""
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#57606a")
"""Colours that no common colour blindness confuses (Okabe and Ito), of those that stand out on white."""
MARKERS = "osD^vPX"
GAP = 16
"""Between tiles, in pixels."""
BAR, BETWEEN = 18, 30
"""A bar's width, and the space between two groups, in pixels."""
_SEQUENTIAL, _DIVERGING = (
    LinearSegmentedColormap.from_list("", palette, N=1023) for palette in (SEQUENTIAL, DIVERGING)
)


def render(shown: Grid | Chart | Bars) -> Figure:
    """Return what is shown as a figure of matplotlib."""
    if isinstance(shown, Grid):
        return _grid(shown)
    return _chart(shown) if isinstance(shown, Chart) else _bars(shown)


def png(shown: Shown) -> bytes:
    """Return what is shown as a PNG."""
    if isinstance(shown, Sheet):
        return sheet_png(shown)
    buffer = io.BytesIO()
    render(shown).savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.25)
    return buffer.getvalue()


def sequential_image(shares: NDArray[np.float32]) -> Pillow.Image:
    """Colour a map, (H, W), linearly from 0, black, to 1, pale yellow; what lies beyond is clipped."""
    return Pillow.fromarray(_SEQUENTIAL(np.clip(shares, 0, 1), bytes=True)[..., :3])


def diverging_image(shares: NDArray[np.float32]) -> Pillow.Image:
    """Colour a map, (H, W), linearly from -1, blue, over 0, pale, to 1, orange-red; what lies beyond is clipped."""
    return Pillow.fromarray(_DIVERGING((np.clip(shares, -1, 1) + 1) / 2, bytes=True)[..., :3])


def sequential_colours(count: int) -> list[str]:
    """Return colours in order of lightness that stand out on white, as #rrggbb."""
    return [to_hex(colour) for colour in _SEQUENTIAL(np.linspace(0.1, 0.8, count))]


def _grid(grid: Grid) -> Figure:
    """Tiles at exact pixels; an image of another size than a tile is resized, bicubic."""
    rows, columns = len(grid.rows), len(grid.columns)
    captions = [line for tiles in grid.tiles for tile in tiles for line in tile.caption]
    names = [line for name in grid.columns for line in name.split("\n")]
    words = [(line, LABEL) for line in names] + [(line, CAPTION) for line in captions]
    across = max(grid.side, *(_width(*each) for each in words)) + GAP
    lines = max(len(tile.caption) for tiles in grid.tiles for tile in tiles)
    down = grid.side + GAP + lines * _height(CAPTION)
    width, height = columns * across - GAP, rows * down - GAP
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    for row, tiles in enumerate(grid.tiles):
        for column, tile in enumerate(tiles):
            left = column * across + (across - GAP - grid.side) // 2
            place = (
                left / width,
                1 - (row * down + grid.side) / height,
                grid.side / width,
                grid.side / height,
            )
            axes = figure.add_axes(place, xticks=[], yticks=[])
            axes.imshow(_tile_sized(tile.image, grid.side), interpolation="none")
            axes.spines[:].set_color(FRAME)
            axes.set_xlabel("\n".join(tile.caption), fontsize=CAPTION, color=MUTED, parse_math=False)
            if row == 0:
                axes.set_title(grid.columns[column], fontsize=LABEL, color=INK, parse_math=False)
            if column == 0:
                beside: dict[str, Any] = {
                    "rotation": 0,
                    "ha": "right",
                    "va": "center",
                    "multialignment": "left",
                }
                axes.set_ylabel(grid.rows[row], fontsize=LABEL, color=INK, parse_math=False, **beside)
    above = max(name.count("\n") + 1 for name in grid.columns) * _height(LABEL) + GAP
    return _framed(figure, grid, above=above, below=lines * _height(CAPTION) + GAP // 2)


def _chart(chart: Chart) -> Figure:
    rows, columns = len(chart.panels), max(map(len, chart.panels))
    wide = 11 if columns == 1 else 5.8 * columns
    figure = Figure(figsize=(wide, 4.2 * rows), dpi=DPI, layout="constrained")
    for row, line in enumerate(chart.panels):
        for column, panel in enumerate(line):
            axes = figure.add_subplot(rows, columns, row * columns + column + 1)
            _plain(axes)
            axes.set_title(panel.title, loc="left", fontsize=LABEL, color=INK)
            axes.set_xlabel(panel.x_title or chart.x_title, fontsize=CAPTION, color=MUTED)
            axes.set_ylabel(chart.y_title, fontsize=CAPTION, color=MUTED)
            axes.set(xlim=chart.x_range(panel), ylim=chart.y_range)
            if chart.x_names:
                axes.set_xticks(range(len(chart.x_names)), chart.x_names)
            _draw_series(axes, panel)
    return _framed(figure, chart)


def _draw_series(axes: Axes, panel: Panel) -> None:
    for series in panel.series:
        style: dict[str, Any] = {"linewidth": 2, "linestyle": "--" if series.dashed else "-"}
        if series.marker:
            style = {"linestyle": "", "marker": series.marker, "markersize": 7, "markeredgecolor": "white"}
        axes.plot(series.x, series.y, color=series.colour, label=series.name, **style)


def _bars(bars: Bars) -> Figure:
    """Bars with their spread as a thin line, and the thesis's figure as a thick one across."""
    group = len(bars.series) * BAR + BETWEEN
    figure = Figure(figsize=((len(bars.groups) * group + 90) / DPI, 4.8), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    _plain(axes)
    width, half = BAR / group, (len(bars.series) - 1) / 2
    for name, colour in bars.series:
        axes.plot([], [], "s", color=colour, markersize=10, label=name)  # for the legend
    axes.plot([], [], color=INK, linewidth=3, label="thesis")
    for place, series, bar in bars.placed():
        x = place + (series - half) * width
        if bar.value is not None:
            axes.bar(x, bar.value, 0.9 * width, color=bars.series[series][1])
        if bar.value is not None and bar.spread:
            axes.errorbar(x, bar.value, bar.spread, color=MUTED, capsize=2)
        if bar.thesis is not None:
            axes.plot(
                [x - width / 2, x + width / 2],
                [bar.thesis] * 2,
                color=INK,
                linewidth=3,
                solid_capstyle="butt",
            )
    axes.set_xticks(range(len(bars.groups)), [name.replace(" ", "\n") for name in bars.groups])
    axes.set(ylim=(0, 1), xlim=(-0.5, len(bars.groups) - 0.5))
    axes.set_ylabel(bars.y_title, fontsize=CAPTION, color=MUTED)
    axes.grid(visible=False, axis="x")
    return _framed(figure, bars)


def _framed(
    figure: Figure, shown: Grid | Chart | Bars, *, above: float = GAP / 2, below: float = GAP / 2
) -> Figure:
    """Write title, legend and note around what is drawn; so many pixels above and below it are taken."""
    width, height = figure.bbox.width, figure.bbox.height
    entries = {
        label: handle
        for axes in figure.axes
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    if len(entries) > 1:
        columns = min(
            len(entries), max(1, int(width // max(70 + _width(label, CAPTION) for label in entries)))
        )
        place = {"bbox_to_anchor": (0, -below / height), "bbox_transform": figure.transFigure}
        look = {"fontsize": CAPTION, "labelcolor": INK, "frameon": False, "borderpad": 0}
        figure.legend(entries.values(), entries.keys(), loc="upper left", ncols=columns, **place, **look)
        below += -(-len(entries) // columns) * 1.2 * _height(CAPTION) + GAP
    for text, size, colour, y, align in (
        (shown.title, TITLE, INK, 1 + above / height, "bottom"),
        (shown.note, CAPTION, MUTED, -below / height, "top"),
    ):
        lines = textwrap.fill(text, max(20, int(width / _width("x", size))))
        figure.text(0, y, lines, fontsize=size, color=colour, va=align, parse_math=False)
    return figure


def _plain(axes: Axes) -> None:
    axes.grid(color=RULE)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(colors=MUTED, labelsize=CAPTION)


def _width(text: str, points: float) -> float:
    """About how wide a line of text is, in pixels: a letter of the font is 0.53 of its size on average."""
    return 0.53 * points * DPI / 72 * len(text)


def _height(points: float) -> float:
    return 1.3 * points * DPI / 72


def _tile_sized(image: Pillow.Image, side: int) -> Pillow.Image:
    colour = image.convert("RGB")
    return colour if colour.size == (side, side) else colour.resize((side, side), Pillow.Resampling.BICUBIC)
