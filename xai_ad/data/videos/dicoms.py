"""A DICOM file of several frames as a clip."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image as Pillow

from xai_ad.data.decoding import DICOM_SUFFIXES, sha256_of
from xai_ad.data.decoding.dicom import DicomFile, begins_as_dicom, open_dicom
from xai_ad.data.decoding.files import bytes_of
from xai_ad.data.decoding.pixels import eight_bit
from xai_ad.data.videos.base import FIRST, ClipReader, Undecoded
from xai_ad.errors import ImageError


@dataclass(frozen=True, kw_only=True)
class DicomFrames:
    """A DICOM file; its frames are numbered from 1."""

    path: Path

    @property
    def numbers(self) -> tuple[int, ...]:
        """Each frame's number."""
        return tuple(range(FIRST, FIRST + self._opened().frames))

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return sha256_of(self.path)

    def undecoded(self, start: int = 0) -> Iterator[Undecoded]:
        """Yield the frames from a position on."""
        opened = self._opened()
        for index in range(start, opened.frames):
            yield FIRST + index, partial(_decoded, opened, index)

    def _opened(self) -> DicomFile:
        return open_dicom(bytes_of(self.path), str(self.path))


def has_frames(path: Path) -> bool:
    """Return whether a file is a DICOM file of several frames; one that is damaged is not."""
    try:
        if path.suffix.lower() not in {*DICOM_SUFFIXES, ""} or not path.is_file():
            return False
        with path.open("rb") as file:
            if not begins_as_dicom(file.read(132)):
                return False
        return open_dicom(bytes_of(path), str(path)).frames > 1
    except (ImageError, OSError):
        return False


def _decoded(opened: DicomFile, index: int) -> Pillow.Image:
    return eight_bit(opened.frame(index), opened.name)


DICOM_READER = ClipReader(claims=has_frames, looks=lambda _: True, open=lambda path: DicomFrames(path=path))
