"""Where a clip's frames come from: a folder of images, a ZIP of them, or a video file.

A source knows its frames' numbers and hands out each frame undecoded, so that a reader that skips frames pays for
none of them.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from PIL import Image as Pillow

from xai_ad.data.decoding import MAX_BYTES, SUFFIXES, decode_image, names_image
from xai_ad.data.hidden import is_hidden, lies_hidden
from xai_ad.data.videos.base import FIRST, ClipReader, FrameSource, HeadlessError, Undecoded
from xai_ad.data.videos.decoding import VIDEO_SUFFIXES, as_image, count_frames
from xai_ad.data.videos.dicoms import DICOM_READER
from xai_ad.data.videos.seeking import FrameIndex, frames_from
from xai_ad.errors import ImageError

_DIGITS = re.compile(r"\d+")
_MOST_DIGITS = 18
"""Of a frame's number; more are rather a time or a hash, and would not fit 64 bits."""


@dataclass(frozen=True, kw_only=True)
class FolderFrames:
    """A folder of images, ordered by the numbers in their names."""

    path: Path
    files: tuple[Path, ...]
    numbers: tuple[int, ...]
    levels: int | None = None
    assumed: int | None = None

    @property
    def sha256(self) -> str:
        """Of the images' bytes, one after another."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def undecoded(self, start: int = 0) -> Iterator[Undecoded]:
        """Yield the images from a position on."""
        for number, file in zip(self.numbers[start:], self.files[start:], strict=True):
            yield number, partial(decode_image, file, levels=self.levels, assumed=self.assumed)


@dataclass(frozen=True, kw_only=True)
class ZipFrames:
    """A ZIP archive of images, ordered by the numbers in their names."""

    path: Path
    names: tuple[str, ...]
    numbers: tuple[int, ...]
    levels: int | None = None
    assumed: int | None = None

    @property
    def sha256(self) -> str:
        """Of the archive's bytes."""
        return _file_sha256(self.path)

    def undecoded(self, start: int = 0) -> Iterator[Undecoded]:
        """Yield the images from a position on."""
        archive = zipfile.ZipFile(self.path)  # closes with the last frame that is still to be decoded
        for number, name in zip(self.numbers[start:], self.names[start:], strict=True):
            yield number, partial(self._picture, archive, name)

    def _picture(self, archive: zipfile.ZipFile, name: str) -> Pillow.Image:
        where = f"{name!r} in {self.path}"
        if archive.getinfo(name).file_size > MAX_BYTES:
            raise ImageError(f"{where} has more than {MAX_BYTES // 2**20} MB.")
        try:
            data = archive.read(name)
        except (
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            NotImplementedError,
            OSError,
            EOFError,
        ) as error:
            raise ImageError(f"{where} cannot be read ({error}).") from error
        try:
            return decode_image(data, levels=self.levels, assumed=self.assumed)
        except ImageError as error:
            raise ImageError(f"{where}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class VideoFrames:
    """A video file; its frames are numbered from 1.

    An `index`, where it is given one, is filled as the file is read, and finds the way to frames that were read before.
    """

    path: Path
    index: FrameIndex | None = field(default=None, compare=False)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Each frame's number; counting them decodes the file."""
        return tuple(range(FIRST, FIRST + count_frames(self.path)))

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return _file_sha256(self.path)

    def undecoded(self, start: int = 0) -> Iterator[Undecoded]:
        """Yield the frames from a position on in presentation order, whatever the times between them.

        A damaged frame damages those after it, which are changes of it, up to the next that stands by itself.
        """
        damaged = False
        for position, found in frames_from(self.path, start, self.index):
            frame, number = found.frame, FIRST + position
            damaged = frame.is_corrupt or (damaged and not frame.key_frame)
            name = f"Frame {number} of {self.path}"
            if found.is_headless:
                yield number, partial(_pass_over, name)
            else:
                yield number, partial(_refuse, name) if damaged else partial(as_image, frame, name)


def _open_folder(path: Path) -> FolderFrames:
    numbers, names = _in_order(
        [file.name for file in path.iterdir() if names_image(file) and file.is_file()], path
    )
    return FolderFrames(path=path, files=tuple(path / name for name in names), numbers=numbers)


def _open_zip(path: Path) -> ZipFrames:
    names = _names_in(path)
    if len(names) == 1 and not _DIGITS.search(PurePosixPath(names[0]).stem):
        return ZipFrames(path=path, names=tuple(names), numbers=(FIRST,))  # nothing to put in order
    numbers, ordered = _in_order(names, path)
    return ZipFrames(path=path, names=ordered, numbers=numbers)


READERS = (
    DICOM_READER,
    ClipReader(
        claims=Path.is_dir, looks=lambda path: any(map(names_image, path.iterdir())), open=_open_folder
    ),
    ClipReader(claims=lambda path: path.suffix.lower() == ".zip", looks=lambda _: True, open=_open_zip),
    ClipReader(
        claims=lambda _: True,
        looks=lambda path: path.suffix.lower() in VIDEO_SUFFIXES,
        open=lambda path: VideoFrames(path=path),
    ),
)
"""The kinds of clips. What no reader before it claims, the last takes for a video, whatever it is called."""


def open_frames(path: Path) -> FrameSource:
    """Open a clip: a folder of images, a ZIP of them, or a video file.

    Raises `ImageError` for a folder or an archive without images, or with images whose names do not number them.
    What a video file holds shows when it is read.
    """
    return _reader_of(path).open(path)


def is_clip(path: Path) -> bool:
    """Return whether a path looks like a clip: a video file, a ZIP, or a folder that holds images."""
    return not is_hidden(path.name) and _reader_of(path).looks(path)


def _reader_of(path: Path) -> ClipReader:
    return next(reader for reader in READERS if reader.claims(path))


def frame_number(name: str) -> int | None:
    """Return the number in a frame's file name, the last where there are several; None without one of 1 to 18 digits.

    >>> frame_number("cam2_0017.jpg"), frame_number("cover.jpg")
    (17, None)
    """
    digits = _DIGITS.findall(PurePosixPath(name).stem)
    return int(digits[-1]) if digits and len(digits[-1]) <= _MOST_DIGITS else None


def _names_in(path: Path) -> list[str]:
    """Return an archive's images; raises `ImageError` unless they stand in one folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise ImageError(f"{path} is no ZIP archive that can be read ({error}).") from error
    places = {entry: PurePosixPath(entry) for entry in entries}
    pictures = [name for name, place in places.items() if names_image(place) and not lies_hidden(place)]
    folders = sorted({str(places[name].parent) for name in pictures})
    if len(folders) > 1:
        raise ImageError(
            f"{path} holds pictures in {len(folders)} folders ({', '.join(folders[:3])}). Give one clip an archive of its own."
        )
    return pictures


def _in_order(names: Sequence[str], path: Path) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return names' numbers, ascending, and the names in their order.

    Raises `ImageError` unless every name has a number of its own.
    """
    if not names:
        raise ImageError(f"{path} holds no frames. Pictures end in {', '.join(sorted(SUFFIXES))}.")
    ordered: dict[int, str] = {}
    for name in sorted(names):
        number = frame_number(name)
        if number is None:
            raise ImageError(
                f"{path} holds {PurePosixPath(name).name!r}, whose name has no number of 1 to {_MOST_DIGITS} digits. Numbers "
                "order the frames: 001.png, 002.png."
            )
        if number in ordered:
            raise ImageError(
                f"{path} holds two frames of number {number}: {ordered[number]!r} and {name!r}. Remove one."
            )
        ordered[number] = name
    numbers = tuple(sorted(ordered))
    return numbers, tuple(ordered[number] for number in numbers)


def _pass_over(name: str) -> Pillow.Image:
    raise HeadlessError(f"{name} builds on frames that were cut off before it.")


def _refuse(name: str) -> Pillow.Image:
    raise ImageError(f"{name} is damaged.")


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
