"""GIFs whose images follow one another without a block for their delay, of which FFmpeg takes several for one."""

from itertools import pairwise
from pathlib import Path

_HEADER = 13
"""Bytes before a GIF's colours."""
_DELAY = bytes([0x21, 0xF9, 4, 0, 0, 0, 0, 0])
"""A block that says nothing: no delay, no transparency."""
_EXTENSION, _IMAGE = 0x21, 0x2C


def with_delays(path: Path) -> bytes | None:
    """Return a GIF's bytes with a block of delay before each image; None for one that has them, and for other files."""
    with path.open("rb") as file:
        if file.read(4) != b"GIF8":
            return None
        file.seek(0)
        data = file.read()
    bare = _bare_images(data)
    if not bare:
        return None
    ends = [0, *bare, len(data)]
    return _DELAY.join(data[start:end] for start, end in pairwise(ends))


def _bare_images(data: bytes) -> list[int]:
    """Return where the images begin that have no block of delay before them, as far as the file can be followed."""
    found, has_delay = [], False
    try:
        place = _HEADER + _colours(data[10])
        while data[place] in {_EXTENSION, _IMAGE}:
            if data[place] == _EXTENSION:
                has_delay = has_delay or data[place + 1] == _DELAY[1]
                place = _behind(data, place + 2)
                continue
            if not has_delay:
                found.append(place)
            has_delay = False
            place = _behind(data, place + 11 + _colours(data[place + 9]))
    except IndexError:  # cut short: told where its frames are read
        return found
    return found


def _colours(flags: int) -> int:
    """Return how many bytes a table of colours has, by the flags before it."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _behind(data: bytes, place: int) -> int:
    """Return what stands behind a chain of blocks, each with its length before it, of which the last has none."""
    while length := data[place]:
        place += length + 1
    return place + 1
