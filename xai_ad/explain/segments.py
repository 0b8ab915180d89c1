"""Superpixels: the players of the masking games, and what spreads a player's value back over its pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xai_ad.types import Image, Relevance, Segments

COMPACTNESS = 10.0
"""SLIC's weight of nearness against colour, for colours in CIELAB: the value its authors recommend."""


@dataclass(frozen=True, kw_only=True)
class Slic:
    """SLIC superpixels (Achanta et al. 2012), the one segmentation that LIME and KernelSHAP share.

    `n_segments` is how many are asked for; SLIC follows edges and usually makes fewer, at times a few more.
    """

    n_segments: int = 50
    compactness: float = COMPACTNESS

    def __call__(self, image: Image) -> Segments:
        """Segment an image, (C, H, W); the same image always gives the same labels.

        An image with nothing to follow, where SLIC makes one segment of everything, is cut into a grid.
        """
        from skimage.segmentation import slic

        pixels = image.detach().cpu().numpy().transpose(1, 2, 0)  # (H, W, C)
        colours = (
            np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
        )  # grey: the same lightness scale
        labels = slic(
            colours, n_segments=self.n_segments, compactness=self.compactness, start_label=0, channel_axis=2
        )
        segments = consecutive(labels)
        if segments.max() == 0:
            return grid_segments(image.shape[1], image.shape[2], self.n_segments)
        return segments


def consecutive(labels: ArrayLike) -> Segments:
    """Renumber labels, (H, W), to 0 .. M-1 without gaps, in their order.

    >>> consecutive([[7, 7], [2, 9]]).tolist()
    [[1, 1], [0, 2]]
    """
    labels = np.asarray(labels)
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int64)


def grid_segments(height: int, width: int, n_segments: int) -> Segments:
    """Cut a picture into nearly square cells, at most `n_segments` of them.

    >>> grid_segments(2, 4, 2).tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]
    """
    rows = min(height, max(1, math.isqrt(n_segments * height // width)))
    columns = min(width, max(1, n_segments // rows))
    row = np.arange(height) * rows // height  # (H,)
    column = np.arange(width) * columns // width  # (W,)
    return (row[:, None] * columns + column[None, :]).astype(np.int64)


def segment_sizes(segments: Segments) -> NDArray[np.int64]:
    """Return how many pixels each segment has, (M,)."""
    return np.bincount(segments.ravel()).astype(np.int64)


def spread_evenly(values: NDArray[np.float64], segments: Segments) -> Relevance:
    """Spread each segment's value, (M,), evenly over its pixels, so that the map sums to the values' sum."""
    return (values / segment_sizes(segments))[segments].astype(np.float32)
