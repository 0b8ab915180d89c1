"""A decoded image of any mode as an 8-bit one of mode L or RGB."""

import numpy as np
from PIL import Image as Pillow

from xai_ad.errors import ImageError


def eight_bit(picture: Pillow.Image, name: str) -> Pillow.Image:
    """Return a decoded image of any mode as one of mode L or RGB; `name` stands in the `ImageError` of what has none."""
    mode = picture.mode
    if mode in {"F", "LAB", "HSV"}:
        raise ImageError(
            f"{name} has pixels of mode {mode!r}. Export it as an 8-bit or 16-bit grey or RGB picture."
        )
    if mode.startswith("I"):
        wide = np.asarray(picture).astype(np.float64)
        if wide.min() < 0 or wide.max() > 65_535:
            raise ImageError(
                f"{name} has 32-bit pixels. Export it as an 8-bit or 16-bit grey or RGB picture."
            )
        return Pillow.fromarray(np.round(wide / 257).astype(np.uint8))
    if "A" in mode or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Pillow.new("RGBA", picture.size, "white")
        return Pillow.alpha_composite(white, picture).convert("RGB")
    return picture if mode in {"L", "RGB"} else picture.convert("L" if mode == "1" else "RGB")
