"""From a decoded picture to the tensor a network takes."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor

from xai_ad.data.cutting import cut_out
from xai_ad.data.decoding.levels import UNIT, WHITES
from xai_ad.data.fitting import MIN_SIDE, Cut, Size
from xai_ad.errors import ImageError, InvalidInputError

MAX_SIDE = 1024
"""Sides of a network's input have `MIN_SIDE` to so many pixels."""


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How an image becomes a network's input: cropped, resized to a square (aspect not kept), scaled to [0, 1].

    `crop` is (top, left, height, width) in pixels of the image, or, with `crop_of`, of an image of that (height,
    width): then the crop scales with the image. `frames` is T for networks that take sequences. `levels` is the value
    that was white in training images of more than 8 bits a pixel, and is assumed of others that do not say it.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    size: int = 128
    channels: Literal[1, 3] = 3
    crop: tuple[int, int, int, int] | None = None
    crop_of: tuple[int, int] | None = None
    frames: int | None = None
    resize: Literal["bilinear"] = "bilinear"
    levels: int | None = None

    def __post_init__(self) -> None:
        if not MIN_SIDE <= self.size <= MAX_SIDE or self.channels not in (1, 3):
            raise InvalidInputError(
                f"A network's input has {MIN_SIDE} to {MAX_SIDE} px and 1 or 3 channels. Got {self}."
            )
        if self.levels not in {None, UNIT, *WHITES}:
            raise InvalidInputError(
                f"'levels' is one of {UNIT}, {', '.join(map(str, WHITES))}. Got {self.levels}."
            )
        if self.crop is not None and (min(self.crop[:2]) < 0 or min(self.crop[2:]) < 1):
            raise InvalidInputError(f"A crop is (top, left, height, width) with an area. Got {self.crop}.")
        if self.crop_of is not None and (self.crop is None or not _contains(self.crop_of, self.crop)):
            raise InvalidInputError(
                f"'crop_of' is the (height, width) of a picture that contains the crop {self.crop}. Got {self.crop_of}."
            )

    def record(self) -> dict[str, Any]:
        """Return the fields as JSON holds them, without `levels` where none are known: so cards had it before."""
        return {name: value for name, value in asdict(self).items() if name != "levels" or value is not None}

    def rectangle_in(self, size: Size) -> Cut:
        """Return what is seen of an image of (height, width) pixels.

        Raises `ImageError` where the image does not contain the crop.
        """
        if self.crop is None:
            return Cut(top=0, left=0, height=size[0], width=size[1])
        if self.crop_of is None and not _contains(size, self.crop):
            raise ImageError(
                f"The picture has {size[1]}x{size[0]} pixels and does not contain the crop {self.crop}."
            )
        top, left, height, width = self.crop
        down, across = (now / then for now, then in zip(size, self.crop_of or size, strict=True))
        edges = (top * down, left * across, (top + height) * down, (left + width) * across)
        top, left, bottom, right = (round(edge) for edge in edges)
        return Cut(top=top, left=left, height=max(bottom - top, 1), width=max(right - left, 1))


def prepare(picture: Pillow.Image, preprocessing: Preprocessing, seen: Cut | None = None) -> Tensor:
    """Cut out what is `seen` of a decoded image, by default the crop, resize it and lay it out, (C, H, W) uint8."""
    picture = cropped(picture, preprocessing) if seen is None else cut_out(picture, seen)
    mode = "L" if preprocessing.channels == 1 else "RGB"
    picture = picture if picture.mode == mode else picture.convert(mode)  # a copy costs as much as resizing
    picture = picture.resize((preprocessing.size, preprocessing.size), Pillow.Resampling.BILINEAR)
    pixels = np.atleast_3d(np.asarray(picture))  # (H, W, C)
    return torch.from_numpy(pixels.transpose(2, 0, 1).copy())


def cropped(picture: Pillow.Image, preprocessing: Preprocessing) -> Pillow.Image:
    """Return the part of an image that the network sees, at the image's own resolution."""
    return cut_out(picture, preprocessing.rectangle_in((picture.height, picture.width)))


def to_float(pixels: Tensor) -> Tensor:
    """Return 8-bit pixels as float32 in [0, 1], of the same shape."""
    return pixels.to(torch.float32).div_(255)


def _contains(size: tuple[int, int], crop: tuple[int, int, int, int]) -> bool:
    """Return whether an image of (height, width) contains a crop."""
    top, left, height, width = crop
    return top + height <= size[0] and left + width <= size[1]
