"""A mask's file as what is marked, at the size that a network sees."""

from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from xai_ad.data.decoding import decode_image
from xai_ad.data.images import Preprocessing, cropped
from xai_ad.types import Mask


def read_mask(path: Path, preprocessing: Preprocessing) -> Mask:
    """Return a defect's mask at the network's size, (H, W) bool, nearest neighbour; any non-black pixel is defect."""
    return to_mask(decode_image(path), preprocessing)


def to_mask(picture: Pillow.Image, preprocessing: Preprocessing) -> Mask:
    """Return an image's non-black pixels at the network's size, (H, W) bool, nearest neighbour."""
    picture = cropped(picture, preprocessing).convert("L")
    size = (preprocessing.size, preprocessing.size)
    mask: Mask = np.asarray(picture.resize(size, Pillow.Resampling.NEAREST)) > 0
    return mask
