"""The photograph under inspection, as a browser gets it."""

import io

from xai_ad.data.fitting import Cut
from xai_ad.inspection.image_files import ImageFile, shown_image
from xai_ad.ui.layers import LAYERS, Layer

LOSSLESS_SIDE = 512
"""Up to this length of its longer side, in pixels, a photograph is sent without loss."""


def original_url(image_file: ImageFile, seen: Cut | None = None) -> str:
    """Return an address for the browser of what is seen of an image, or of all of it."""
    return LAYERS.put_once(("photo", image_file.pixels_key, seen), lambda: _encode(image_file, seen))


def _encode(image_file: ImageFile, seen: Cut | None) -> Layer:
    picture = shown_image(image_file, seen)
    buffer = io.BytesIO()
    if max(picture.size) <= LOSSLESS_SIDE:
        picture.save(buffer, format="PNG")
        return Layer(content=buffer.getvalue())
    picture.save(buffer, format="JPEG", quality=92)
    return Layer(content=buffer.getvalue(), media_type="image/jpeg")
