"""The image under inspection as the browser shows it."""

import io

from xai_ad.data.images import Preprocessing
from xai_ad.inspection.image_files import ImageFile, shown_image
from xai_ad.ui.layers import LAYERS, Layer

LOSSLESS_SIDE = 512


def original_url(image_file: ImageFile, preprocessing: Preprocessing) -> str:
    """Return an address of the image for the browser."""
    return LAYERS.put_once((image_file.sha256, preprocessing), lambda: _encode(image_file, preprocessing))


def _encode(image_file: ImageFile, preprocessing: Preprocessing) -> Layer:
    picture = shown_image(image_file, preprocessing)
    buffer = io.BytesIO()
    if max(picture.size) <= LOSSLESS_SIDE:
        picture.save(buffer, format="PNG")
        return Layer(content=buffer.getvalue())
    picture.save(buffer, format="JPEG", quality=92)
    return Layer(content=buffer.getvalue(), media_type="image/jpeg")
