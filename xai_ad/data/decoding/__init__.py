"""From a file's bytes to an upright 8-bit picture."""

from xai_ad.data.decoding.files import (
    DICOM_SUFFIXES,
    FORMATS,
    KINDS,
    MAX_BYTES,
    MAX_PIXELS,
    SUFFIXES,
    names_image,
    sha256_of,
)
from xai_ad.data.decoding.levels import LevelsError, levels_text, parse_levels
from xai_ad.data.decoding.opening import DecodedImage, decode_image, kind_of, open_image
from xai_ad.data.decoding.pixels import eight_bit

__all__ = [
    "DICOM_SUFFIXES",
    "FORMATS",
    "KINDS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "SUFFIXES",
    "DecodedImage",
    "LevelsError",
    "decode_image",
    "eight_bit",
    "kind_of",
    "levels_text",
    "names_image",
    "open_image",
    "parse_levels",
    "sha256_of",
]
