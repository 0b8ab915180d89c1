"""Which part of an image a network sees, where the image's shape is not that of the images it was trained on.

A network takes squares, and what it was trained on was squeezed into them. An image of another shape, squeezed alike,
shows what no training image did: round things become oval.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from xai_ad.errors import InvalidInputError

TOLERANCE = 0.02
"""By how much an image's width to height may be off a model's before it counts as another shape."""
_NAMED = ((1, 1), (5, 4), (4, 3), (3, 2), (8, 5), (16, 9), (2, 1), (21, 9), (3, 1))
"""Shapes that people know by these two numbers."""
_NEAR = 0.01
_SMALL = 20


class Fit(StrEnum):
    """How an image of another shape is brought to that of a model."""

    CROP = "crop"
    """Its middle is seen."""
    PAD = "pad"
    """All of it is seen, with a margin on two sides."""
    STRETCH = "stretch"
    """All of it is seen, squeezed."""


@dataclass(frozen=True, kw_only=True)
class Proportions:
    """The shape of an image: its width to its height, as two whole numbers without a common divisor.

    >>> Proportions.of((450, 600))
    Proportions(width=4, height=3)
    >>> Proportions.of((768, 1366)).words, Proportions.of((1000, 1030)).words
    ('16:9', '1.03:1')
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    width: int
    height: int

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 1 or math.gcd(self.width, self.height) > 1:
            raise InvalidInputError(
                f"A shape is a width and a height, reduced, as 4 and 3. Got {self.width} and {self.height}."
            )

    @classmethod
    def of(cls, size: tuple[int, int]) -> Self:
        """Return the shape of an image of (height, width) pixels."""
        height, width = size
        divisor = math.gcd(height, width)
        return cls(width=width // divisor, height=height // divisor)

    @property
    def words(self) -> str:
        """The shape as people say it: 4:3 for whatever is so within 1 %, and else a ratio to 1."""
        ratio = self.width / self.height
        for named in _NAMED:
            for width, height in (named, named[::-1]):
                if abs(math.log(ratio * height / width)) <= math.log1p(_NEAR):
                    return f"{width}:{height}"
        if max(self.width, self.height) <= _SMALL or 1 in {self.width, self.height}:
            return f"{self.width}:{self.height}"
        return f"{ratio:.3g}:1" if ratio > 1 else f"1:{1 / ratio:.3g}"

    def fits(self, size: tuple[int, int]) -> bool:
        """Return whether an image of (height, width) pixels has this shape, within `TOLERANCE`."""
        wide, high = size[1] * self.height, size[0] * self.width
        return max(wide, high) <= (1 + TOLERANCE) * min(wide, high)


Size: TypeAlias = tuple[int, int]
"""An image's (height, width) in pixels."""


def typical_proportions(sizes: Iterable[Size]) -> Proportions:
    """Return the shape in the middle of those of some images, at least one, by their width to their height."""
    ordered = sorted(sizes, key=lambda size: size[1] / size[0])
    return Proportions.of(ordered[(len(ordered) - 1) // 2])
