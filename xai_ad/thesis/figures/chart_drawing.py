"""Charts as pictures. Pillow draws them, since neither matplotlib nor a browser is among the requirements.

Lines are drawn at twice the size and reduced, which smooths them; words are written at full size after that.
"""

from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.thesis.figures.chart import Chart, Panel, Series, ticks
from xai_ad.thesis.figures.lettering import (
    CAPTION_SIZE,
    LABEL_SIZE,
    MUTED,
    TITLE_SIZE,
    line_height,
    text_width,
    wrapped,
    write_lines,
    write_upwards,
)

MARGIN, GAP = 28, 22
PANEL_WIDTH, PANEL_HEIGHT = 520, 340
GUTTER = 66
"""What a panel leaves at its left for the words of its axis, in pixels."""
KEY = 34
"""Width of a sample of a line in the legend, with the space behind it."""
LINE, DOT = 2, 4
"""Width of lines and radius of dots, in pixels."""
FRAME, GRID_LINE = "#8c959f", "#e6e9ed"
SMOOTHING = 2


@dataclass(frozen=True, kw_only=True)
class Axes:
    """Where a panel stands in the drawing, in pixels, and how values map into it."""

    left: int
    top: int
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the panel's frame."""
        return self.left, self.top, self.left + PANEL_WIDTH, self.top + PANEL_HEIGHT

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a pair of values stands, (x, y) in pixels from the drawing's upper left."""
        across = (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        up = (y - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return self.left + across * PANEL_WIDTH, self.top + (1 - up) * PANEL_HEIGHT


def chart_axes(chart: Chart, row: int, column: int) -> Axes:
    """Return where a panel's values stand in the drawing; its `place(x, y)` gives pixels."""
    titled = MARGIN + len(_title_lines(chart)) * line_height(TITLE_SIZE) + GAP // 2
    line = chart.panels[row]
    pitch = line_height(LABEL_SIZE) + PANEL_HEIGHT + 2 * line_height(CAPTION_SIZE) + GAP
    return Axes(
        left=MARGIN + GUTTER + column * (PANEL_WIDTH + GUTTER + GAP),
        top=titled + line_height(LABEL_SIZE) + row * pitch,
        x_range=chart.x_range_of(line[min(column, len(line) - 1)]),
        y_range=chart.y_range,
    )


def draw_chart(chart: Chart) -> Pillow.Image:
    """Draw a chart on white: title, panels, legend, note."""
    rows, columns = len(chart.panels), max(map(len, chart.panels))
    width = chart_axes(chart, 0, columns - 1).box[2] + LINE + MARGIN
    below = chart_axes(chart, rows - 1, 0).box[3] + 2 * line_height(CAPTION_SIZE) + GAP
    legend_places, legend_height = _legend(chart, width)
    note = wrapped(chart.note, CAPTION_SIZE, width - 2 * MARGIN)
    height = below + legend_height + len(note) * line_height(CAPTION_SIZE) + MARGIN
    large = Pillow.new("RGB", (width * SMOOTHING, height * SMOOTHING), "white")
    canvas = ImageDraw.Draw(large)
    panels = [
        (panel, chart_axes(chart, row, column))
        for row, line in enumerate(chart.panels)
        for column, panel in enumerate(line)
    ]
    for panel, axes in panels:
        _draw_panel(canvas, panel, axes)
    for series, (x, y) in zip(chart.legend, legend_places, strict=True):
        middle = below + y + line_height(CAPTION_SIZE) / 2
        _draw_key(canvas, series, (x, middle))
    drawing = large.reduce(SMOOTHING)
    canvas = ImageDraw.Draw(drawing)
    write_lines(canvas, _title_lines(chart), (MARGIN, MARGIN), size=TITLE_SIZE)
    for panel, axes in panels:
        _write_panel(drawing, chart, panel, axes)
    for series, (x, y) in zip(chart.legend, legend_places, strict=True):
        write_lines(canvas, [series.name], (x + KEY, below + y), size=CAPTION_SIZE)
    write_lines(canvas, note, (MARGIN, below + legend_height), size=CAPTION_SIZE, colour=MUTED)
    return drawing


def _title_lines(chart: Chart) -> list[str]:
    columns = max(map(len, chart.panels))
    return wrapped(chart.title, TITLE_SIZE, columns * (PANEL_WIDTH + GUTTER + GAP) - GAP)


def _legend(chart: Chart, width: int) -> tuple[list[tuple[int, int]], int]:
    """Where each entry of the legend stands, from the legend's top, and its height."""
    places: list[tuple[int, int]] = []
    x, y = MARGIN, 0
    for series in chart.legend:
        entry = KEY + round(text_width(series.name, CAPTION_SIZE)) + GAP
        if places and x + entry > width - MARGIN:
            x, y = MARGIN, y + line_height(CAPTION_SIZE)
        places.append((x, y))
        x += entry
    return places, y + line_height(CAPTION_SIZE) + GAP // 2


def _draw_panel(canvas: ImageDraw.ImageDraw, panel: Panel, axes: Axes) -> None:
    left, top, right, bottom = axes.box
    for x in ticks(*axes.x_range):
        at = axes.place(x, 0)[0]
        canvas.line(_smooth((at, top), (at, bottom)), fill=GRID_LINE, width=SMOOTHING)
    for y in ticks(*axes.y_range):
        at = axes.place(0, y)[1]
        canvas.line(_smooth((left, at), (right, at)), fill=GRID_LINE, width=SMOOTHING)
    canvas.rectangle(_smooth((left, top), (right, bottom)), outline=FRAME, width=SMOOTHING)
    for series in panel.series:
        points = [axes.place(x, y) for x, y in zip(series.x, series.y, strict=True)]
        if series.dots:
            for point in points:
                _draw_dot(canvas, point, series.colour)
        else:
            canvas.line(_smooth(*points), fill=series.colour, width=LINE * SMOOTHING, joint="curve")


def _draw_key(canvas: ImageDraw.ImageDraw, series: Series, place: tuple[float, float]) -> None:
    x, y = place
    if series.dots:
        _draw_dot(canvas, (x + KEY / 2 - 4, y), series.colour)
    else:
        canvas.line(_smooth((x, y), (x + KEY - 8, y)), fill=series.colour, width=LINE * SMOOTHING)


def _draw_dot(canvas: ImageDraw.ImageDraw, place: tuple[float, float], colour: str) -> None:
    x, y = place
    canvas.ellipse(_smooth((x - DOT, y - DOT), (x + DOT, y + DOT)), fill=colour, outline="white")


def _smooth(*points: tuple[float, float]) -> list[float]:
    return [SMOOTHING * value for point in points for value in point]


def _write_panel(drawing: Pillow.Image, chart: Chart, panel: Panel, axes: Axes) -> None:
    left, top, right, bottom = axes.box
    canvas = ImageDraw.Draw(drawing)
    write_lines(canvas, [panel.title], (left, top - line_height(LABEL_SIZE) - 2), size=LABEL_SIZE)
    for x in ticks(*axes.x_range):
        under = (axes.place(x, 0)[0], bottom + 4)
        write_lines(canvas, [f"{x:g}"], under, size=CAPTION_SIZE, align="middle", colour=MUTED)
    for y in ticks(*axes.y_range):
        beside = (left - 6, axes.place(0, y)[1] - line_height(CAPTION_SIZE) / 2)
        write_lines(canvas, [f"{y:g}"], beside, size=CAPTION_SIZE, align="right", colour=MUTED)
    below = ((left + right) / 2, bottom + line_height(CAPTION_SIZE) + 4)
    write_lines(
        canvas, [panel.x_title or chart.x_title], below, size=CAPTION_SIZE, align="middle", colour=MUTED
    )
    write_upwards(
        drawing, chart.y_title, (left - GUTTER, (top + bottom) / 2), size=CAPTION_SIZE, colour=MUTED
    )
