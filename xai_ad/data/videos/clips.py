"""A clip: frames that follow one another, what is known of them, and how to stream them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from xai_ad.data.images import Preprocessing
from xai_ad.data.videos.base import FrameSource
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.masks import ClipMasks
from xai_ad.data.videos.sources import FolderFrames


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A source's frames from position `start` on, one for each of `numbers` (F,).

    `labels` (F,) says which frames are anomalous, None where that is unknown. `sha256` is that of the source's bytes, and
    of the range where the clip is only a stretch of it.
    """

    name: str
    source: FrameSource
    subset: Literal["train", "test"]
    numbers: tuple[int, ...]
    sha256: str
    start: int = 0
    labels: tuple[bool, ...] | None = None
    masks: ClipMasks | None = None

    @property
    def path(self) -> Path:
        """Where the clip lies."""
        return self.source.path

    @cached_property
    def frame_hashes(self) -> tuple[str, ...]:
        """A name for each frame that the clip's bytes and the frame's number decide.

        Not of the frame's own bytes: a still scene repeats frames, and clips are what a split deals out.
        """
        return tuple(
            hashlib.sha256(f"{self.sha256}:{number}".encode()).hexdigest() for number in self.numbers
        )

    def file_of(self, index: int) -> Path:
        """Return the file that holds a frame: the image's own, or the archive or video."""
        if isinstance(self.source, FolderFrames):
            return self.source.files[self.start + index]
        return self.path

    def stream(self, preprocessing: Preprocessing) -> FrameStream:
        """Return the clip's frames as a network takes them, one after another."""
        return FrameStream(self.source, preprocessing, start=self.start, stop=self.start + len(self.numbers))


def stretch(clip: Clip, begin: int, end: int, *, name: str, subset: Literal["train", "test"]) -> Clip:
    """Return the part of a clip from index `begin` to before `end`, as a clip of its own; masks stay behind."""
    return Clip(
        name=name,
        source=clip.source,
        subset=subset,
        numbers=clip.numbers[begin:end],
        sha256=hashlib.sha256(f"{clip.sha256}:{begin}:{end}".encode()).hexdigest(),
        start=clip.start + begin,
        labels=None if clip.labels is None else clip.labels[begin:end],
    )
