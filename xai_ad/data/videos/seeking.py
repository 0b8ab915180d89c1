"""The way to one frame of a video: from the nearest key frame before it, instead of from the beginning.

A frame that is a change of others can be decoded once its key frame was. Where key frames lie shows only when the file
is read; an index remembers it. What is found is checked by its time, so that a file whose times mislead is read from
the beginning: slow, and right.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from xai_ad.data.videos.decoding import Decoded, decoded, decoded_from
from xai_ad.errors import ImageError

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_TRIES = 3
"""Key frames that are sought, the nearest first, before the file is read from its beginning."""


class FrameIndex:
    """Each frame's time and which are key frames, noted in presentation order: 8 bytes a frame.

    One thread may note while others ask for the way.
    """

    def __init__(self) -> None:
        self._times = array("q")
        self._keys = array("q")
        self._is_ordered = True

    def __len__(self) -> int:
        return len(self._times)

    def note(self, position: int, time: int | None, *, is_key: bool) -> None:
        """Note a frame that was read; one that is known already, or comes before its turn, changes nothing."""
        if position != len(self._times):
            return
        if time is None or (position and time <= self._times[-1]):
            self._is_ordered = False
        if is_key:
            self._keys.append(position)
        self._times.append(0 if time is None else time)

    def time(self, position: int) -> int:
        """Return a frame's time, in its stream's unit."""
        return self._times[position]

    def keys_before(self, position: int) -> list[int]:
        """Return the positions of the key frames to seek for a frame, the nearest first; none where seeking would not help.

        That is so for a frame that was not read yet, in a file without times, and before the second key frame.
        """
        if not self._is_ordered or position >= len(self._times):
            return []
        found = self._keys[: bisect_right(self._keys, position)]
        return [key for key in reversed(found[-_TRIES:]) if key > 0]


def frames_from(path: Path, start: int, index: FrameIndex | None) -> Iterator[tuple[int, Decoded]]:
    """Yield a video's frames from a position on, each with its position; raises as `decoded` does."""
    if start and index is not None:
        for key in index.keys_before(start):
            frames = _from_key(path, index, key, start)
            first = next(frames, None)
            if first is not None:
                yield start, Decoded(frame=first, is_headless=False)
                yield from (
                    (position, Decoded(frame=frame, is_headless=False))
                    for position, frame in enumerate(frames, start + 1)
                )
                return
    for position, found in enumerate(decoded(path)):
        if index is not None:
            index.note(position, found.frame.pts, is_key=bool(found.frame.key_frame))
        if position >= start:
            yield position, found


def _from_key(path: Path, index: FrameIndex, key: int, start: int) -> "Iterator[VideoFrame]":
    """Yield the frames from a position on, decoded from a key frame before it; none where they are not found."""
    frames = decoded_from(path, index.time(key))
    passed = start - key
    try:
        # What was shown before the key frame builds on frames that were not decoded.
        frames_after = (frame for frame in frames if frame.pts is not None and frame.pts >= index.time(key))
        for frame in islice(frames_after, passed + 1):
            if frame.pts == index.time(start):
                yield frame
                break
        else:
            return
    except ImageError:
        return
    yield from frames
