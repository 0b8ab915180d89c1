"""Text on pictures: one font that comes with Pillow, measured, wrapped and aligned."""

import functools
from collections.abc import Sequence
from typing import Literal, TypeAlias

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

INK, MUTED = "#1b1f24", "#57606a"
TITLE_SIZE, LABEL_SIZE, CAPTION_SIZE = 22, 17, 14
"""Heights of letters in pixels: a picture's title, what names a row or a column, what stands below a tile."""

Align: TypeAlias = Literal["left", "middle", "right"]
_ANCHORS = {"left": "la", "middle": "ma", "right": "ra"}


def line_height(size: int) -> int:
    """Return the distance between two lines of text, in pixels.

    >>> line_height(20)
    26
    """
    return round(1.3 * size)


def text_width(text: str, size: int) -> float:
    """Return how wide one line of text is, in pixels."""
    return _font(size).getlength(text)


def wrapped(text: str, size: int, width: float) -> list[str]:
    """Break a text into lines of at most `width` pixels, between words; a longer word has a line to itself."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write_lines(
    canvas: ImageDraw.ImageDraw,
    lines: Sequence[str],
    place: tuple[float, float],
    *,
    size: int,
    align: Align = "left",
    colour: str = INK,
) -> None:
    """Write lines downwards from a place, (x, y) of the first line's top at the side that they are aligned to."""
    x, y = place
    for number, line in enumerate(lines):
        top = y + number * line_height(size)
        canvas.text((x, top), line, font=_font(size), fill=colour, anchor=_ANCHORS[align])


def write_upwards(
    drawing: Pillow.Image, text: str, place: tuple[float, float], *, size: int, colour: str = INK
) -> None:
    """Write a line that reads upwards; `place` is (left, middle) of the column that it takes."""
    line = Pillow.new("RGB", (round(text_width(text, size)) + 2, line_height(size)), "white")
    write_lines(ImageDraw.Draw(line), [text], (1, 0), size=size, colour=colour)
    turned = line.transpose(Pillow.Transpose.ROTATE_90)
    drawing.paste(turned, (round(place[0]), round(place[1] - turned.height / 2)))


@functools.lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
