"""The image under inspection as the browser shows it."""

import io

from xai_ad.data.images import Preprocessing
from xai_ad.inspection.photos import Photo, shown_picture
from xai_ad.ui.layers import LAYERS, Layer

LOSSLESS_SIDE = 512


def original_url(photo: Photo, preprocessing: Preprocessing) -> str:
    """Return an address of the image for the browser."""
    return LAYERS.put_once((photo.sha256, preprocessing), lambda: _encode(photo, preprocessing))


def _encode(photo: Photo, preprocessing: Preprocessing) -> Layer:
    picture = shown_picture(photo, preprocessing)
    buffer = io.BytesIO()
    if max(picture.size) <= LOSSLESS_SIDE:
        picture.save(buffer, format="PNG")
        return Layer(content=buffer.getvalue())
    picture.save(buffer, format="JPEG", quality=92)
    return Layer(content=buffer.getvalue(), media_type="image/jpeg")
