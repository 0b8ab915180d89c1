"""The original photograph at its own resolution, and what is drawn on it: layers, outlines, and what a network sees."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.detector.placement import Placement, Rectangular
from xai_ad.presentation import render
from xai_ad.presentation.regions import Polygon

SEEN = "#ffd23f"
EVIDENCE = "#ffffff"
TRUTH = "#5dff8f"
LINE = 300
"""How many of a line's widths the picture's shorter side holds."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Canvas:
    """A photograph in colour, enlarged by a whole `factor` where it is small, and where a network's grid lies on it."""

    picture: Pillow.Image
    factor: int
    placement: Placement

    @classmethod
    def of(cls, photo: Pillow.Image, placement: Placement) -> Self:
        """Return the canvas of an original photograph, upright; it is left untouched."""
        picture = render.enlarged(photo)
        return cls(picture=picture, factor=picture.width // photo.width, placement=placement)

    @property
    def size(self) -> tuple[int, int]:
        """The (width, height) of what the network sees, in the canvas's pixels."""
        return self.placement.width * self.factor, self.placement.height * self.factor

    @property
    def corner(self) -> tuple[int, int]:
        """The (left, top) of what the network sees, in the canvas's pixels; negative where a margin was put around."""
        return self.placement.left * self.factor, self.placement.top * self.factor

    def lay(
        self,
        layer: Pillow.Image,
        resample: Pillow.Resampling = Pillow.Resampling.NEAREST,
        opacity: float = 1.0,
    ) -> None:
        """Lay an image of the grid over what the network sees of the photograph; what lies beside it is cut off."""
        whole = layer.convert("RGBA").resize(self.size, resample)
        if opacity < 1:
            whole.putalpha(whole.getchannel("A").point(lambda level: round(level * opacity)))
        left, top = self.corner
        cut = (
            max(0, -left),
            max(0, -top),
            min(whole.width, self.picture.width - left),
            min(whole.height, self.picture.height - top),
        )
        box = (left + cut[0], top + cut[1], left + cut[2], top + cut[3])
        ground = self.picture.crop(box).convert("RGBA")
        self.picture.paste(Pillow.alpha_composite(ground, whole.crop(cut)).convert("RGB"), box[:2])

    def outline(self, polygons: Iterable[Polygon]) -> None:
        """Outline polygons, given in grid pixels, light on dark: seen on anything."""
        found = [[self._place(left, top) for left, top in polygon] for polygon in polygons]
        self._stroke(found, EVIDENCE)

    def mark_rectangles(self, rectangles: Sequence[Rectangular]) -> None:
        """Outline rectangles, given in grid pixels, dashed."""
        width = self._width
        for box in rectangles:
            edges = (box.top, box.left, box.top + box.height, box.left + box.width)
            corners = [
                self._place(edges[left], edges[top]) for left, top in ((1, 0), (3, 0), (3, 2), (1, 2), (1, 0))
            ]
            canvas = ImageDraw.Draw(self.picture)
            canvas.line(corners, fill="black", width=2 * width, joint="curve")
            for start, stop in itertools.pairwise(corners):
                render.dashed(canvas, start, stop, width)

    def mark_truth(self, polygons: Iterable[Polygon]) -> None:
        """Outline where a person marked the defect, in polygons given in grid pixels, dashed in a colour of its own."""
        canvas = ImageDraw.Draw(self.picture)
        for polygon in polygons:
            points = [self._place(left, top) for left, top in polygon]
            canvas.line(points, fill="black", width=2 * self._width, joint="curve")
            for start, stop in itertools.pairwise(points):
                render.dashed(canvas, start, stop, self._width, colour=TRUTH)

    def mark_seen(self) -> None:
        """Outline what the network sees, where that is not the whole photograph."""
        (left, top), (width, height) = self.corner, self.size
        if (left, top, width, height) == (0, 0, *self.picture.size):
            return
        right, bottom = left + width - 1, top + height - 1
        self._stroke([[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]], SEEN)

    @property
    def _width(self) -> int:
        return max(2, round(min(self.picture.size) / LINE))

    def _place(self, left: float, top: float) -> tuple[float, float]:
        """Return where a point of the grid lies."""
        corner, size, grid = self.corner, self.size, self.placement.grid
        return corner[0] + left * size[0] / grid.width, corner[1] + top * size[1] / grid.height

    def _stroke(self, lines: Sequence[Sequence[tuple[float, float]]], colour: str) -> None:
        canvas = ImageDraw.Draw(self.picture)
        for line in lines:
            canvas.line(list(line), fill="black", width=2 * self._width, joint="curve")
        for line in lines:
            canvas.line(list(line), fill=colour, width=self._width, joint="curve")
