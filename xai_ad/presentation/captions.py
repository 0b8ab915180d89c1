"""The strip below a picture that is taken away: the verdict, the figures and the scale, so that it speaks for itself."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from xai_ad.presentation import render
from xai_ad.presentation.legends import Legend
from xai_ad.presentation.scales import MapScale
from xai_ad.presentation.words import figure

INK, FAINT, PAPER = "#16191d", "#4b525a", "#ffffff"
LETTERS = 62
"""How many of a letter's heights the strip is wide."""
TICKS = 4
"""Into how many parts a scale's numbers cut its bar."""


@dataclass(frozen=True, kw_only=True)
class DrawnScale:
    """A map's colour bar: its scale, from where on it is drawn, how strongly, and its words."""

    scale: MapScale
    signed: bool
    opacity: float
    legend: Legend


@dataclass(frozen=True, kw_only=True)
class Caption:
    """What stands below a picture: the `verdict` large, its figures beside, and lines of text under the scale."""

    verdict: str
    figures: str
    lines: tuple[str, ...]
    scale: DrawnScale | None = None


def captioned(picture: Pillow.Image, caption: Caption) -> Pillow.Image:
    """Return a picture with a caption below it; its own pixels are left as they are, at the top."""
    strip = _strip(caption, picture.width)
    sheet = Pillow.new("RGB", (picture.width, picture.height + strip.height), PAPER)
    sheet.paste(picture, (0, 0))
    sheet.paste(strip, (0, picture.height))
    return sheet


def _strip(caption: Caption, width: int) -> Pillow.Image:
    """Draw a caption, as high as it needs to be."""
    letter = max(13, width // LETTERS)
    small, large = font_of(letter), font_of(round(1.7 * letter))
    margin, line = letter, round(1.45 * letter)
    text = [
        part
        for each in (caption.figures, *caption.lines)
        for part in wrapped(each, small, width - 2 * margin)
    ]
    first = len(wrapped(caption.figures, small, width - 2 * margin))
    bar = 4 * line if caption.scale else 0
    height = round(margin + 2.2 * letter + line * len(text) + bar + margin)
    strip = Pillow.new("RGB", (width, height), PAPER)
    canvas = ImageDraw.Draw(strip)
    canvas.text((margin, margin), caption.verdict, fill=INK, font=large)
    top = round(margin + 2.2 * letter)
    for index, each in enumerate(text):
        if index == first and caption.scale:
            draw_scale(strip, caption.scale, (margin, top), small)
            top += bar
        canvas.text((margin, top), each, fill=INK if index < first else FAINT, font=small)
        top += line
    if caption.scale and first == len(text):
        draw_scale(strip, caption.scale, (margin, top), small)
    return strip


def draw_scale(
    strip: Pillow.Image, drawn: DrawnScale, corner: tuple[int, int], font: ImageFont.FreeTypeFont
) -> None:
    """Draw a colour bar with its numbers above and its words below; what is hidden is left blank."""
    (left, top), canvas = corner, ImageDraw.Draw(strip)
    letter, width = round(font.size), min(strip.width - 2 * corner[0], 40 * round(font.size))
    below = top + round(1.4 * letter)
    strip.paste(bar_of(drawn, width).resize((width, letter)), (left, below))
    canvas.rectangle((left - 1, below - 1, left + width, below + letter), outline=FAINT)
    for place, words in ticks_of(drawn):
        x = left + place * (width - 1)
        shift = {0.0: 0.0, 1.0: 1.0}.get(place, 0.5) * canvas.textlength(words, font=font)
        canvas.text((x - shift, top), words, fill=INK, font=font)
    for place, words in zip((0.0, 0.5, 1.0), ends_of(drawn), strict=True):
        x = left + place * (width - canvas.textlength(words, font=font))
        canvas.text((x, below + round(1.2 * letter)), words, fill=FAINT, font=font)


def ticks_of(drawn: DrawnScale) -> list[tuple[float, str]]:
    """Return the numbers along a colour bar, each with its place from 0, the left end, to 1."""
    found = []
    for place in np.linspace(0.0, 1.0, TICKS + 1).tolist():
        strength = _strength(drawn, place)
        words = figure(float(drawn.scale.value(np.array(strength)))) if abs(strength) > 1e-9 else "0"
        found.append((place, words))
    return found


def ends_of(drawn: DrawnScale) -> tuple[str, str, str]:
    """Return the words below a colour bar: at its left end, in the middle, and at its right end."""
    legend = drawn.legend
    return legend.low if drawn.signed else legend.zero, legend.unit, legend.high


def bar_of(drawn: DrawnScale, width: int) -> Pillow.Image:
    """Return a bar's colours on white, one pixel high."""
    strengths = np.array([_strength(drawn, place) for place in np.linspace(0.0, 1.0, width)])  # (W,)
    values = drawn.scale.value(strengths)
    shown = render.levels(strengths[None], signed=drawn.signed) // 256  # (1, W)
    colours = render.colour_table(signed=drawn.signed)[shown]  # (1, W, 4)
    hidden = np.abs(values)[None] < drawn.scale.start
    colours[..., 3] = np.where(hidden, 0, np.rint(colours[..., 3] * drawn.opacity))
    ground = Pillow.new("RGBA", (width, 1), PAPER)
    return Pillow.alpha_composite(ground, Pillow.fromarray(colours)).convert("RGB")


def _strength(drawn: DrawnScale, place: float) -> float:
    """Return the strength at a place along a bar, from 0 to 1."""
    least = -1.0 if drawn.signed else 0.0
    return least + place * (1 - least)


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break a text into lines that fit; a word that is too long alone is cut."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(joined) <= width:
            lines[-1] = joined
            continue
        rest = word
        while font.getlength(rest) > width:
            fits = next(
                count
                for count in range(len(rest) - 1, 0, -1)
                if font.getlength(rest[:count]) <= width or count == 1
            )
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return lines


def font_of(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return a font with letters of most scripts: the one that matplotlib brings."""
    found = importlib.util.find_spec("matplotlib")
    if found is not None and found.origin is not None:
        path = (
            Path(found.origin).parent
            / "mpl-data"
            / "fonts"
            / "ttf"
            / f"DejaVuSans{'-Bold' if bold else ''}.ttf"
        )
        if path.is_file():
            return ImageFont.truetype(path, size)
    return cast("ImageFont.FreeTypeFont", ImageFont.load_default(size))
