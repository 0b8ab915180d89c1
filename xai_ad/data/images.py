"""From the bytes of an image to the tensor a network takes.

Whatever comes in is refused in one line or becomes an 8-bit grey or colour image: header checked before decoding,
EXIF rotation honoured, alpha laid over white, 16 bits a channel reduced to 8.
"""

import hashlib
import io
import stat
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

import numpy as np
import torch
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError
from torch import Tensor

from xai_ad.data.cutting import cut_out
from xai_ad.data.fitting import MIN_SIDE, Cut, Size
from xai_ad.errors import ImageError, InvalidInputError
from xai_ad.types import Mask

FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
MAX_PIXELS = 80_000_000
"""Larger images are refused before they are decoded; 80 million pixels take 240 MB."""
MAX_BYTES = 512 * 2**20
MAX_SIDE = 1024
"""Sides of a network's input have `MIN_SIDE` to so many pixels."""

warnings.filterwarnings("ignore", category=Pillow.DecompressionBombWarning)
# Once and for all threads, since `catch_warnings` is for one thread alone; the limit here is the stricter one.

_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, EOFError, ArithmeticError, LookupError, struct.error)
"""What Pillow raises, one format or another, on damaged files."""


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How an image becomes a network's input: cropped, resized to a square (aspect not kept), scaled to [0, 1].

    `crop` is (top, left, height, width) in pixels of the image, or, with `crop_of`, of an image of that (height,
    width): then the crop scales with the image. `frames` is T for networks that take sequences.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    size: int = 128
    channels: Literal[1, 3] = 3
    crop: tuple[int, int, int, int] | None = None
    crop_of: tuple[int, int] | None = None
    frames: int | None = None
    resize: Literal["bilinear"] = "bilinear"

    def __post_init__(self) -> None:
        if not MIN_SIDE <= self.size <= MAX_SIDE or self.channels not in (1, 3):
            raise InvalidInputError(
                f"A network's input has {MIN_SIDE} to {MAX_SIDE} px and 1 or 3 channels. Got {self}."
            )
        if self.crop is not None and (min(self.crop[:2]) < 0 or min(self.crop[2:]) < 1):
            raise InvalidInputError(f"A crop is (top, left, height, width) with an area. Got {self.crop}.")
        if self.crop_of is not None and (self.crop is None or not _contains(self.crop_of, self.crop)):
            raise InvalidInputError(
                f"'crop_of' is the (height, width) of a picture that contains the crop {self.crop}. Got {self.crop_of}."
            )

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


def names_image(path: PurePath) -> bool:
    """Return whether a path ends as images do, and is not hidden."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def sha256_of(source: Path | bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(_bytes(source)).hexdigest()


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedImage:
    """An image that was read and decoded once: the SHA-256 of its bytes, and its pixels as `decode_image` has them."""

    sha256: str
    pixels: Pillow.Image


def open_image(source: Path | bytes) -> DecodedImage:
    """Read and decode a file, or its bytes; raises `ImageError` as `decode_image` does."""
    data = _bytes(source)
    return DecodedImage(sha256=sha256_of(data), pixels=_decode(data, _name(source)))


def decode_image(source: Path | bytes) -> Pillow.Image:
    """Decode a file, or its bytes, into an upright 8-bit image of mode L or RGB.

    Raises `ImageError` with one line for what is not an image, is damaged, too large or too small, or holds pixels
    that have no defined brightness (floating point).
    """
    return _decode(_bytes(source), _name(source))


def _name(source: Path | bytes) -> str:
    return str(source) if isinstance(source, Path) else "The file"


def _decode(data: bytes, name: str) -> Pillow.Image:
    """Decode a file's bytes; `name` stands in the `ImageError` of what cannot be."""
    if not data:
        raise ImageError(f"{name} is empty (0 bytes). Choose a PNG, JPEG, BMP, TIFF or WebP picture.")
    try:
        picture = Pillow.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError(f"{name} is not a PNG, JPEG, BMP, TIFF or WebP picture.") from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise ImageError(f"{name} claims too many pixels. At most {MAX_PIXELS:,} are read.") from error
    except _DAMAGE as error:
        raise ImageError(f"{name} has a damaged header ({error}). Export the picture again.") from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} has {width}x{height} pixels; at most {MAX_PIXELS:,} are read. Make it smaller."
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"{name} has {width}x{height} pixels; at least {MIN_SIDE}x{MIN_SIDE} are needed.")
    try:
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        return eight_bit(picture, name)
    except _DAMAGE as error:
        raise ImageError(f"{name} is damaged or cut short ({error}). Export the picture again.") from error


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


def read_mask(path: Path, preprocessing: Preprocessing) -> Mask:
    """Return a defect's mask at the network's size, (H, W) bool, nearest neighbour; any non-black pixel is defect."""
    return to_mask(decode_image(path), preprocessing)


def to_mask(picture: Pillow.Image, preprocessing: Preprocessing) -> Mask:
    """Return an image's non-black pixels at the network's size, (H, W) bool, nearest neighbour."""
    picture = cropped(picture, preprocessing).convert("L")
    size = (preprocessing.size, preprocessing.size)
    mask: Mask = np.asarray(picture.resize(size, Pillow.Resampling.NEAREST)) > 0
    return mask


def _contains(size: tuple[int, int], crop: tuple[int, int, int, int]) -> bool:
    """Return whether an image of (height, width) contains a crop."""
    top, left, height, width = crop
    return top + height <= size[0] and left + width <= size[1]


def _bytes(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        found = source.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
            raise ImageError(f"{source} is no regular file of at most {MAX_BYTES // 2**20} MB.")
        return source.read_bytes()
    except (OSError, ValueError) as error:
        raise ImageError(f"{source} cannot be read ({getattr(error, 'strerror', None) or error}).") from error


def eight_bit(picture: Pillow.Image, name: str) -> Pillow.Image:
    """Return a decoded image of any mode as one of mode L or RGB; `name` stands in the `ImageError` of what has none."""
    mode = picture.mode
    if mode in {"F", "LAB", "HSV"}:
        raise ImageError(
            f"{name} has pixels of mode {mode!r}. Export it as an 8-bit or 16-bit grey or RGB picture."
        )
    if mode.startswith("I"):
        wide = np.asarray(picture).astype(np.float64)
        if wide.min() < 0 or wide.max() > 65_535:
            raise ImageError(
                f"{name} has 32-bit pixels. Export it as an 8-bit or 16-bit grey or RGB picture."
            )
        return Pillow.fromarray(np.round(wide / 257).astype(np.uint8))
    if "A" in mode or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Pillow.new("RGBA", picture.size, "white")
        return Pillow.alpha_composite(white, picture).convert("RGB")
    return picture if mode in {"L", "RGB"} else picture.convert("L" if mode == "1" else "RGB")
