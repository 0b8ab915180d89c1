"""Bars as pictures, drawn by Pillow as charts are."""

from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.thesis.figures.bars import Bar, Bars
from xai_ad.thesis.figures.chart import ticks
from xai_ad.thesis.figures.chart_drawing import FRAME, GAP, GRID_LINE, GUTTER, KEY, MARGIN
from xai_ad.thesis.figures.lettering import (
    CAPTION_SIZE,
    INK,
    LABEL_SIZE,
    MUTED,
    TITLE_SIZE,
    line_height,
    text_width,
    wrapped,
    write_lines,
    write_upwards,
)

HEIGHT = 360
"""What a figure of 1 is high, in pixels."""
BAR_WIDTH, BETWEEN = 18, 30
"""A bar's width, and the space between two groups, in pixels."""
THESIS = "thesis"


def bar_box(bars: Bars, group: int, series: int, figure: float) -> tuple[int, int, int, int]:
    """Return where a bar of a figure stands in the drawing: left, top, right and bottom, in pixels."""
    top = MARGIN + len(_title_lines(bars)) * line_height(TITLE_SIZE) + GAP
    group_width = len(bars.series) * BAR_WIDTH + BETWEEN
    left = MARGIN + GUTTER + group * group_width + BETWEEN // 2 + series * BAR_WIDTH
    return left, top + round((1 - figure) * HEIGHT), left + BAR_WIDTH - 2, top + HEIGHT


def draw_bars(bars: Bars) -> Pillow.Image:
    """Draw bars on white: title, axes, bars, legend, note."""
    width = _width(bars)
    bottom = bar_box(bars, 0, 0, 0)[3]
    legend = bottom + 2 * line_height(LABEL_SIZE) + GAP
    note = wrapped(bars.note, CAPTION_SIZE, width - 2 * MARGIN)
    height = legend + line_height(CAPTION_SIZE) + GAP + len(note) * line_height(CAPTION_SIZE) + MARGIN
    drawing = Pillow.new("RGB", (width, height), "white")
    canvas = ImageDraw.Draw(drawing)
    write_lines(canvas, _title_lines(bars), (MARGIN, MARGIN), size=TITLE_SIZE)
    _draw_axis(drawing, canvas, bars)
    for group, series, bar in bars.placed():
        _draw_bar(canvas, bars, (group, series), bar)
    for group, name in enumerate(bars.groups):
        left, right = bar_box(bars, group, 0, 0)[0], bar_box(bars, group, len(bars.series) - 1, 0)[2]
        under = ((left + right) / 2, bottom + 6)
        write_lines(canvas, name.split(" "), under, size=CAPTION_SIZE, align="middle")
    _draw_legend(canvas, bars, legend)
    foot = (MARGIN, height - MARGIN - len(note) * line_height(CAPTION_SIZE))
    write_lines(canvas, note, foot, size=CAPTION_SIZE, colour=MUTED)
    return drawing


def _width(bars: Bars) -> int:
    return bar_box(bars, len(bars.groups) - 1, len(bars.series) - 1, 0)[2] + BETWEEN // 2 + MARGIN


def _title_lines(bars: Bars) -> list[str]:
    groups = len(bars.groups) * (len(bars.series) * BAR_WIDTH + BETWEEN)
    return wrapped(bars.title, TITLE_SIZE, GUTTER + groups)


def _draw_axis(drawing: Pillow.Image, canvas: ImageDraw.ImageDraw, bars: Bars) -> None:
    left, right = MARGIN + GUTTER, _width(bars) - MARGIN
    for figure in ticks(0, 1):
        at = bar_box(bars, 0, 0, figure)[1]
        canvas.line((left, at, right, at), fill=GRID_LINE if figure else FRAME)
        beside = (left - 6, at - line_height(CAPTION_SIZE) / 2)
        write_lines(canvas, [f"{figure:g}"], beside, size=CAPTION_SIZE, align="right", colour=MUTED)
    _, top, _, bottom = bar_box(bars, 0, 0, 1)
    write_upwards(drawing, bars.y_title, (MARGIN, (top + bottom) / 2), size=CAPTION_SIZE, colour=MUTED)


def _draw_bar(canvas: ImageDraw.ImageDraw, bars: Bars, place: tuple[int, int], bar: Bar) -> None:
    """Draw a bar, its spread as a thin line, and the thesis's figure as a thick one across."""
    if bar.value is not None:
        left, top, right, bottom = bar_box(bars, *place, bar.value)
        canvas.rectangle((left, top, right - 1, bottom - 1), fill=bars.series[place[1]][1])
        reach = round((bar.spread or 0) * HEIGHT)
        if reach:
            middle = (left + right) // 2
            canvas.line((middle, top - reach, middle, top + reach), fill=MUTED, width=2)
    if bar.thesis is not None:
        left, top, right, _ = bar_box(bars, *place, bar.thesis)
        canvas.rectangle((left - 1, top - 1, right, top + 1), fill=INK)


def _draw_legend(canvas: ImageDraw.ImageDraw, bars: Bars, top: int) -> None:
    left = MARGIN
    middle = top + line_height(CAPTION_SIZE) // 2
    for name, colour in (*bars.series, (THESIS, INK)):
        half = 6 if name != THESIS else 1
        canvas.rectangle((left, middle - half, left + KEY - 12, middle + half), fill=colour)
        write_lines(canvas, [name], (left + KEY - 4, top), size=CAPTION_SIZE)
        left += KEY + round(text_width(name, CAPTION_SIZE)) + GAP
