"""What a clip's source is, whatever it is stored as, and how one is found: readers of more kinds build on this."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from PIL import Image as Pillow

from xai_ad.errors import ImageError

Undecoded: TypeAlias = tuple[int, Callable[[], Pillow.Image]]
"""A frame's number and what decodes it, in any thread and at any time; it raises `ImageError` for a damaged one,
and `HeadlessError` for one that no viewer shows."""

FIRST = 1
"""The number of the first frame where the frames have none of their own, as the publishers of labels count."""


class HeadlessError(ImageError):
    """A frame cannot be shown, since what it builds on was cut off before the clip's beginning: nothing is damaged."""


class FrameSource(Protocol):
    """A clip's frames, in order. Their `numbers` ascend, and a jump is a gap."""

    @property
    def path(self) -> Path:
        """Where the clip lies."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Each frame's number."""

    @property
    def sha256(self) -> str:
        """Of the clip's bytes."""

    def undecoded(self, start: int = 0) -> Iterator[Undecoded]:
        """Yield the frames from a position on; of a source that breaks off, an `ImageError` follows the last whole one."""


@dataclass(frozen=True, kw_only=True)
class ClipReader:
    """A kind of clip: which paths are this reader's to open, which of those look like clips, and what opens one.

    Paths may not exist. The first reader that claims a path is the one.
    """

    claims: Callable[[Path], bool]
    looks: Callable[[Path], bool]
    open: Callable[[Path], FrameSource]
