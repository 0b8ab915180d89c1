"""The small pictures of a sheet: a verdict's badge, and samples of what lines on the pictures mean."""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.presentation import render
from xai_ad.presentation.canvas import EVIDENCE, SEEN, TRUTH
from xai_ad.presentation.captions import INK, PAPER, font_of
from xai_ad.presentation.comparison.sheet import Mark
from xai_ad.presentation.words import Look

LOOKS: dict[Look, tuple[str, str]] = {
    "pass": ("#17733a", "#ffffff"),
    "fail": ("#c3261d", "#ffffff"),
    "borderline": ("#8a5d00", "#ffffff"),
    "stranger": ("#6a3cae", "#ffffff"),
    "typical": ("#e2e6eb", INK),
    "atypical": ("#33414f", "#ffffff"),
}
"""Each look's ground and ink, as on the page in its light theme."""
FINE = 4
"""A sign is drawn so many times as large, and reduced: its slanting lines are smooth then."""
GROUND = "#8c95a0"


def badge(word: str, look: Look, letter: int) -> Pillow.Image:
    """Return a verdict's word with its sign, so many pixels high a letter; no verdict is told by colour alone."""
    ground, ink = LOOKS[look]
    font = font_of(letter, bold=True)
    side, space = round(1.1 * letter), letter // 2
    width, height = round(font.getlength(word)) + side + 3 * space, 2 * letter
    found = Pillow.new("RGB", (width, height), PAPER)
    canvas = ImageDraw.Draw(found)
    canvas.rounded_rectangle((0, 0, width - 1, height - 1), radius=letter // 2, fill=ground)
    found.paste(_sign(look, side, ink), (space, (height - side) // 2), _sign(look, side, ink))
    canvas.text((2 * space + side, height / 2), word, fill=ink, font=font, anchor="lm")
    return found


def sample(mark: Mark, side: int) -> Pillow.Image:
    """Return a small square that shows how a mark looks."""
    square = Pillow.new("RGB", (side, side), GROUND)
    if mark is Mark.UNSURE:
        hatch = Pillow.fromarray(
            np.tile(render.hatch_tile(render.HATCH_LEAST), (side, side, 1))[:side, :side]
        )
        return Pillow.alpha_composite(square.convert("RGBA"), hatch).convert("RGB")
    canvas, (low, high) = ImageDraw.Draw(square), (side // 5, side - side // 5)
    canvas.rectangle((low, low, high, high), outline="black", width=4)
    corners = [(low + 1, low + 1), (high - 1, low + 1), (high - 1, high - 1), (low + 1, high - 1)]
    for start, stop in zip(corners, [*corners[1:], corners[0]], strict=True):
        if mark is Mark.RECTANGLES:
            render.dashed(canvas, start, stop, 1)
        else:
            colours = {Mark.EVIDENCE: EVIDENCE, Mark.TRUTH: TRUTH, Mark.SEEN: SEEN}
            canvas.line((*start, *stop), fill=colours[mark], width=2)
    return square


def _sign(look: Look, side: int, ink: str) -> Pillow.Image:
    """Return a look's sign on nothing, as on the page: cross, tick, eye, question mark, or a dot in or off its place."""
    whole = FINE * side
    found = Pillow.new("RGBA", (whole, whole), (0, 0, 0, 0))
    canvas, weight = ImageDraw.Draw(found), whole // 9

    def at(*places: float) -> list[float]:
        return [place * whole for place in places]

    if look == "fail":
        canvas.line(at(0.15, 0.15, 0.85, 0.85), fill=ink, width=weight)
        canvas.line(at(0.85, 0.15, 0.15, 0.85), fill=ink, width=weight)
    elif look == "pass":
        canvas.line(at(0.1, 0.55, 0.4, 0.85, 0.9, 0.18), fill=ink, width=weight, joint="curve")
    elif look == "borderline":
        canvas.ellipse(at(0.02, 0.2, 0.98, 0.8), outline=ink, width=weight)
        canvas.ellipse(at(0.36, 0.36, 0.64, 0.64), fill=ink)
    elif look == "stranger":
        canvas.text((whole / 2, whole / 2), "?", fill=ink, font=font_of(whole, bold=True), anchor="mm")
    else:
        canvas.ellipse(at(0.04, 0.04, 0.96, 0.96), outline=ink, width=weight)
        left, top = (0.5, 0.5) if look == "typical" else (0.65, 0.36)
        canvas.ellipse(at(left - 0.13, top - 0.13, left + 0.13, top + 0.13), fill=ink)
    return found.resize((side, side), Pillow.Resampling.LANCZOS)
