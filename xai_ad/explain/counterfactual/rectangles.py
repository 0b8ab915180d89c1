"""Rectangles of a grid's cells: which there are, where they lie, and images changed inside them."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.explain.results import Rectangle
from xai_ad.types import Image


class Grid:
    """An image cut into n x n cells, and the N rectangles of whole cells, the smallest area first.

    Raises `InvalidInputError` for a grid that does not divide the image, naming those nearest that do.
    """

    def __init__(self, height: int, width: int, n: int, *, frames: int = 1) -> None:
        self.height, self.width, self.n = height, width, n
        self.groups = rectangles_by_area(height, width, grid=n, frames=frames)
        self.rectangles = [rectangle for group in self.groups for rectangle in group]

    @property
    def cell(self) -> tuple[int, int]:
        """A cell's height and width in pixels."""
        return self.height // self.n, self.width // self.n

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """Each rectangle's top, bottom, left and right in cells, (N, 4)."""
        height, width = self.cell
        pixels = [(r.top, r.top + r.height, r.left, r.left + r.width) for r in self.rectangles]
        edges: NDArray[np.int64] = np.array(pixels) // np.array([height, height, width, width])
        return edges

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """Each rectangle's area in cells, (N,)."""
        top, bottom, left, right = self.edges.T
        areas: NDArray[np.int64] = (bottom - top) * (right - left)
        return areas

    @cached_property
    def covers(self) -> NDArray[np.float64]:
        """One where a rectangle covers a cell, else zero, (N, n * n)."""
        top, bottom, left, right = (edge[:, None] for edge in self.edges.T)  # (N, 1) each
        line = np.arange(self.n)[None, :]  # (1, n)
        rows, columns = (top <= line) & (line < bottom), (left <= line) & (line < right)  # (N, n)
        covers: NDArray[np.float64] = (rows[:, :, None] & columns[:, None, :]).astype(np.float64)
        return covers.reshape(len(rows), -1)

    def cell_sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum pixels' values, (H, W), over each cell: (n * n,)."""
        height, width = self.cell
        sums: NDArray[np.float64] = values.reshape(self.n, height, self.n, width).sum(axis=(1, 3)).ravel()
        return sums

    def trimmed(self, rectangle: Rectangle) -> list[Rectangle]:
        """Return the rectangle less one row or column of cells at each of its four sides, where that leaves any."""
        height, width = self.cell
        top, left, tall, wide = rectangle.top, rectangle.left, rectangle.height, rectangle.width
        smaller = [
            replace(rectangle, top=top + height, height=tall - height),
            replace(rectangle, height=tall - height),
            replace(rectangle, left=left + width, width=wide - width),
            replace(rectangle, width=wide - width),
        ]
        return [rectangle for rectangle in smaller if rectangle.area]


def rectangles_by_area(height: int, width: int, *, grid: int, frames: int = 1) -> list[list[Rectangle]]:
    """Return every rectangle of whole cells, through all frames, grouped by area, the smallest area first.

    Within an area the order is by height, then width, top and left. Raises `InvalidInputError` for a grid that does
    not divide the image, naming those nearest that do.
    """
    if height % grid or width % grid:
        divisors = [n for n in range(1, min(height, width) + 1) if height % n == 0 and width % n == 0]
        near = sorted(sorted(divisors, key=lambda n: (abs(n - grid), n))[:3])
        raise InvalidInputError(
            f"The 'grid' of CounterfactualSearch must divide the picture's {height}x{width} pixels. Got {grid}; "
            f"near by: {', '.join(map(str, near))}."
        )
    cell_height, cell_width = height // grid, width // grid
    every = [
        Rectangle(
            top=top * cell_height,
            left=left * cell_width,
            height=h * cell_height,
            width=w * cell_width,
            frames=frames,
        )
        for h, w in itertools.product(range(1, grid + 1), repeat=2)
        for top, left in itertools.product(range(grid - h + 1), range(grid - w + 1))
    ]
    every.sort(key=lambda rectangle: rectangle.area)  # stable: the order within an area stays
    return [list(group) for _, group in itertools.groupby(every, key=lambda rectangle: rectangle.area)]


def are_disjoint(one: Rectangle, other: Rectangle) -> bool:
    """Return whether two rectangles share no pixel."""
    return (
        one.top + one.height <= other.top
        or other.top + other.height <= one.top
        or one.left + one.width <= other.left
        or other.left + other.width <= one.left
    )


def total_area(rectangles: Iterable[Rectangle]) -> int:
    """Return the area of disjoint rectangles in pixels."""
    return sum(rectangle.area for rectangle in rectangles)


def replaced(image: Image, other: Image, rectangles: Iterable[Rectangle]) -> Image:
    """Return a copy of the image whose rectangles show the other image."""
    changed = image.clone(memory_format=torch.contiguous_format)
    for rectangle in rectangles:
        frames, rows, columns = rectangle.inside
        inside = (..., rows, columns) if image.ndim == 3 else (frames, slice(None), rows, columns)
        changed[inside] = other[inside]
    return changed
