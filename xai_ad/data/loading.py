"""Samples into tensors, all at once: a dataset of the thesis's size fits into memory as bytes."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.images import Preprocessing, decode_picture, prepare, read_mask
from xai_ad.data.layouts import NORMAL, Sample
from xai_ad.progress import Progress, silent


def load_pixels(
    samples: Sequence[Sample], preprocessing: Preprocessing, *, on_progress: Progress = silent
) -> Tensor:
    """Return the samples' pixels, (N, C, H, W) uint8. Raises `ImageError` naming the first unreadable file."""
    shape = (len(samples), preprocessing.channels, preprocessing.size, preprocessing.size)
    pixels = torch.empty(shape, dtype=torch.uint8)
    for index, sample in enumerate(samples):
        pixels[index] = prepare(decode_picture(sample.path), preprocessing)
        on_progress((index + 1) / len(samples))
    return pixels


def load_masks(
    samples: Sequence[Sample], preprocessing: Preprocessing
) -> tuple[NDArray[np.bool_], list[int]]:
    """Return the masks, (K, H, W) bool, and the indices of the K samples that have one.

    A normal sample's mask is empty and always known.
    """
    masks, known = [], []
    for index, sample in enumerate(samples):
        if sample.label == NORMAL:
            masks.append(np.zeros((preprocessing.size, preprocessing.size), dtype=bool))
        elif sample.mask is not None:
            masks.append(read_mask(sample.mask, preprocessing))
        else:
            continue
        known.append(index)
    return np.array(masks, dtype=bool).reshape(-1, preprocessing.size, preprocessing.size), known


def count_channels(samples: Sequence[Sample]) -> int:
    """Return 1 when every picture is grey, else 3. It stops at the first colour picture."""
    for sample in samples:
        picture = decode_picture(sample.path)
        if picture.mode != "L":
            red, green, blue = (np.asarray(band) for band in picture.split())
            if not (np.array_equal(red, green) and np.array_equal(green, blue)):
                return 3
    return 1
