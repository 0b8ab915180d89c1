"""What annotation tools draw on a picture: outlines, strokes and patches of pixels, and how they become marks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xai_ad.data.fitting import Size
from xai_ad.data.masks.annotations.runs import require_area
from xai_ad.errors import DatasetError

_ROUNDING = 1.0
"""By so many pixels a drawing may reach beyond a picture whose size the tool did not note."""

_FARTHEST = 1e6
"""No drawing reaches as many pixels from a picture."""


class Mark(Protocol):
    """Something drawn on a picture."""

    def draw(self, canvas: NDArray[np.bool_]) -> None:
        """Mark on the canvas, (h, w), what lies within; at least a pixel of what lies on it."""

    def extent(self) -> tuple[float, float, float, float]:
        """Return the leftmost, topmost, rightmost and lowest coordinate, in pixels."""


@dataclass(frozen=True, eq=False)
class Outline:
    """A polygon: corners (N, 2), x and y in pixels from the picture's upper left corner; N is at least 3."""

    corners: NDArray[np.float64]

    def draw(self, canvas: NDArray[np.bool_]) -> None:
        """Mark the pixels whose middles lie within; of a polygon between the middles, those of its edges."""
        from skimage.draw import polygon

        columns, rows = self.corners.T - 0.5  # the middle of the first pixel is 0
        inside = polygon(rows, columns, canvas.shape)  # type: ignore[no-untyped-call]
        if len(inside[0]):
            canvas[inside] = True
        else:
            Stroke(np.vstack([self.corners, self.corners[:1]]), 1.0).draw(canvas)

    def extent(self) -> tuple[float, float, float, float]:
        """Return the leftmost, topmost, rightmost and lowest coordinate, in pixels."""
        return (*self.corners.min(axis=0).tolist(), *self.corners.max(axis=0).tolist())


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line through points (N, 2), as wide as `width` pixels and round at its ends; one point is a disc."""

    points: NDArray[np.float64]
    width: float

    def draw(self, canvas: NDArray[np.bool_]) -> None:
        """Mark the pixels whose middles lie no farther from the line than half its width; at least those at its points."""
        ends = self.points[1:] if len(self.points) > 1 else self.points
        for start, end in zip(self.points, ends, strict=False):
            self._draw_part(canvas, start, end)
        columns, rows = np.floor(self.points).astype(int).T
        on = (rows >= 0) & (rows < canvas.shape[0]) & (columns >= 0) & (columns < canvas.shape[1])
        canvas[rows[on], columns[on]] = True

    def _draw_part(
        self, canvas: NDArray[np.bool_], start: NDArray[np.float64], end: NDArray[np.float64]
    ) -> None:
        reach = self.width / 2
        low = np.clip(np.floor(np.minimum(start, end) - reach).astype(int), 0, canvas.shape[::-1])
        high = np.clip(np.ceil(np.maximum(start, end) + reach).astype(int), 0, canvas.shape[::-1])
        x, y = np.arange(low[0], high[0])[None] + 0.5, np.arange(low[1], high[1])[:, None] + 0.5
        way = end - start
        length = float(way @ way)
        along = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / length if length else x * y * 0
        along = np.clip(along, 0, 1)
        distance = np.hypot(x - start[0] - along * way[0], y - start[1] - along * way[1])
        canvas[low[1] : high[1], low[0] : high[0]] |= distance <= reach

    def extent(self) -> tuple[float, float, float, float]:
        """Return the leftmost, topmost, rightmost and lowest coordinate, in pixels, of its points."""
        return (*self.points.min(axis=0).tolist(), *self.points.max(axis=0).tolist())


@dataclass(frozen=True, eq=False)
class Patch:
    """Marked pixels (h, w) whose upper left one lies at (left, top)."""

    marked: NDArray[np.bool_]
    left: int = 0
    top: int = 0

    def draw(self, canvas: NDArray[np.bool_]) -> None:
        """Mark the pixels that are marked here."""
        rows, columns = np.nonzero(self.marked)
        rows, columns = rows + self.top, columns + self.left
        on = (rows >= 0) & (rows < canvas.shape[0]) & (columns >= 0) & (columns < canvas.shape[1])
        canvas[rows[on], columns[on]] = True

    def extent(self) -> tuple[float, float, float, float]:
        """Return the leftmost, topmost, rightmost and lowest edge, in pixels."""
        height, width = self.marked.shape
        return self.left, self.top, self.left + width, self.top + height


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """All that was drawn on one picture, in a file of annotations.

    `name` is the picture's path as the file has it, `size` its (height, width) where the file has that. `whole` are
    masks of the whole picture, each (h, w) bool of a size of its own, unpacked when they are asked for: many would fill
    the memory.
    """

    file: Path
    name: str
    size: Size | None
    marks: Sequence[Mark] = ()
    whole: Sequence[Callable[[], NDArray[np.bool_]]] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn: then it is not known whether there is anything."""
        return not self.marks and not self.whole

    def layers(self, picture: Size) -> list[NDArray[np.bool_]]:
        """Return what is marked, each (h, w) bool as the tool saw a picture that has a (height, width).

        Raises `DatasetError` for what lies beyond the picture.
        """
        layers = [unpacked() for unpacked in self.whole]
        if self.marks:
            require_area(self.size or picture, f"{self.file}: {self.name!r}")
            canvas = np.zeros(self.size or picture, dtype=bool)
            for mark in self.marks:
                self._require_within(mark, canvas.shape)
                mark.draw(canvas)
            layers.append(canvas)
        return layers

    def _require_within(self, mark: Mark, size: tuple[int, ...]) -> None:
        left, top, right, bottom = mark.extent()
        height, width = size
        off = right < 0 or bottom < 0 or left > width or top > height
        beyond = min(left, top) < -_ROUNDING or right > width + _ROUNDING or bottom > height + _ROUNDING
        if off or max(map(abs, (left, top, right, bottom))) > _FARTHEST or (self.size is None and beyond):
            raise DatasetError(
                f"{self.file} marks ({left:g}, {top:g}) to ({right:g}, {bottom:g}) in {self.name!r}, beyond its {width}x{height} "
                "pixels. Export the annotations of this picture again."
            )


def polygon_of(numbers: Sequence[float], where: str) -> Outline:
    """Return a polygon of x, y, x, y and so on; `where` stands in the `DatasetError` of what is none."""
    if len(numbers) < 6 or len(numbers) % 2:
        raise DatasetError(
            f"{where} has a polygon of {len(numbers)} numbers. It takes x and y of at least three corners."
        )
    return Outline(np.asarray(numbers, dtype=np.float64).reshape(-1, 2))


def disc_of(centre: ArrayLike, radius: float, where: str) -> Stroke:
    """Return a disc about a point x, y, in pixels."""
    if not 0 <= radius <= _FARTHEST:
        raise DatasetError(
            f"{where} has a circle of the radius {radius:g}. It lies in 0 to {_FARTHEST:g} pixels."
        )
    return Stroke(np.array([centre], dtype=np.float64), 2 * radius)


def box_of(
    left: float, top: float, width: float, height: float, where: str, *, turned: float = 0.0
) -> Outline:
    """Return a rectangle, turned clockwise by some degrees about its upper left corner."""
    if width <= 0 or height <= 0:
        raise DatasetError(f"{where} has a rectangle of {width:g}x{height:g} pixels. It must have an area.")
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    return Outline(_turned(corners, turned) + np.array([left, top]))


def ellipse_of(
    centre: tuple[float, float], radii: tuple[float, float], where: str, *, turned: float = 0.0
) -> Outline:
    """Return an ellipse, turned clockwise by some degrees about its centre, as a polygon of 360 corners."""
    if min(radii) <= 0:
        raise DatasetError(
            f"{where} has an ellipse of the radii {radii[0]:g} and {radii[1]:g}. They must be positive."
        )
    angles = np.radians(np.arange(360))
    corners = np.stack([radii[0] * np.cos(angles), radii[1] * np.sin(angles)], axis=1)
    return Outline(_turned(corners, turned) + np.array(centre))


def _turned(corners: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    rotated: NDArray[np.float64] = corners @ turn
    return rotated
