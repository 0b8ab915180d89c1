"""What a person marks on a photograph, by a mask's file or by hand, and where that lies on a network's grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.fitting import Size
from xai_ad.data.masks import Shape, cut_marks, marks_of, shape_of, shrink
from xai_ad.data.masks.annotations import Drawn, Outline, annotations_in, assign
from xai_ad.data.masks.reading import laid_on
from xai_ad.data.wording import listed
from xai_ad.detector.placement import Placement
from xai_ad.errors import DatasetError, InvalidInputError
from xai_ad.inspection.image_files import ImageFile, size_of
from xai_ad.inspection.truth import true_mask
from xai_ad.types import Mask

Corners: TypeAlias = tuple[tuple[float, float], ...]
"""A polygon on a photograph: its corners (left, top) in the photograph's pixels."""

ANNOTATIONS = ".json"
"""How files of annotations end; all others are masks."""


@dataclass(frozen=True, kw_only=True)
class Marking:
    """What is marked on a photograph of a (height, width): by polygons, or by the pixels of a mask's file.

    `bits` are those pixels, packed, at the mask's own `shape`; `name` is the file's. What is drawn by hand has `outlines`
    alone. It is data that can be hashed: what depends on a marking may be kept under it.
    """

    size: Size
    outlines: tuple[Corners, ...] = ()
    bits: bytes = b""
    shape: Size = (0, 0)
    name: str = ""

    @classmethod
    def by_hand(cls, outlines: Sequence[Sequence[Sequence[float]]], size: Size) -> Self:
        """Return what polygons mark: each three or more corners (left, top), in pixels of a photograph of a (height, width).

        Raises `InvalidInputError` for a polygon of fewer corners, and for one that reaches beyond the photograph.
        """
        height, width = size
        for corners in outlines:
            if len(corners) < 3 or any(len(corner) != 2 for corner in corners):
                raise InvalidInputError(
                    f"A polygon has three or more corners, each left and top. Got {corners!r}."
                )
            if not all(0 <= left <= width and 0 <= top <= height for left, top in corners):
                raise InvalidInputError(
                    f"A polygon lies within its photograph of {width}x{height} pixels. Got {corners!r}."
                )
        found = tuple(tuple((float(left), float(top)) for left, top in corners) for corners in outlines)
        return cls(size=size, outlines=found)

    @classmethod
    def of_pixels(cls, marked: NDArray[np.bool_], size: Size, name: str) -> Self:
        """Return what a mask's file marks, (h, w), on a photograph of a (height, width)."""
        height, width = marked.shape
        return cls(size=size, bits=np.packbits(marked).tobytes(), shape=(height, width), name=name)

    @property
    def is_by_hand(self) -> bool:
        """Whether a person drew it here."""
        return not self.bits

    @property
    def marked(self) -> NDArray[np.bool_]:
        """What is marked, (h, w), upright: at the photograph's resolution, or at that of the mask's file."""
        if self.bits:
            pixels = np.unpackbits(np.frombuffer(self.bits, np.uint8), count=self.shape[0] * self.shape[1])
            return pixels.reshape(self.shape).astype(bool)
        canvas = np.zeros(self.size, dtype=bool)
        for corners in self.outlines:
            Outline(np.asarray(corners, dtype=np.float64)).draw(canvas)
        return canvas

    def on(self, placement: Placement) -> Mask:
        """Return what is marked on a placement's grid, (H, W); what lies beyond the photograph is not."""
        part = cut_marks(self.marked, placement.seen, self.size)
        return shrink(part, placement.grid.height, placement.grid.width)


def mask_of(
    image_file: ImageFile, placement: Placement, marking: Marking | None = None, *, root: Path | None = None
) -> Mask | None:
    """Return what is known to be marked on a placement's grid, (H, W): of a sample the stored truth, else a person's marking.

    None where neither is known. `root` is where the samples lie.
    """
    truth = true_mask(image_file, placement, root)
    if truth is not None or marking is None:
        return truth
    return marking.on(placement)


def read_marking(name: str, content: bytes, image_file: ImageFile) -> Marking:
    """Return what a file marks on a photograph: a mask of its shape, or COCO, LabelMe or Label Studio JSON.

    Of JSON that annotates several pictures, what is drawn on the one of the photograph's name counts. Raises `ImageError`
    for what cannot be read, and `DatasetError` for a mask of another shape, with both sizes, and for one that marks
    nothing or everything.
    """
    shape = shape_of(image_file.content)
    if Path(name).suffix.lower() == ANNOTATIONS:
        marked = _drawn(name, content, image_file, shape)
    else:
        marked = marks_of(content, name, shape, image_file.name)
    if not marked.any() or marked.all():
        raise DatasetError(
            f"{name} marks {'everything' if marked.any() else 'nothing'} in {image_file.name}. Mark a part of it."
        )
    return Marking.of_pixels(marked, size_of(image_file), name)


def _drawn(name: str, content: bytes, image_file: ImageFile, shape: Shape) -> NDArray[np.bool_]:
    """Return what annotations draw on a photograph, (h, w)."""
    drawn = annotations_in(content, Path(name)).drawn
    chosen = list(drawn) if len(drawn) == 1 else _meant(drawn, image_file)
    if not chosen:
        names = listed((one.name for one in drawn), 3) or "no picture"
        raise DatasetError(f"{name} annotates {names}, and not {image_file.name}. Name the photograph so.")
    layers = [
        laid_on(layer, shape, f"{name}: {one.name}", image_file.name, as_seen=True)
        for one in chosen
        for layer in one.layers(shape.size)
    ]
    whole = np.zeros(shape.size, dtype=bool)
    for layer in layers:
        whole |= _resized(layer, shape.size)
    return whole


def _meant(drawn: Sequence[Drawn], image_file: ImageFile) -> Sequence[Drawn]:
    picture = Path(image_file.name)
    return assign(drawn, [picture], [picture]).drawn.get(picture, ())


def _resized(marked: NDArray[np.bool_], size: Size) -> NDArray[np.bool_]:
    """Return marks, (h, w), at a (height, width): each pixel as the one that holds its middle."""
    rows, columns = (
        ((np.arange(whole) + 0.5) * side / whole).astype(int)
        for whole, side in zip(size, marked.shape, strict=True)
    )
    return marked[np.ix_(rows, columns)]
