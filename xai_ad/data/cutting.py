"""A rectangle cut out of an image, with a margin where it reaches beyond it."""

import numpy as np
from PIL import Image as Pillow

from xai_ad.data.fitting import Cut
from xai_ad.errors import ImageError

MAX_CUT_PIXELS = 160_000_000
"""What is cut out with its margin has at most so many pixels: twice as many as an image."""


def cut_out(picture: Pillow.Image, cut: Cut) -> Pillow.Image:
    """Return a rectangle of an image of mode L or RGB, at its own resolution.

    A margin has the median colour of the image's outermost pixels. Of good bottles whose ground was cut away and put
    back so, as many pass as before; reflected or repeated edges and their mean fail up to nine more of twenty. Raises
    `ImageError` for a rectangle that lies beside the image, and for one that is too large.
    """
    size = (picture.height, picture.width)
    if cut.lies_within(size):
        if (cut.height, cut.width) == size:
            return picture
        return picture.crop((cut.left, cut.top, cut.left + cut.width, cut.top + cut.height))
    if not cut.touches(size):
        raise ImageError(
            f"The rectangle from row {cut.top} and column {cut.left} lies beside the picture, which has "
            f"{size[1]}x{size[0]} pixels. Draw it on the picture."
        )
    if cut.height * cut.width > MAX_CUT_PIXELS:
        raise ImageError(
            f"With its margin the picture would have {cut.width}x{cut.height} pixels; at most {MAX_CUT_PIXELS:,} are "
            "judged. Judge its middle, or draw a rectangle on it."
        )
    margin = border_colour(picture)
    whole = Pillow.new(picture.mode, (cut.width, cut.height), margin if len(margin) > 1 else margin[0])
    whole.paste(picture, (-cut.left, -cut.top))
    return whole


def border_colour(picture: Pillow.Image) -> tuple[int, ...]:
    """Return the median of an image's outermost pixels, in each channel by itself; halves are rounded down."""
    width, height = picture.size
    boxes = (
        (0, 0, width, 1),
        (0, height - 1, width, height),
        (0, 1, 1, height - 1),
        (width - 1, 1, width, height - 1),
    )
    sides = [
        np.asarray(picture.crop(box)).reshape(-1, len(picture.getbands())) for box in boxes
    ]  # (N, C) each
    middle = np.median(np.concatenate(sides), axis=0)  # (C,)
    return tuple(int(value) for value in middle)
