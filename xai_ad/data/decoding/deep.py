"""Pictures of more than 8 bits a pixel: their values, what their files say of white, and the 8-bit picture."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from xai_ad.data.decoding.levels import (
    FULL,
    UNIT,
    WHITES,
    LevelsError,
    Span,
    fits,
    require_fit,
    require_values,
    white_by_values,
)
from xai_ad.errors import ImageError

if TYPE_CHECKING:
    from av import VideoFrame

_BITS, _INTERPRETATION, _DESCRIPTION = 258, 262, 270
_EXTRA_SAMPLES = 338
_ASSOCIATED = 1
_WHITE_TAGS = (341, 50717, 281)  # SMaxSampleValue, DNG's WhiteLevel, MaxSampleValue
_SIGNIFICANT = re.compile(r'SignificantBits="(\d+)"')  # OME-TIFF
_PNG_CHUNKS = 8  # after the signature


@dataclass(frozen=True, kw_only=True, eq=False)
class DeepPixels:
    """The values, (H, W) or (H, W, 3), integers or floating point, and how opaque they are, (H, W), where that is known.

    `stated` are white values that the file's tags state, the most reliable first.
    """

    values: NDArray[Any]
    alpha: NDArray[Any] | None = None
    is_premultiplied: bool = False
    zero_is_white: bool = False
    stated: tuple[int, ...] = ()
    as_stored: bool = False
    """Whether the picture's orientation is still to be honoured, whatever Pillow has done."""

    @property
    def span(self) -> Span:
        """The smallest and the largest value; NaN where any value is."""
        return Span(
            smallest=float(self.values.min()),
            largest=float(self.values.max()),
            is_float=self.values.dtype.kind == "f",
        )


def is_deep(picture: Pillow.Image) -> bool:
    """Return whether an opened image, not yet loaded, has more than 8 bits a channel."""
    return picture.mode.startswith(("I", "F")) or (
        picture.format in {"PNG", "TIFF"} and ";16" in _raw_mode(picture)
    )


def deep_pixels(picture: Pillow.Image, data: bytes, name: str) -> DeepPixels:
    """Return the values of an opened image that `is_deep`; raises `ImageError` for colours that cannot be told."""
    raw, stated, tags = _raw_mode(picture), stated_whites(picture, data), _tags(picture)
    picture.load()
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture)
        clear = picture.info.get("transparency")
        return DeepPixels(
            values=values,
            alpha=np.where(values == clear, 0, FULL) if isinstance(clear, int) else None,
            zero_is_white=tags.get(_INTERPRETATION) == 0,
            stated=stated,
        )
    if "CMYK" in raw or picture.tell() > 0:
        raise ImageError(
            f"{name} has colours of 16 bits that cannot be read. Export it as an 8-bit RGB picture."
        )
    bands = _colour_bands(data, picture, name)
    extra = tags.get(_EXTRA_SAMPLES, ())
    has_alpha = bands.shape[2] == 4 and extra != (0,)
    return DeepPixels(
        values=bands[:, :, :3],
        alpha=bands[:, :, 3] if has_alpha else None,
        is_premultiplied=extra == (_ASSOCIATED,),
        stated=stated,
        as_stored=True,
    )


def white_of(pixels: DeepPixels, name: str, *, levels: int | None, assumed: int | None) -> int:
    """Return which value is white: the one given, that of the file's tags, the assumed one, or the only one possible.

    Raises `ImageError` for values that are none of a brightness or lie beyond `levels`, and `LevelsError` where
    nothing says it.
    """
    span = pixels.span
    require_values(span, name)
    if levels is not None:
        require_fit(span, levels, name)
        return levels
    for white in (*pixels.stated, assumed):
        if white is not None and fits(span, white):
            return white
    found = white_by_values(span)
    if found is None:
        raise LevelsError(name, span)
    return found


def reduced(pixels: DeepPixels, white: int) -> Pillow.Image:
    """Return the 8-bit picture, mode L or RGB, that a viewer shows; transparent pixels lie over white."""
    bright = _bright(pixels.values, white)
    if pixels.zero_is_white:
        bright = 255 - bright
    if pixels.alpha is not None:
        opaque = white if pixels.alpha.max() <= white else FULL
        share = pixels.alpha.astype(np.float32) / np.float32(opaque)
        share = share if bright.ndim == 2 else share[:, :, None]
        own = bright if pixels.is_premultiplied else bright * share
        bright = np.clip(np.round(own + 255 * (1 - share)), 0, 255).astype(np.uint8)
    return Pillow.fromarray(np.ascontiguousarray(bright))


def _bright(values: NDArray[Any], white: int) -> NDArray[np.uint8]:
    """Return values from 0 to white as 0 to 255, rounded."""
    if values.dtype.kind == "f":
        return np.clip(np.round(values * (255 / white)), 0, 255).astype(np.uint8)
    table = np.round(np.arange(white + 1) * (255 / white)).astype(np.uint8)
    bright: NDArray[np.uint8] = table[values]
    return bright


def stated_whites(picture: Pillow.Image, data: bytes) -> tuple[int, ...]:
    """Return the white values that a file's tags state; what no depth has is passed over."""
    if picture.format == "PNG":
        bits = _significant_bits(data)
        return () if bits is None else (2**bits - 1, FULL)  # the standard scales them up, not everyone does
    return whites_of_tags(_tags(picture), is_float=picture.mode == "F")


def whites_of_tags(tags: Mapping[int, Any], *, is_float: bool) -> tuple[int, ...]:
    """Return the white values that a TIFF's tags, by number, state, the most reliable first."""
    bits = tags.get(_BITS, 1)
    if (max(bits) if isinstance(bits, tuple) else bits) == 12:  # packed: there are no other values
        return (4095,)
    found = []
    described = _SIGNIFICANT.search(str(tags.get(_DESCRIPTION, "")))
    if described:
        found.append(2 ** int(described[1][:2]) - 1)
    for tag in _WHITE_TAGS:
        value = tags.get(tag)
        found += [max(value) if isinstance(value, tuple) and value else value]
    return tuple(white for white in found if white in WHITES or (is_float and white == UNIT))


def _tags(picture: Pillow.Image) -> dict[int, Any]:
    return dict(getattr(picture, "tag_v2", {}))


def _significant_bits(data: bytes) -> int | None:
    """Return the bits of a PNG's chunk sBIT, where the image does not use all that a sample has."""
    place = _PNG_CHUNKS
    while place + 8 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        if kind == b"IDAT":
            return None
        if kind == b"sBIT":
            content = data[place + 8 : place + 8 + min(length, 3)]  # the fourth, if any, is alpha's
            return max(content) if content and 2 ** max(content) - 1 in WHITES else None
        place += length + 12
    return None


def _raw_mode(picture: Pillow.Image) -> str:
    """Return how Pillow unpacks the image's samples."""
    tiles = getattr(picture, "tile", None) or [None]
    arguments = getattr(tiles[0], "args", "")
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def _colour_bands(data: bytes, picture: Pillow.Image, name: str) -> NDArray[np.uint16]:
    """Return all 16 bits of a colour image, (H, W, 3 or 4); Pillow keeps eight of them."""
    import av

    try:
        with av.open(
            io.BytesIO(data), "r", format="png_pipe" if picture.format == "PNG" else "tiff_pipe"
        ) as opened:
            bands = _array(next(opened.decode(video=0)))
    except (av.FFmpegError, StopIteration, ValueError, OSError) as error:
        raise ImageError(
            f"{name} has colours of 16 bits that cannot be read. Export it as an 8-bit picture."
        ) from error
    if (
        bands.dtype != np.uint16
        or bands.ndim != 3
        or picture.size not in {bands.shape[1::-1], bands.shape[:2]}
    ):
        raise ImageError(f"{name} has colours of 16 bits that cannot be read. Export it as an 8-bit picture.")
    return bands


def _array(frame: "VideoFrame") -> NDArray[np.uint16]:
    """Return a frame's samples; grey ones with alpha, which the library does not hand out, as coloured ones."""
    is_grey = frame.format.name.startswith("ya16")
    samples: NDArray[Any] = (frame.reformat(format="rgba64le") if is_grey else frame).to_ndarray()
    return samples.astype(np.uint16, copy=False)
