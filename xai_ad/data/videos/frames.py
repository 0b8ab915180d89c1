"""A clip's frames as a network takes them, one after another: no clip is too long."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from PIL import Image as Pillow
from torch import Tensor

from xai_ad.data.fitting import Cut, Size
from xai_ad.data.images import Preprocessing, prepare
from xai_ad.data.videos.base import FrameSource, HeadlessError
from xai_ad.errors import ImageError

LEAST = 2
"""Frames that make a clip; one is an image."""
LARGE = 250_000
"""Pixels of a frame from which on handing it to a thread costs less than it gains."""
READERS = min(4, os.cpu_count() or 1)
"""Threads that decode a clip's frames, and how many frames they are ahead: images of 8K are large."""
_Decoded: TypeAlias = tuple[Size, Tensor]
"""A frame's own size, and its pixels as a network takes them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """One frame: its number, its place in its source from 0, and its pixels, (C, H, W) uint8."""

    number: int
    position: int
    pixels: Tensor


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a clip turned out to be, in one-line texts: how many frames were read, what broke, what else to know."""

    frames: int
    broken: str | None
    notes: tuple[str, ...]


class FrameStream:
    """A source's frames from `start` to before `stop` (positions), decoded, cropped and resized as images are.

    `seen` says what is seen of a frame of (height, width) pixels, where that is not just the crop.
    Frames of several sizes are each resized by themselves, gaps in the numbers are passed over, and a damaged image
    or the end of a broken video costs only itself: `reading` tells of all three once the frames were iterated over.
    Iterating raises `ImageError`, before any frame is given out, where fewer than `LEAST` can be read.
    """

    def __init__(
        self,
        source: FrameSource,
        preprocessing: Preprocessing,
        *,
        start: int = 0,
        stop: int | None = None,
        seen: Callable[[Size], Cut] | None = None,
    ) -> None:
        self.source = source
        self.preprocessing = preprocessing
        self._seen = seen
        self._range = (start, stop)
        self._begin()

    @property
    def reading(self) -> Reading:
        """What is known so far; all of it after the last frame."""
        broken = [text for text in (self._first_damage, self._end) if text is not None]
        if self._damaged > 1:
            broken.insert(1, f"{self._damaged - 1} more could not be read.")
        return Reading(
            frames=self._read,
            broken=" ".join(broken) or None,
            notes=(*self._headless_note(), *self._gap_note(), *self._size_note()),
        )

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames; each iteration reads the source anew."""
        self._begin()
        held: list[Frame] | None = []
        for frame in self._frames():
            self._note(frame.number)
            if held is None:
                yield frame
                continue
            held.append(frame)
            if len(held) >= LEAST:
                yield from held
                held = None
        if held is not None:
            self._refuse(len(held))

    def _begin(self) -> None:
        self._read = 0
        self._last: int | None = None
        self._gaps = 0
        self._first_gap = (0, 0)
        self._first_damage: str | None = None
        self._damaged = 0
        self._headless = 0
        self._end: str | None = None
        self._large = False
        self.sizes: list[Size] = []
        """The frames' own sizes that were met, up to three different ones."""

    def _frames(self) -> Iterator[Frame]:
        """Yield the frames that can be read, in order; large ones are decoded by some threads a few frames ahead."""
        waiting: deque[tuple[int, int, Callable[[], _Decoded]]] = deque()
        with ThreadPoolExecutor(READERS, thread_name_prefix="frames") as readers:
            for position, number, decode in self._undecoded():
                work = partial(self._prepared, decode)
                waiting.append((position, number, readers.submit(work).result if self._large else work))
                if len(waiting) > READERS:
                    yield from self._decoded(*waiting.popleft())
            while waiting:
                yield from self._decoded(*waiting.popleft())

    def _undecoded(self) -> Iterator[tuple[int, int, Callable[[], Pillow.Image]]]:
        """Yield the positions, the numbers and what decodes the frames, in the range asked for."""
        start, stop = self._range
        try:
            for position, (number, decode) in enumerate(self.source.undecoded(start), start):
                if stop is not None and position >= stop:
                    return
                yield position, number, decode
        except ImageError as error:
            self._end = str(error)

    def _prepared(self, decode: Callable[[], Pillow.Image]) -> _Decoded:
        """Return a frame's own size and its pixels as the network takes them; threads call it."""
        picture = decode()
        size = picture.height, picture.width
        return size, prepare(picture, self.preprocessing, None if self._seen is None else self._seen(size))

    def _decoded(self, position: int, number: int, finish: Callable[[], _Decoded]) -> Iterator[Frame]:
        """Yield a frame once it is decoded, or nothing where it is damaged."""
        try:
            size, pixels = finish()
        except HeadlessError:
            self._headless += 1
            return
        except ImageError as error:
            self._first_damage = self._first_damage or str(error)
            self._damaged += 1
            return
        self._large = size[0] * size[1] >= LARGE
        if size not in self.sizes and len(self.sizes) < 3:
            self.sizes.append(size)
        yield Frame(number=number, position=position, pixels=pixels)

    def _note(self, number: int) -> None:
        if self._last is not None and number != self._last + 1:
            if not self._gaps:
                self._first_gap = (self._last, number)
            self._gaps += 1
        self._last = number
        self._read += 1

    def _refuse(self, found: int) -> None:
        broken = self.reading.broken
        if broken is not None:
            rest = "" if not found else f" Only {found} frame can be read, and a clip has at least {LEAST}."
            raise ImageError(f"{broken}{rest}")
        if not found:
            raise ImageError(f"{self.source.path} holds no frames in the range asked for.")
        raise ImageError(
            f"{self.source.path} has {found} frame; a clip has at least {LEAST}. Inspect it as a picture."
        )

    def _headless_note(self) -> Iterator[str]:
        if self._headless:
            frames = "frame builds" if self._headless == 1 else f"{self._headless} frames build"
            yield f"The first {frames} on others that were cut off: no viewer shows them, and they are passed over."

    def _gap_note(self) -> Iterator[str]:
        if self._gaps:
            before, after = self._first_gap
            more = f", and {self._gaps - 1} more" if self._gaps > 1 else ""
            yield f"The numbering has a gap after frame {before}, up to frame {after}{more}: no window goes across it."

    def _size_note(self) -> Iterator[str]:
        if len(self.sizes) > 1:
            sizes = ", ".join(f"{width}x{height}" for height, width in self.sizes)
            yield f"The frames have several sizes ({sizes}): each was resized by itself."
