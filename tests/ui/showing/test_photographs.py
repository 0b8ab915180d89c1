"""The browser gets an image without loss where it is small."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.inspection.image_files import make_image_file
from xai_ad.ui.layers import LAYERS
from xai_ad.ui.showing.photographs import original_url


def encoded(width, height):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("width", "kind"), [(300, "image/png"), (900, "image/jpeg")])
def test_small_photographs_are_sent_without_loss(width, kind):
    url = original_url(make_image_file("p", encoded(width, width)))
    assert LAYERS.get(url.rpartition("/")[2]).media_type == kind
