"""Superpixels: the players of the masking games, and what spreads a player's value back over its pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.fields import Checked, whole
from xai_ad.types import Image, Relevance, Segments

COMPACTNESS = 10.0
"""SLIC's weight of nearness against colour, for colours in CIELAB: the value its authors recommend."""

ASKED_FOR = 3
"""How many times as many SLIC is asked for at most. Images of a part before a plain ground need up to 2.4."""

STEP = 0.04
"""By what share more SLIC is asked for at least, the next time."""

FINER = 2
"""How many times as many segments may be merged: where there are more, SLIC has jumped from one segment to crumbs."""


@dataclass(frozen=True, kw_only=True)
class Slic(Checked):
    """SLIC superpixels (Achanta et al. 2012), the one segmentation that LIME and KernelSHAP share.

    `n_segments` is exactly how many there will be, M, each of them connected. SLIC itself follows edges and makes
    between half as many and a few more: it is asked again for more until it makes enough, and the most similar
    neighbours are merged until M are left.
    """

    n_segments: int = whole(50, low=1)
    compactness: float = COMPACTNESS

    def __call__(self, image: Image) -> Segments:
        """Segment an image, (C, H, W) -> (H, W), or a window, (T, C, H, W) -> (T, H, W), through time.

        The same image always gives the same labels.

        An image with nothing to follow, which SLIC leaves whole or breaks into crumbs, is cut into a grid.
        Raises `InvalidInputError` for more segments than there are pixels.
        """
        height, width = image.shape[-2:]
        if self.n_segments > height * width:
            raise InvalidInputError(
                f"An image of {height}x{width} = {height * width} pixels has no room for more segments than that. "
                f"Got an 'n_segments' of {self.n_segments}."
            )
        return merged(self._fine_enough(image), image, self.n_segments)

    def _fine_enough(self, image: Image) -> Segments:
        """Return the first of SLIC's answers that has enough segments, or a grid where that has far too many."""
        asked = self.n_segments
        while asked <= ASKED_FOR * self.n_segments:
            segments = self._superpixels(image, asked)
            found = int(segments.max()) + 1
            if self.n_segments <= found <= FINER * self.n_segments:
                return segments
            if found > self.n_segments:
                break
            asked += math.ceil(max(asked * (1 - found / self.n_segments), STEP * self.n_segments))
        height, width = image.shape[-2:]
        grids = (grid_segments(height, width, cells) for cells in range(self.n_segments, height * width + 1))
        grid = next(grid for grid in grids if grid.max() + 1 >= self.n_segments)
        return np.broadcast_to(grid, (*image.shape[:-3], height, width)).copy()

    def _superpixels(self, image: Image, asked: int) -> Segments:
        from skimage.segmentation import slic

        pixels = image.detach().cpu().movedim(-3, -1).numpy()  # (H, W, C) or (T, H, W, C)
        grey = pixels.shape[-1] == 1
        colours = np.repeat(pixels, 3, axis=-1) if grey else pixels  # the same lightness scale
        return consecutive(
            slic(colours, n_segments=asked, compactness=self.compactness, start_label=0, channel_axis=-1)
        )


def merged(segments: Segments, image: Image, count: int) -> Segments:
    """Merge the two most similar neighbours, again and again, until `count` segments are left.

    Similar is what differs least in mean colour; neighbours share an edge of a pixel, so what is connected stays so.
    Of pairs that differ equally, the one that makes the smallest segment is merged. Raises `InvalidInputError` where
    there are fewer segments than `count`.

    >>> import torch
    >>> merged(np.array([[0, 1, 2]]), torch.tensor([[[0.0, 0.8, 1.0]]]), 2).tolist()
    [[0, 1, 1]]
    """
    players = int(segments.max()) + 1
    if not 1 <= count <= players:
        raise InvalidInputError(
            f"The 'count' to merge {players} segments to must be in [1, {players}]. Got {count}."
        )
    names = np.arange(players)  # (M,), the segment that each of the given ones has become part of
    sizes = segment_sizes(segments).astype(np.float64)  # (M,)
    colours = image.detach().cpu().double().movedim(-3, 0).flatten(1).numpy()  # (C, THW)
    sums = np.stack([np.bincount(segments.ravel(), channel) for channel in colours], axis=1)  # (M, C)
    pairs = neighbours(segments)  # (E, 2)
    for _ in range(players - count):
        means = sums / sizes[:, None]
        distances = np.square(means[pairs[:, 0]] - means[pairs[:, 1]]).sum(axis=1)  # (E,)
        kept, gone = pairs[np.lexsort((sizes[pairs].sum(axis=1), distances))[0]]
        sizes[kept] += sizes[gone]
        sums[kept] += sums[gone]
        names[names == gone] = kept
        pairs = np.sort(np.where(pairs == gone, kept, pairs), axis=1)
        pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return consecutive(names[segments])


def neighbours(segments: Segments) -> NDArray[np.int64]:
    """Return the pairs of segments that share an edge of a pixel, in space or in time, (E, 2), the lower label first.

    >>> neighbours(np.array([[0, 0], [1, 2]])).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    lines = (np.moveaxis(segments, axis, 0) for axis in range(segments.ndim))
    beside = [np.stack([line[:-1].ravel(), line[1:].ravel()], axis=1) for line in lines]
    pairs = np.sort(np.concatenate(beside), axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)


def consecutive(labels: ArrayLike) -> Segments:
    """Renumber labels, (H, W), to 0 .. M-1 without gaps, in their order.

    >>> consecutive([[7, 7], [2, 9]]).tolist()
    [[1, 1], [0, 2]]
    """
    labels = np.asarray(labels)
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int64)


def grid_segments(height: int, width: int, n_segments: int) -> Segments:
    """Cut an image into nearly square cells, at most `n_segments` of them; in a window they go through all frames.

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
