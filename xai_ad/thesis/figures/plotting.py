"""Grids, charts and bars as interactive Plotly figures."""

import base64
import io
from typing import TYPE_CHECKING

from PIL import Image as Pillow

from xai_ad.thesis.figures.bars import Bars
from xai_ad.thesis.figures.chart import Chart
from xai_ad.thesis.figures.grid import Grid
from xai_ad.thesis.figures.lettering import INK

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PAGE_WIDTH = 1120
"""What a page is wide, in pixels: tiles are drawn smaller where more of them stand side by side."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 130, 10, 70, 50
_GAP = 14


def grid_figure(grid: Grid) -> "Figure":
    """Return a grid whose pictures zoom and move together; hovering shows a pixel's place and colour."""
    from plotly.graph_objects import Figure, Image
    from plotly.subplots import make_subplots

    rows, columns = len(grid.rows), len(grid.columns)
    lines = max(len(tile.caption) for tiles in grid.tiles for tile in tiles)
    below = 22 + 16 * lines
    side = min(grid.side, (PAGE_WIDTH - _LEFT - _RIGHT) // columns - _GAP)
    width, height = columns * (side + _GAP), rows * (side + below)
    figure: Figure = make_subplots(
        rows=rows,
        cols=columns,
        column_titles=[name.replace("\n", "<br>") for name in grid.columns],
        horizontal_spacing=_GAP / width,
        vertical_spacing=below / height,
    )
    for row, tiles in enumerate(grid.tiles, start=1):
        for column, tile in enumerate(tiles, start=1):
            figure.add_trace(Image(source=picture_source(tile.picture)), row=row, col=column)
            caption = {"text": "<br>".join(tile.caption), "font": {"size": 11}, "standoff": 4}
            figure.update_xaxes(title=caption, row=row, col=column)
        figure.update_yaxes(title=grid.rows[row - 1].replace("\n", "<br>"), row=row, col=1)
    figure.update_xaxes(matches="x", showticklabels=False)
    figure.update_yaxes(matches="y", showticklabels=False)
    figure.update_layout(
        xaxis={"matches": None},
        yaxis={"matches": None},
        width=width + _LEFT + _RIGHT,
        height=height + _TOP + _BOTTOM,
        margin={"l": _LEFT, "r": _RIGHT, "t": _TOP, "b": _BOTTOM},
        plot_bgcolor="white",
    )
    return figure


def chart_figure(chart: Chart) -> "Figure":
    """Return a chart with the same panels, ranges and colours; a click on the legend hides a series everywhere."""
    from plotly.graph_objects import Figure, Scatter
    from plotly.subplots import make_subplots

    rows, columns = len(chart.panels), max(map(len, chart.panels))
    figure: Figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[panel.title for line in chart.panels for panel in line],
        horizontal_spacing=0.08,
        vertical_spacing=0.16,
    )
    named = set()
    for row, line in enumerate(chart.panels, start=1):
        for column, panel in enumerate(line, start=1):
            for series in panel.series:
                trace = Scatter(
                    name=series.name,
                    x=series.x,
                    y=series.y,
                    mode="markers" if series.dots else "lines",
                    marker={"color": series.colour, "size": 7},
                    legendgroup=series.name,
                    showlegend=series.name not in named,
                    text=series.labels or None,
                )
                named.add(series.name)
                figure.add_trace(trace, row=row, col=column)
            meaning = {"title": panel.x_title or chart.x_title, "range": chart.x_range_of(panel)}
            figure.update_xaxes(**meaning, zeroline=False, row=row, col=column)
    figure.update_yaxes(title=chart.y_title, range=chart.y_range, zeroline=False)
    figure.update_layout(height=110 + 400 * rows, margin={"t": 40, "b": 60}, template="plotly_white")
    return figure


def bar_figure(bars: Bars) -> "Figure":
    """Return the same groups of bars; a click on the legend hides a series with the thesis's figures of it."""
    from plotly.graph_objects import Bar, Figure, Scatter

    figure: Figure = Figure()
    for place, (name, colour) in enumerate(bars.series):
        column = [group[place] for group in bars.bars]
        figure.add_trace(
            Bar(
                name=name,
                x=bars.groups,
                y=[None if bar is None else bar.value for bar in column],
                error_y={"type": "data", "array": [0 if bar is None else bar.spread or 0 for bar in column]},
                marker={"color": colour},
                offsetgroup=name,
                legendgroup=name,
            )
        )
        figure.add_trace(
            Scatter(
                name=f"{name}, thesis",
                x=bars.groups,
                y=[None if bar is None else bar.thesis for bar in column],
                mode="markers",
                marker={"symbol": "line-ew", "size": 12, "line": {"width": 3, "color": INK}},
                offsetgroup=name,
                legendgroup=name,
                showlegend=False,
            )
        )
    figure.update_layout(barmode="group", scattermode="group", height=520, template="plotly_white")
    figure.update_yaxes(title=bars.y_title, range=(0, 1))
    return figure


def picture_source(picture: Pillow.Image) -> str:
    """Return a picture as a data URI: WebP without loss, two thirds of a PNG's size."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, format="WEBP", lossless=True)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
