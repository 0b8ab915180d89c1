"""From the bytes of a file to an upright 8-bit picture, or one line that says why not.

Whatever comes in is refused in one line or becomes an 8-bit grey or colour image: header checked before decoding,
EXIF rotation honoured, alpha laid over white, 16 bits a channel reduced to 8.
"""

import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from xai_ad.data.decoding.files import FORMATS, bytes_of, sha256_of
from xai_ad.data.decoding.pixels import eight_bit
from xai_ad.data.fitting import MIN_SIDE
from xai_ad.errors import ImageError

MAX_PIXELS = 80_000_000
"""Larger images are refused before they are decoded; 80 million pixels take 240 MB."""

warnings.filterwarnings("ignore", category=Pillow.DecompressionBombWarning)
# Once and for all threads, since `catch_warnings` is for one thread alone; the limit here is the stricter one.

DAMAGE = (OSError, SyntaxError, ValueError, TypeError, EOFError, ArithmeticError, LookupError, struct.error)
"""What Pillow raises, one format or another, on damaged files."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedImage:
    """An image that was read and decoded once: the SHA-256 of its bytes, and its pixels as `decode_image` has them."""

    sha256: str
    pixels: Pillow.Image


def open_image(source: Path | bytes) -> DecodedImage:
    """Read and decode a file, or its bytes; raises `ImageError` as `decode_image` does."""
    data = bytes_of(source)
    return DecodedImage(sha256=sha256_of(data), pixels=_decode(data, _name(source)))


def decode_image(source: Path | bytes) -> Pillow.Image:
    """Decode a file, or its bytes, into an upright 8-bit image of mode L or RGB.

    Raises `ImageError` with one line for what is not an image, is damaged, too large or too small, or holds pixels
    that have no defined brightness (floating point).
    """
    return _decode(bytes_of(source), _name(source))


def _name(source: Path | bytes) -> str:
    return str(source) if isinstance(source, Path) else "The file"


def open_header(data: bytes, name: str) -> Pillow.Image:
    """Return a file's picture before its pixels are decoded, as stored; `name` stands in the `ImageError` of what is none.

    What decodes it later catches `DAMAGE`.
    """
    if not data:
        raise ImageError(f"{name} is empty (0 bytes). Choose a PNG, JPEG, BMP, TIFF or WebP picture.")
    try:
        picture = Pillow.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError(f"{name} is not a PNG, JPEG, BMP, TIFF or WebP picture.") from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise ImageError(f"{name} claims too many pixels. At most {MAX_PIXELS:,} are read.") from error
    except DAMAGE as error:
        raise ImageError(f"{name} has a damaged header ({error}). Export the picture again.") from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} has {width}x{height} pixels; at most {MAX_PIXELS:,} are read. Make it smaller."
        )
    return picture


def _decode(data: bytes, name: str) -> Pillow.Image:
    """Decode a file's bytes; `name` stands in the `ImageError` of what cannot be."""
    picture = open_header(data, name)
    width, height = picture.size
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"{name} has {width}x{height} pixels; at least {MIN_SIDE}x{MIN_SIDE} are needed.")
    try:
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        return eight_bit(picture, name)
    except DAMAGE as error:
        raise ImageError(f"{name} is damaged or cut short ({error}). Export the picture again.") from error
