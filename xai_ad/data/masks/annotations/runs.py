"""Masks as lengths of runs: COCO's, column by column, plain or as text, and Label Studio's brush, packed in bits."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.decoding.files import MAX_PIXELS
from xai_ad.data.fitting import Size
from xai_ad.errors import DatasetError

_CHANNELS = 4
_WORD = 8
"""Bits of one of the brush's values."""


def from_coco(counts: Sequence[int] | str, size: Size, where: str) -> NDArray[np.bool_]:
    """Return a mask, (h, w) bool of a (height, width), from COCO's lengths: unmarked, marked, unmarked and so on.

    They go down the columns. `where` stands in the `DatasetError` of lengths that do not fill the mask.
    """
    lengths = coco_lengths(counts, size, where)
    marked = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return marked.reshape(size[1], size[0]).T


def coco_lengths(counts: Sequence[int] | str, size: Size, where: str) -> list[int]:
    """Return COCO's lengths; raises `DatasetError` for such as do not fill a mask of a (height, width)."""
    require_area(size, where)
    lengths = _lengths_of(counts, where) if isinstance(counts, str) else list(counts)
    if min(lengths, default=0) < 0 or sum(lengths) != size[0] * size[1]:
        raise DatasetError(
            f"{where} has runs of {sum(lengths)} pixels in all, and the mask has {size[1]}x{size[0]}. Export it again."
        )
    return lengths


def _lengths_of(text: str, where: str) -> list[int]:
    """Return the lengths that COCO writes as text.

    A character has five bits of a number, the lowest first, and one that says whether more follow; the last one's fifth
    is the sign. From the fourth number on each is a difference to the last but one.
    """
    lengths: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64:
            raise DatasetError(f"{where} has the character {character!r} in its runs. Export it again.")
        value |= (code & 31) << shift
        shift += 5
        if not code & 32:
            if code & 16:
                value -= 1 << shift
            lengths.append(value + (lengths[-2] if len(lengths) > 2 else 0))
            value = shift = 0
    if shift:
        raise DatasetError(f"{where} has runs that are cut short. Export it again.")
    return lengths


def from_brush(packed: bytes, size: Size, where: str) -> NDArray[np.bool_]:
    """Return a mask, (h, w) bool of a (height, width), from the bytes of Label Studio's brush.

    They hold, in bits: the number of values (32), the bits of a value less one (5), four widths less one (4 each); then
    blocks of a flag, the number of a width (2), a length less one in so many bits, and one value where the flag is set,
    else as many as the length. The values are red, green, blue and alpha of each pixel, row by row; what is not
    transparent is marked.
    """
    require_area(size, where)
    broken = DatasetError(f"{where} has a brush of {len(packed)} bytes that is damaged. Export it again.")
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))
    text = bits.tobytes().translate(
        bytes([48, 49]) + bytes(254)
    )  # the same bits as digits: quick to take numbers from

    def number(start: int, count: int) -> int:
        if start + count > len(text):
            raise broken
        return int(text[start : start + count], 2)

    total, word = number(0, 32), number(32, 5) + 1
    if total != size[0] * size[1] * _CHANNELS or word != _WORD:
        raise DatasetError(
            f"{where} has a brush of {total} values of {word} bits, and the picture has {size[1]}x{size[0]} pixels, of "
            f"{_CHANNELS} values of {_WORD} bits each. Export it again."
        )
    widths = [number(37 + 4 * place, 4) + 1 for place in range(4)]
    values = np.zeros(total, dtype=np.uint8)
    at, done = 53, 0
    while done < total:
        flag, width = number(at, 1), widths[number(at + 1, 2)]
        length = number(at + 3, width) + 1
        at += 3 + width
        taken = _WORD * (1 if flag else length)
        if done + length > total or at + taken > len(bits):
            raise broken
        values[done : done + length] = np.packbits(bits[at : at + taken])
        at, done = at + taken, done + length
    return values.reshape(*size, _CHANNELS)[..., 3] > 0


def require_area(size: Size, where: str) -> None:
    """Raise `DatasetError` for a (height, width) that no picture has."""
    if min(size) < 1 or size[0] * size[1] > MAX_PIXELS:
        raise DatasetError(
            f"{where} says that its picture has {size[1]}x{size[0]} pixels; 1 to {MAX_PIXELS:,} are read."
        )
