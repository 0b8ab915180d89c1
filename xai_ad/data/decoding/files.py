"""The bytes of a picture's file: what it may be called and hold, how large it may be, and its hash."""

import hashlib
import stat
from pathlib import Path, PurePath

from xai_ad.data.fitting import MIN_SIDE
from xai_ad.data.hidden import is_hidden
from xai_ad.errors import ImageError

FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "AVIF")
"""What Pillow reads; HEIC and DICOM have libraries of their own."""
KINDS = "PNG, JPEG, BMP, TIFF, WebP, HEIC, AVIF or DICOM"
"""All kinds of pictures, as sentences have them."""
DICOM_SUFFIXES = frozenset({".dcm", ".dicom"})
_ENDINGS = "png apng jpg jpeg jpe jfif bmp tif tiff webp heic heif hif avif"
SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split()) | DICOM_SUFFIXES
MAX_BYTES = 512 * 2**20
MAX_PIXELS = 80_000_000
"""Larger images are refused before they are decoded; 80 million pixels take 240 MB."""


def names_image(path: PurePath) -> bool:
    """Return whether a path ends as images do, and is not hidden."""
    return path.suffix.lower() in SUFFIXES and not is_hidden(path.name)


def sha256_of(source: Path | bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(bytes_of(source)).hexdigest()


def bytes_of(source: Path | bytes) -> bytes:
    """Return a file's bytes; raises `ImageError` for one that cannot be read, is too large, or is no regular file."""
    if isinstance(source, bytes):
        return source
    try:
        found = source.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ImageError(f"{source} is a folder, a pipe or a device, and no regular file.")
        if found.st_size > MAX_BYTES:
            raise ImageError(f"{source} has {found.st_size:,} bytes; at most {MAX_BYTES:,} are read.")
        return source.read_bytes()
    except (OSError, ValueError) as error:
        raise ImageError(f"{source} cannot be read ({getattr(error, 'strerror', None) or error}).") from error


def require_size(size: tuple[int, int], name: str, *, least: int = MIN_SIDE) -> None:
    """Raise `ImageError` for a picture of (width, height) pixels that is too large or too small."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} has {width}x{height} pixels; at most {MAX_PIXELS:,} are read. Make it smaller."
        )
    if min(width, height) < least:
        raise ImageError(f"{name} has {width}x{height} pixels; at least {least}x{least} are needed.")
