"""Pictures of the generated sets as files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

JPEG_QUALITY = 90


def save_image(image: NDArray[np.uint8], path: Path) -> None:
    """Write a JPEG of good quality, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, quality=JPEG_QUALITY, optimize=True)


def save_mask(mask: NDArray[np.bool_], path: Path) -> None:
    """Write a PNG of 0 (normal) and 255 (anomalous), and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(path, optimize=True)
