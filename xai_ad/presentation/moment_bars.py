"""A row of small bars: each frame's share of the score, as it lies beside an overlay."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.presentation.captions import FAINT, INK, PAPER, font_of
from xai_ad.presentation.render import colour_table

HEIGHT = 72
"""The row's height in pixels, the frames' numbers included."""
LETTER = 12
GAP = 0.25
"""The share of a frame's column that is left free."""
LEAST = 0.01
"""What is less than this share of the highest bar is not drawn."""


def moment_bars(
    values: NDArray[np.float64], numbers: Sequence[int], *, explained: int, width: int = 480
) -> Pillow.Image:
    """Draw frames' shares of a score, (T,), side by side: upwards what pushes towards abnormal, downwards what does not.

    The highest bar fills the row. Below stand the frames' `numbers`, that of the `explained` one in bold.
    """
    strip = Pillow.new("RGB", (width, HEIGHT), PAPER)
    canvas = ImageDraw.Draw(strip)
    highest, lowest = max(0.0, float(values.max())), min(0.0, float(values.min()))
    reach = (highest - lowest) or 1.0
    room = HEIGHT - LETTER - 6
    ground = round(2 + room * highest / reach)
    colours = colour_table(signed=True)
    column = width / len(values)
    for place, (value, number) in enumerate(zip(values.tolist(), numbers, strict=True)):
        left, right = (round((place + share) * column) for share in (GAP / 2, 1 - GAP / 2))
        end = round(ground - room * value / reach)
        if abs(value) >= LEAST * max(highest, -lowest) and end != ground:
            colour = tuple(colours[-1 if value > 0 else 0, :3].tolist())
            canvas.rectangle((left, min(ground, end), right - 1, max(ground, end)), fill=colour)
        font = font_of(LETTER, bold=number == explained)
        words = str(number)
        x = (place + 0.5) * column - canvas.textlength(words, font=font) / 2
        canvas.text((x, HEIGHT - LETTER - 3), words, fill=INK if number == explained else FAINT, font=font)
    canvas.line((0, ground, width, ground), fill=FAINT)
    return strip
