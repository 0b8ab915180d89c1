"""What is marked in a picture, at the size that a network sees: no region is lost on the way."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from xai_ad.types import Mask

SAMPLED = 3
"""Where a pixel stands for at most so many a side, the middle one is taken, as in all figures on record; else their average."""
_TOUCHING = np.ones((3, 3), dtype=bool)
"""Pixels of one region touch by a side or a corner, as in AUPRO."""
_END = 3
"""A region has lost an end where so many of the pixels that it lies in touch nothing of what is kept."""
_ROUNDING = 1e-5


def shrink(marked: NDArray[np.bool_], height: int, width: int) -> Mask:
    """Return what is marked, (h, w) bool, at another size, (height, width) bool.

    A pixel is marked where at least half of it was; where it stands for at most `SAMPLED` pixels a side, where its middle
    was. Of a region that would vanish so, be torn apart, or lose an end, the middle line stays as well: at least a pixel.
    """
    down, across = marked.shape[0] / height, marked.shape[1] / width
    if max(down, across) <= SAMPLED:
        picture = Pillow.fromarray(marked.astype(np.uint8))
        kept: Mask = np.asarray(picture.resize((width, height), Pillow.Resampling.NEAREST)) > 0
    else:
        kept = _coverage(marked, _weights(height, down), _weights(width, across)) >= 0.5 - _ROUNDING
    if max(down, across) <= 1 or not marked.any():
        return kept
    rows, columns = np.nonzero(_middle_lines(_poorly_kept(marked, kept)))
    kept = kept.copy()
    kept[((rows + 0.5) / down).astype(int), ((columns + 0.5) / across).astype(int)] = True
    return kept


def _poorly_kept(marked: NDArray[np.bool_], kept: Mask) -> NDArray[np.bool_]:
    """Return the regions of marks, (h, w), that `kept` tears apart, or of which it lacks an end or everything."""
    from scipy.ndimage import binary_dilation, find_objects, label  # late: explanations need nothing of it

    down, across = marked.shape[0] / kept.shape[0], marked.shape[1] / kept.shape[1]
    weights = _weights(kept.shape[0], down), _weights(kept.shape[1], across)
    regions, _ = label(marked, structure=_TOUCHING)
    poor = np.zeros_like(marked)
    for number, (rows, columns) in enumerate(find_objects(regions), 1):
        region = regions[rows, columns] == number
        place = _cells(rows, down), _cells(columns, across)
        covered = _coverage(region, weights[0][place[0], rows], weights[1][place[1], columns])
        left = kept[place] & (covered > _ROUNDING)
        far = (covered > _ROUNDING) & ~binary_dilation(left, structure=_TOUCHING)
        if far.sum() >= _END or label(left, structure=_TOUCHING)[1] != 1:
            poor[rows, columns] |= region
    return poor


def _cells(pixels: slice, ratio: float) -> slice:
    """Return in which pixels of the small mask a range of the large one's lies, `ratio` of which make one."""
    return slice(int(pixels.start / ratio), int(np.ceil(pixels.stop / ratio - _ROUNDING)))


def _middle_lines(regions: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the regions' skeletons, (h, w): each in one piece, and at least a pixel."""
    from skimage.morphology import skeletonize

    lines: NDArray[np.bool_] = skeletonize(regions) if regions.any() else regions  # type: ignore[no-untyped-call]
    return lines


def _weights(count: int, ratio: float) -> NDArray[np.float32]:
    """Return by how much each of n pixels lies in each of `count`, (count, n): what a line of them is averaged by."""
    edges = np.arange(count + 1)[:, None] * ratio
    pixels = np.arange(round(count * ratio))[None]
    overlap = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    weights: NDArray[np.float32] = (np.clip(overlap, 0, None) / ratio).astype(np.float32)
    return weights


def _coverage(
    marked: NDArray[np.bool_], rows: NDArray[np.float32], columns: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the share of each pixel that is marked, of (h, w) marks and the weights of their rows and columns.

    Row by row, since only few of the pixels lie in each.
    """
    shares = np.zeros((len(rows), marked.shape[1]), dtype=np.float32)
    for share, weights in zip(shares, rows, strict=True):
        (within,) = np.nonzero(weights)
        if len(within):
            part = slice(within[0], within[-1] + 1)
            share[:] = weights[part] @ marked[part].astype(np.float32)
    covered: NDArray[np.float32] = shares @ columns.T
    return covered
