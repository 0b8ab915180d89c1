"""Which of a mask's values mark a defect: all but the background's, or, of soft edges, the upper half.

The background is 0; where no pixel is 0, it is the lowest value.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import ImageError

_LABELS = 32
"""Whole numbers below are labels, never a soft edge; so many levels and more are looked at in a wider surrounding."""
_COUNTABLE = 1 << 20
_AREA = 3
"""A pixel that so many of its eight neighbours equal lies in an area of one label, of 2x2 pixels at least."""
_UNIFORM = 4
"""A range of less than this part of its upper end is one brightness, with noise."""


def above_background(values: NDArray[Any], name: str, *, lossy: bool = False) -> NDArray[np.bool_]:
    """Return which values, (h, w) of any depth, are no background; `name` stands in the `ImageError` of what has none.

    Few levels are labels. Where most values between the lowest and the highest lie between lower and higher neighbours,
    they are soft edges, and the upper half of the range is marked; so it is of `lossy` files. Raises `ImageError` for
    values that are negative or not finite, and for labels that a lossy file has blurred.
    """
    if values.dtype == np.bool_:
        return values
    low, high = values.min(), values.max()
    if not np.isfinite(low) or not np.isfinite(high) or low < 0:
        raise ImageError(
            f"{name} has values from {low} to {high}. A mask's are finite and not negative; 0 is no defect."
        )
    if low == high:
        return np.full(values.shape, bool(high > 0))
    if lossy and high < _LABELS:
        raise ImageError(
            f"{name} has values up to {high} of 255 in a lossy file, which blurs labels. Export the mask as PNG."
        )
    if not lossy and not _has_soft_edges(values):
        labelled: NDArray[np.bool_] = values > low
        return labelled
    if high - low < high / _UNIFORM:
        return np.full(values.shape, True)
    upper: NDArray[np.bool_] = values >= (float(low) + float(high)) / 2
    return upper


def _has_soft_edges(values: NDArray[Any]) -> bool:
    """Return whether most values between the lowest and the highest lie on slopes, and in no areas of one value."""
    from scipy.ndimage import maximum_filter, minimum_filter  # late: explanations need nothing of it

    levels = _count_levels(values)
    whole = np.issubdtype(values.dtype, np.integer)
    if levels == 2 or (whole and values.max() < _LABELS):
        return False
    side = 3 if levels < _LABELS else 7
    between = (values > values.min()) & (values < values.max())
    lower, higher = minimum_filter(values, size=side) < values, maximum_filter(values, size=side) > values
    most = np.count_nonzero(between) / 2
    if np.count_nonzero(between & lower & higher) < most:
        return False
    if values.dtype == np.uint8:
        return True  # lossy coding makes areas of one value here, and labels of many small regions are rare
    return bool(np.count_nonzero(between & (_count_equals(values) >= _AREA)) < most)


def _count_equals(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return how many of its eight neighbours each value equals, (h, w)."""
    height, width = values.shape
    around = np.pad(values.astype(np.float64), 1, constant_values=np.nan)
    equals = np.zeros(values.shape, dtype=np.int64)
    for down in range(3):
        for across in range(3):
            equals += around[down : down + height, across : across + width] == values
    return equals - 1


def _count_levels(values: NDArray[Any]) -> int:
    if np.issubdtype(values.dtype, np.integer) and values.max() < _COUNTABLE:
        return int(np.count_nonzero(np.bincount(values.ravel())))
    return len(np.unique(values))
