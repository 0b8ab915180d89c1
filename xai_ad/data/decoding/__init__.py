"""From a file's bytes to an upright 8-bit picture."""

from xai_ad.data.decoding.files import FORMATS, MAX_BYTES, SUFFIXES, names_image, sha256_of
from xai_ad.data.decoding.opening import MAX_PIXELS, DecodedImage, decode_image, open_image
from xai_ad.data.decoding.pixels import eight_bit

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "SUFFIXES",
    "DecodedImage",
    "decode_image",
    "eight_bit",
    "names_image",
    "open_image",
    "sha256_of",
]
