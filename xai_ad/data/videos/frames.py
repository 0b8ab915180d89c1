"""A clip's frames as a network takes them, one after another: no clip is too long."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from xai_ad.data.images import Preprocessing, prepare
from xai_ad.data.videos.sources import FrameSource
from xai_ad.errors import ImageError

LEAST = 2
"""Frames that make a clip; one is a picture."""


@dataclass(frozen=True, kw_only=True)
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

    Frames of several sizes are each resized by themselves, gaps in the numbers are passed over, and a damaged picture
    or the end of a broken video costs only itself: `reading` tells of all three once the frames were iterated over.
    Iterating raises `ImageError`, before any frame is given out, where fewer than `least` can be read.
    """

    def __init__(
        self,
        source: FrameSource,
        preprocessing: Preprocessing,
        *,
        start: int = 0,
        stop: int | None = None,
        least: int = LEAST,
    ) -> None:
        self.source = source
        self.preprocessing = preprocessing
        self._range = (start, stop)
        self._least = least
        self._begin()

    @property
    def reading(self) -> Reading:
        """What is known so far; all of it after the last frame."""
        broken = self._broken
        if broken is not None and self._damaged > 1:
            broken = f"{broken} {self._damaged - 1} more could not be read."
        return Reading(frames=self._read, broken=broken, notes=(*self._gap_note(), *self._size_note()))

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
            if len(held) >= self._least:
                yield from held
                held = None
        if held is not None:
            self._refuse(len(held))

    def _begin(self) -> None:
        self._read = 0
        self._last: int | None = None
        self._gaps = 0
        self._first_gap = (0, 0)
        self._broken: str | None = None
        self._damaged = 0
        self._sizes: list[str] = []

    def _frames(self) -> Iterator[Frame]:
        start, stop = self._range
        undecoded = enumerate(self.source.undecoded())
        while True:
            try:
                position, (number, decode) = next(undecoded)
                if stop is not None and position >= stop:
                    return
                if position < start:
                    continue
                picture = decode()
                pixels = prepare(picture, self.preprocessing)
            except StopIteration:
                return
            except ImageError as error:  # a source that broke off ends at the next turn
                self._broken = self._broken or str(error)
                self._damaged += 1
                continue
            size = f"{picture.width}x{picture.height}"
            if size not in self._sizes and len(self._sizes) < 3:
                self._sizes.append(size)
            yield Frame(number=number, position=position, pixels=pixels)

    def _note(self, number: int) -> None:
        if self._last is not None and number != self._last + 1:
            if not self._gaps:
                self._first_gap = (self._last, number)
            self._gaps += 1
        self._last = number
        self._read += 1

    def _refuse(self, found: int) -> None:
        if self._broken is not None:
            rest = (
                ""
                if not found
                else f" Only {found} frame can be read, and a clip has at least {self._least}."
            )
            raise ImageError(f"{self._broken}{rest}")
        if not found:
            raise ImageError(f"{self.source.path} holds no frames in the range asked for.")
        raise ImageError(
            f"{self.source.path} has {found} frame; a clip has at least {self._least}. Inspect it as a picture."
        )

    def _gap_note(self) -> Iterator[str]:
        if self._gaps:
            before, after = self._first_gap
            more = f", and {self._gaps - 1} more" if self._gaps > 1 else ""
            yield f"The numbering has a gap after frame {before}, up to frame {after}{more}: no window goes across it."

    def _size_note(self) -> Iterator[str]:
        if len(self._sizes) > 1:
            yield f"The frames have several sizes ({', '.join(self._sizes)}): each was resized by itself."
