"""A picture of what a network rebuilds while it learns: validation pictures above, their reconstructions below."""

import io

import torch
from PIL import Image as Pillow

from xai_ad.types import Images

GAP = 2
"""White pixels between two pictures."""


def drawn(wanted: Images, answered: Images) -> bytes:
    """Return a PNG of images and what became of them, (N, C, H, W) in [0, 1] each, at least one."""
    height, width = wanted.shape[-2:]
    across = len(wanted) * (width + GAP) - GAP
    sheet = Pillow.new("RGB", (across, 2 * height + GAP), "white")
    for row, images in enumerate((wanted, answered)):
        pixels = (images * 255).round().to(torch.uint8).movedim(1, -1).numpy()  # (N, H, W, C)
        for column, picture in enumerate(pixels):
            shown = Pillow.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
            sheet.paste(shown, (column * (width + GAP), row * (height + GAP)))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()
