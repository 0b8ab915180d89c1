"""Scored pictures that are at hand, small, as a browser gets them, and where each is inspected."""

import io
from urllib.parse import urlencode

from PIL import Image as Pillow

from xai_ad.data.decoding import open_image
from xai_ad.errors import ImageError
from xai_ad.inspection.pictures_at_hand import PictureAtHand
from xai_ad.store import ModelCard
from xai_ad.ui import state
from xai_ad.ui.layers import LAYERS, Layer

SIDE = 224
"""Pixels of the longer side."""


def thumbnail_url(found: PictureAtHand) -> str:
    """Return a small picture's address; a grey square where its file can no longer be read."""
    return LAYERS.put_once(("thumbnail", found.image.sha256), lambda: _encode(found))


def inspect_link(card: ModelCard, sample: str) -> str:
    """Return the address of page Inspect that shows a sample under a model."""
    asked = {state.DATASET: card.dataset, state.MODEL: card.id, state.SAMPLE: sample}
    return f"/?{urlencode(asked)}"


def _encode(found: PictureAtHand) -> Layer:
    try:
        picture = open_image(found.path.read_bytes(), name=found.name).pixels.convert("RGB")
    except (OSError, ImageError):
        picture = Pillow.new("RGB", (SIDE, SIDE), "#808080")
    picture.thumbnail((SIDE, SIDE), Pillow.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return Layer(content=buffer.getvalue(), media_type="image/jpeg")
