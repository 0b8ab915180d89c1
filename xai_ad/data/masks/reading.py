"""The masks of a picture as one, at the size that a network sees, laid on the picture as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.decoding.dicom import begins_as_dicom, open_dicom
from xai_ad.data.decoding.files import bytes_of
from xai_ad.data.decoding.opening import open_header
from xai_ad.data.fitting import Cut, Size
from xai_ad.data.images import Preprocessing
from xai_ad.data.masks.marking import marked_in
from xai_ad.data.masks.shrinking import shrink
from xai_ad.data.notes import NOTES
from xai_ad.errors import DatasetError
from xai_ad.types import Mask

_ORIENTATION = 0x0112
_SIDEWAYS = 5
"""Orientations from here on swap a picture's sides."""
_TIFF = (b"II", b"MM")
"""How files begin whose pictures Pillow turns by itself."""
TURNED = "Drawings that fit their photographs only as those are stored are turned with them, by their EXIF orientation."
"""Said once of all of a set's drawings."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A picture's (height, width) as it is shown, and its EXIF orientation, 1 to 8, by which its stored pixels are turned."""

    size: Size
    orientation: int = 1

    @property
    def stored(self) -> Size:
        """The (height, width) of the stored pixels."""
        return self.size[::-1] if self.orientation >= _SIDEWAYS else self.size


def shape_of(source: Path | bytes) -> Shape:
    """Return the shape of a picture's file from its header; raises `ImageError` for what is no picture."""
    data, name = bytes_of(source), str(source) if isinstance(source, Path) else "The file"
    if begins_as_dicom(data):
        shown = open_dicom(data, name).frame(0)
        return Shape(size=(shown.height, shown.width))
    picture = open_header(data, name)
    told: Any = picture.getexif().get(_ORIENTATION)
    orientation = told if isinstance(told, int) and 1 <= told <= 8 else 1
    size = picture.height, picture.width
    if orientation >= _SIDEWAYS and picture.format != "TIFF":  # of which Pillow gives the size as shown
        size = size[::-1]
    return Shape(size=size, orientation=orientation)


def read_mask(files: Sequence[Path], preprocessing: Preprocessing, picture: Path) -> Mask:
    """Return what a picture's masks mark together, at the network's size, (H, W) bool.

    Raises `ImageError` for a mask or a picture that cannot be read, and `DatasetError` for a mask whose shape is not the
    picture's, or that may lie on it in two ways.
    """
    shape = shape_of(picture)
    return unite([read_marked(file, shape, str(picture)) for file in files], preprocessing, shape.size)


def read_marked(file: Path, shape: Shape, of: str) -> NDArray[np.bool_]:
    """Return what a mask marks, (h, w) bool at its own resolution, upright as the picture `of` a shape is shown."""
    return marks_of(bytes_of(file), str(file), shape, of)


def marks_of(data: bytes, name: str, shape: Shape, of: str) -> NDArray[np.bool_]:
    """Return what a mask's bytes mark, as `read_marked` does; `name` stands in its errors."""
    marked, own = marked_in(data, name), shape_of(data)
    if own.orientation > 1:
        marked = marked if data[:2] in _TIFF else turned(marked, own.orientation)
        return laid_on(marked, Shape(size=shape.size), name, of)
    return laid_on(marked, shape, name, of)


def unite(marks: Sequence[NDArray[np.bool_]], preprocessing: Preprocessing, size: Size) -> Mask:
    """Return what any of some marks, each (h, w), on a picture of a (height, width) marks, at the network's size."""
    if len({marked.shape for marked in marks}) == 1:
        marks = [np.logical_or.reduce(marks)]
    masks = [to_mask(marked, preprocessing, size) for marked in marks]
    united: Mask = np.logical_or.reduce(masks)
    return united


def to_mask(marked: NDArray[np.bool_], preprocessing: Preprocessing, size: Size) -> Mask:
    """Return marks, (h, w), on a picture of a (height, width), at the network's size, (H, W) bool."""
    seen = preprocessing.rectangle_in(size)
    return shrink(cut_marks(marked, seen, size), preprocessing.size, preprocessing.size)


def cut_marks(marked: NDArray[np.bool_], seen: Cut, size: Size) -> NDArray[np.bool_]:
    """Return what marks, (h, w), on a picture of a (height, width) mark in a rectangle of it; nothing beyond it."""
    down, across = marked.shape[0] / size[0], marked.shape[1] / size[1]
    top, left = round(seen.top * down), round(seen.left * across)
    height = max(round((seen.top + seen.height) * down) - top, 1)
    width = max(round((seen.left + seen.width) * across) - left, 1)
    part = np.zeros((height, width), dtype=bool)
    inside = marked[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
    down_to, across_to = max(-top, 0), max(-left, 0)
    part[down_to : down_to + inside.shape[0], across_to : across_to + inside.shape[1]] = inside
    return part


def laid_on(
    marked: NDArray[np.bool_], shape: Shape, name: str, of: str, *, as_seen: bool = False
) -> NDArray[np.bool_]:
    """Return marks, (h, w), upright as their picture is shown.

    Raises `DatasetError` for marks of another shape, those included that have the shape of its stored pixels alone, and
    for those that could lie on it as it is stored and as it is shown; `name` and `of` stand in it for the mask and the
    picture. What tools draw on a picture, they draw on it `as_seen`, whatever they write down as its size: that is turned
    with it where it fits the stored pixels alone.
    """
    height, width = marked.shape
    as_shown, as_stored = (is_scaled((height, width), size) for size in (shape.size, shape.stored))
    if not as_shown and not as_stored:
        rows, columns = shape.size
        raise DatasetError(
            f"{name} has {width}x{height} pixels and does not fit {of}, which has {columns}x{rows}. A mask has the size "
            "of its picture, or its shape."
        )
    with_picture = turned(marked, shape.orientation)
    if as_shown and (as_seen or not as_stored or np.array_equal(with_picture, marked)):
        return marked
    if as_shown:
        raise DatasetError(
            f"{name} of {width}x{height} pixels fits {of} of {shape.size[1]}x{shape.size[0]} both as it is stored and as it "
            f"is shown, by its EXIF orientation {shape.orientation}. Save the picture turned and without this tag."
        )
    if not as_seen:
        rows, columns = shape.size
        raise DatasetError(
            f"{name} has {width}x{height} pixels and does not fit {of}, which its EXIF orientation {shape.orientation} shows "
            f"as {columns}x{rows}. Turn the mask as well, or save the picture turned and without this tag."
        )
    NOTES.warning(TURNED)
    return with_picture


def turned(marked: NDArray[np.bool_], orientation: int) -> NDArray[np.bool_]:
    """Return stored pixels, (h, w), as an EXIF orientation from 1 to 8 has them shown."""
    if orientation >= _SIDEWAYS:
        return turned(marked.T, orientation - _SIDEWAYS + 1)
    return {1: marked, 2: marked[:, ::-1], 3: marked[::-1, ::-1], 4: marked[::-1]}[orientation]


def is_scaled(size: Size, of: Size) -> bool:
    """Return whether a (height, width) has the shape of another one, but for the pixel a side that rounding may cost."""
    low = max((side - 1) / whole for side, whole in zip(size, of, strict=True))
    high = min((side + 1) / whole for side, whole in zip(size, of, strict=True))
    return low < high
