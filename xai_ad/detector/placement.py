"""Where a detector's grid lies on its source: which frames, and which rectangle of the original image.

A grid is what a network takes, (T, H, W). Maps, segments and rectangles are in its pixels; a `Placement` says where
those lie in the source, so that they can be drawn on the original at its own resolution.
"""

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from xai_ad.data.fitting import Cut
from xai_ad.data.images import Preprocessing
from xai_ad.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The frames and pixels that a detector sees together, (T, H, W); T is 1 for images."""

    frames: int = 1
    height: int
    width: int


class Rectangular(Protocol):
    """A rectangle in a grid's pixels."""

    @property
    def top(self) -> int: ...  # noqa: D102
    @property
    def left(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class SourceRectangle:
    """A rectangle in pixels of the original image; its edges may lie within a pixel."""

    top: float
    left: float
    height: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Placement:
    """A grid and what of its source it covers.

    `frames` are the source's frame numbers, one for each of the grid's T. The rectangle from `top` and `left` is in
    pixels of the original image, upright, before it was cropped and resized; where a margin was put around the image,
    it reaches beyond it, from negative pixels on.

    >>> grid = Grid(height=128, width=128)
    >>> placement = Placement(grid=grid, frames=(7,), top=100, left=0, height=256, width=512)
    >>> placement.to_source(SourceRectangle(top=64, left=32, height=8, width=16))
    SourceRectangle(top=228.0, left=128.0, height=16.0, width=64.0)
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    grid: Grid
    frames: tuple[int, ...]
    top: int
    left: int
    height: int
    width: int

    def __post_init__(self) -> None:
        if len(self.frames) != self.grid.frames:
            raise InvalidInputError(
                f"A placement names the {self.grid.frames} source frames of its grid. Got {self.frames}."
            )
        if min(self.height, self.width) < 1:
            raise InvalidInputError(f"A placement is a rectangle of the original image. Got {self}.")

    @property
    def seen(self) -> Cut:
        """What of the original image the grid covers."""
        return Cut(top=self.top, left=self.left, height=self.height, width=self.width)

    def to_source(self, rectangle: Rectangular | SourceRectangle) -> SourceRectangle:
        """Return where a rectangle of the grid lies in the original image."""
        down, across = self.height / self.grid.height, self.width / self.grid.width
        return SourceRectangle(
            top=self.top + rectangle.top * down,
            left=self.left + rectangle.left * across,
            height=rectangle.height * down,
            width=rectangle.width * across,
        )

    def record(self) -> dict[str, Any]:
        """Return the placement as JSON holds it; it is read back as a part of a request."""
        return {**asdict(self), "frames": list(self.frames)}


def placement_of(preprocessing: Preprocessing, seen: Cut, frames: tuple[int, ...] = (0,)) -> Placement:
    """Return where the input that is made of a source lies on it.

    `seen` is what of the original image becomes the input, `frames` the numbers of those that a network sees together.
    """
    grid = Grid(frames=preprocessing.frames or 1, height=preprocessing.size, width=preprocessing.size)
    return Placement(grid=grid, frames=frames, **asdict(seen))
