"""Pieces of a drawn page, each a picture of its own on white: wrapped text, and pieces beside and below one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from xai_ad.presentation.captions import INK, PAPER, font_of, wrapped

LEADING = 1.4
"""The distance of two lines of text, in heights of a letter."""


@dataclass(frozen=True)
class Text:
    """A paragraph in one size of letters, in pixels."""

    text: str
    size: int
    colour: str = INK
    bold: bool = False

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        """Its font."""
        return font_of(self.size, bold=self.bold)


def block(texts: Sequence[Text], width: int, *, ground: str = PAPER) -> Pillow.Image:
    """Return paragraphs below one another, wrapped to a width, as high as they need to be."""
    lines = [(text, line) for text in texts for line in wrapped(text.text, text.font, width)]
    height = sum(round(LEADING * text.size) for text, _ in lines)
    found = Pillow.new("RGB", (width, max(height, 1)), ground)
    canvas, top = ImageDraw.Draw(found), 0
    for text, line in lines:
        canvas.text((0, top), line, fill=text.colour, font=text.font)
        top += round(LEADING * text.size)
    return found


def beside(parts: Sequence[Pillow.Image], *, gap: int, low: bool = False) -> Pillow.Image:
    """Return pieces beside one another, flush at the top, or at the bottom where they are to be `low`."""
    height = max(part.height for part in parts)
    found = Pillow.new("RGB", (sum(part.width for part in parts) + gap * (len(parts) - 1), height), PAPER)
    left = 0
    for part in parts:
        found.paste(part, (left, height - part.height if low else 0))
        left += part.width + gap
    return found


def stacked(parts: Sequence[Pillow.Image], *, gap: int) -> Pillow.Image:
    """Return pieces below one another, flush at the left."""
    width = max(part.width for part in parts)
    found = Pillow.new("RGB", (width, sum(part.height for part in parts) + gap * (len(parts) - 1)), PAPER)
    top = 0
    for part in parts:
        found.paste(part, (0, top))
        top += part.height + gap
    return found


def wide(part: Pillow.Image, width: int) -> Pillow.Image:
    """Return a piece with white at its right up to a width."""
    if part.width >= width:
        return part
    found = Pillow.new("RGB", (width, part.height), PAPER)
    found.paste(part, (0, 0))
    return found
