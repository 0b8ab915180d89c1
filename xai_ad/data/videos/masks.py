"""Pixel masks that come with a set of clips, read only where they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from xai_ad.data.images import Preprocessing
from xai_ad.data.masks.reading import read_mask, to_mask
from xai_ad.data.videos.arrays import read_volume
from xai_ad.types import Mask


@dataclass(frozen=True, kw_only=True)
class ImageMasks:
    """One image a frame; None where a frame has none, which means that nothing is marked."""

    files: tuple[Path | None, ...]

    def read(self, preprocessing: Preprocessing) -> Iterator[Mask]:
        """Yield each frame's mask at the network's size, (H, W) bool, whatever the frame's own."""
        for file in self.files:
            nothing = np.zeros((preprocessing.size, preprocessing.size), dtype=bool)
            yield nothing if file is None else read_mask([file], preprocessing, file)

    def files_of(self, index: int) -> tuple[Path, ...]:
        """Return the file that holds a frame's mask, if there is one."""
        file = self.files[index]
        return () if file is None else (file,)


@dataclass(frozen=True, kw_only=True)
class VolumeMasks:
    """All masks of a clip in one MATLAB file, `volLabel`, as CUHK Avenue's publisher has them."""

    file: Path

    def read(self, preprocessing: Preprocessing) -> Iterator[Mask]:
        """Yield each frame's mask at the network's size, (H, W) bool; the file is read once, as a whole."""
        for marked in read_volume(self.file):
            yield to_mask(marked, preprocessing, marked.shape)

    def files_of(self, index: int) -> tuple[Path, ...]:  # noqa: ARG002  # one file for all frames
        """Return the file that holds a frame's mask."""
        return (self.file,)


ClipMasks: TypeAlias = ImageMasks | VolumeMasks
