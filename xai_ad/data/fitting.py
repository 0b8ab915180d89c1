"""Which part of an image a network sees, where the image's shape is not that of the images it was trained on.

A network takes squares, and what it was trained on was squeezed into them. An image of another shape, squeezed alike,
shows what no training image did: round things become oval.
"""

import math
import re
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
_SAYABLE = 20
"""Numbers up to here are said as they are."""
MIN_SIDE = 8
"""Sides of an image, of a rectangle to judge and of a network's input have at least so many pixels."""
_WHOLE = re.compile(r"-?[0-9]{1,6}")


Size: TypeAlias = tuple[int, int]
"""An image's (height, width) in pixels."""


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
    def of(cls, size: Size) -> Self:
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
        if max(self.width, self.height) <= _SAYABLE or 1 in {self.width, self.height}:
            return f"{self.width}:{self.height}"
        return f"{ratio:.3g}:1" if ratio > 1 else f"1:{1 / ratio:.3g}"

    def fits(self, size: Size) -> bool:
        """Return whether an image of (height, width) pixels has this shape, within `TOLERANCE`."""
        wide, high = size[1] * self.height, size[0] * self.width
        return max(wide, high) <= (1 + TOLERANCE) * min(wide, high)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A rectangle of an image, in its pixels. It may reach beyond the image, where a margin is put.

    As a `Fitting` it is exactly what the network sees; a model's own crop is not taken of it once more.
    """

    top: int
    left: int
    height: int
    width: int

    def __post_init__(self) -> None:
        if min(self.height, self.width) < 1:
            raise InvalidInputError(f"A rectangle has an area. Got {self.width}x{self.height} pixels.")

    def lies_within(self, size: Size) -> bool:
        """Return whether an image of (height, width) pixels holds all of it."""
        height, width = size
        return (
            min(self.top, self.left) >= 0
            and self.top + self.height <= height
            and self.left + self.width <= width
        )

    def touches(self, size: Size) -> bool:
        """Return whether an image of (height, width) pixels holds any of it."""
        height, width = size
        return -self.height < self.top < height and -self.width < self.left < width


Fitting: TypeAlias = Fit | Cut
"""A rule, or the rectangle that a person drew."""


def fitted(size: Size, shape: Proportions, fit: Fit) -> Cut:
    """Return the rectangle of a shape that is seen of an image of (height, width) pixels.

    An image that `fits` is seen whole. A rectangle's free side is rounded to whole pixels, at least 1; it lies in
    the middle, and of an odd number of pixels that are cut away or added the odd one is at the bottom or right.
    """
    height, width = size
    is_wide = width * shape.height > height * shape.width
    if fit is Fit.STRETCH or shape.fits(size):
        return Cut(top=0, left=0, height=height, width=width)
    if is_wide is (fit is Fit.CROP):  # the height stays, the width follows
        cut_width = max(_rounded(height * shape.width, shape.height), 1)
        return Cut(top=0, left=_half(width - cut_width), height=height, width=cut_width)
    cut_height = max(_rounded(width * shape.height, shape.width), 1)
    return Cut(top=_half(height - cut_height), left=0, height=cut_height, width=width)


def parse_fitting(text: str) -> Fitting:
    """Return what a text asks for: crop, pad, stretch, or a rectangle as top,left,height,width in pixels.

    Raises `InvalidInputError` for anything else, and for a rectangle of fewer pixels than an image may have.

    >>> parse_fitting("pad"), parse_fitting("0,10,300,400")
    (<Fit.PAD: 'pad'>, Cut(top=0, left=10, height=300, width=400))
    """
    if text in set(Fit):
        return Fit(text)
    parts = text.split(",")
    if len(parts) != 4 or not all(_WHOLE.fullmatch(part) for part in parts):
        raise InvalidInputError(
            f"A fit is {', '.join(Fit)}, or a rectangle as top,left,height,width in pixels. Got {text!r}."
        )
    top, left, height, width = map(int, parts)
    if min(height, width) < MIN_SIDE:
        raise InvalidInputError(
            f"A rectangle to judge has at least {MIN_SIDE}x{MIN_SIDE} pixels. Got {width}x{height}."
        )
    return Cut(top=top, left=left, height=height, width=width)


def fitting_text(fitting: Fitting) -> str:
    """Return what `parse_fitting` reads."""
    if isinstance(fitting, Fit):
        return str(fitting)
    return f"{fitting.top},{fitting.left},{fitting.height},{fitting.width}"


def _rounded(numerator: int, denominator: int) -> int:
    """Return a quotient to the nearest whole number, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _half(surplus: int) -> int:
    """Return half of a surplus or, negative, of what is lacking, towards zero."""
    return surplus // 2 if surplus >= 0 else -(-surplus // 2)


def typical_proportions(sizes: Iterable[Size]) -> Proportions:
    """Return the shape in the middle of those of some images, at least one, by their width to their height."""
    ordered = sorted(sizes, key=lambda size: size[1] / size[0])
    return Proportions.of(ordered[(len(ordered) - 1) // 2])
