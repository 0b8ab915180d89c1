"""Superpixels, and in windows stretches of time: the players of the masking games, and how values go back to pixels."""

import math
from dataclasses import dataclass

import numpy as np
import torch
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


STRETCHES = 4
"""Into how many stretches of time a window is cut by default: the frame itself, and three of the seven others'."""

MAX_STRETCHES = 64

ELSEWHERE = 0.25
"""The share of a window's segments that lie in other frames than the explained one.

Of the shipped recurrent networks' scores on Ped 2 nearly all goes with the frame itself, and finer regions are worth
more there; what the others do is told as well by a few."""


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


@dataclass(frozen=True, kw_only=True)
class SpaceTime(Checked):
    """The segments of a window's explained frame: of space, crossed with stretches of time; of a picture, SLIC's.

    There are exactly `n_segments`, whatever `stretches` (see `stretches_of`): more of them would need more copies than
    anybody waits for, 50 regions in 8 frames 400 segments and thousands of copies. The frame itself has the most, all but
    a share of `ELSEWHERE`, which the other stretches have in equal parts, each cut by SLIC by itself. With one stretch
    SLIC cuts the window, through all its frames.
    """

    n_segments: int = whole(50, low=1)
    stretches: int = whole(STRETCHES, low=1, high=MAX_STRETCHES)

    def __call__(self, image: Image, frame: int = 0) -> Segments:
        """Segment an image, (C, H, W) -> (H, W), or the window of an explained `frame`, (T, C, H, W) -> (T, H, W).

        Labels begin with the frame's own. Raises `InvalidInputError` for more segments than there are pixels.
        """
        count = min(self.stretches, self.n_segments)
        if image.ndim == 3 or len(image) == 1 or count == 1:
            return Slic(n_segments=self.n_segments)(image)
        stretches = stretches_of(len(image), frame, count)  # (T,)
        others = int(stretches.max())
        each = max(1, int(ELSEWHERE * self.n_segments) // others)
        segments = np.empty((len(image), *image.shape[-2:]), dtype=np.int64)
        segments[frame] = Slic(n_segments=self.n_segments - others * each)(image[frame])
        for stretch in range(1, others + 1):
            inside = stretches == stretch
            begin = self.n_segments - (others - stretch + 1) * each
            segments[inside] = begin + Slic(n_segments=each)(image[torch.from_numpy(inside)])
        return segments


def stretches_of(frames: int, frame: int, count: int) -> NDArray[np.int64]:
    """Return which stretch of time each of a window's frames lies in, (T,): 0 the explained `frame`, which is one by itself.

    The others make up `count` - 1 stretches, as nearly of one length as can be, numbered in time's order. None holds
    frames before and after the explained one, unless there is but one. Fewer frames than that make a stretch each.

    >>> stretches_of(8, 7, 4).tolist(), stretches_of(8, 3, 4).tolist(), stretches_of(8, 3, 2).tolist()
    ([1, 1, 1, 2, 2, 3, 3, 0], [1, 1, 1, 0, 2, 2, 3, 3], [1, 1, 1, 0, 1, 1, 1, 1])
    """
    before, after = np.arange(frame), np.arange(frame + 1, frames)
    wanted = min(count, frames) - 1
    labels = np.zeros(frames, dtype=np.int64)
    if wanted <= 1:
        labels[[*before, *after]] = wanted
        return labels
    sides = [side for side in (before, after) if len(side)]
    parts = [1] * len(sides)
    while sum(parts) < wanted:
        longest = max(range(len(sides)), key=lambda side: len(sides[side]) / parts[side])
        parts[longest] += 1
    pieces = [piece for side, part in zip(sides, parts, strict=True) for piece in np.array_split(side, part)]
    for number, piece in enumerate(pieces, start=1):
        labels[piece] = number
    return labels


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
