"""Clips under inspection: those of the sample sets, and what a person uploads."""

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath

from xai_ad.data.decoding import DICOM_SUFFIXES, SUFFIXES
from xai_ad.data.hidden import visible_in
from xai_ad.data.sets.clips import masks_of
from xai_ad.data.videos.decoding import VIDEO_SUFFIXES
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.errors import ImageError
from xai_ad.machine.files import writing
from xai_ad.machine.places import samples

SUBSETS = ("Test", "Train")
"""Folders of a sample set that hold clips, those that are shown first before others."""
CLIP_SUFFIXES = frozenset({*VIDEO_SUFFIXES, ".zip", *DICOM_SUFFIXES})


class Folder:
    """A folder that is deleted once nobody holds it, and when the program ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="xai_ad-clip-"))
        self.delete = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class ClipFile:
    """A clip on this computer's disk. `name` is for people and file names of downloads; it is never used as a path.

    Equal bytes are the same clip under any name. What was uploaded lies in a folder of its own that is deleted once
    nobody has the clip any more.
    """

    name: str = field(compare=False)
    path: Path = field(compare=False)
    sha256: str
    _folder: "Folder | None" = field(default=None, compare=False, repr=False)

    def said(self, message: str) -> str:
        """Return a message about the clip with its name in place of where it lies."""
        return message.replace(repr(str(self.path)), self.name).replace(str(self.path), self.name)


def list_clips(dataset: str, root: Path | None = None) -> dict[str, Path]:
    """Return a sample set's clips by `<subset>/<stem>`, those of the test set first; none where it has no clips."""
    found: dict[str, Path] = {}
    for subset in SUBSETS:
        folder = (root or samples()) / dataset / subset
        inside = visible_in(folder) if folder.is_dir() else []
        stems = {path.stem for path in inside}
        found |= {
            f"{subset}/{path.stem}": path
            for path in inside
            if masks_of(path.stem) not in stems and is_clip(path)
        }
    return found


def open_clip(name: str, path: Path) -> ClipFile:
    """Return a clip that lies on this computer; it is read once to hash it. Raises `ImageError` as `open_frames` does."""
    found = path.stat()
    return ClipFile(name=name, path=path, sha256=_sha256(path, found.st_size, found.st_mtime_ns))


def keep_upload(name: str, parts: Iterable[bytes | memoryview]) -> ClipFile:
    """Write an uploaded clip to disk, and return it once its first frame was decoded.

    Raises `ImageError`, in words about its name, for what is no clip, and where no frame can be decoded.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in CLIP_SUFFIXES:
        kind = "a picture: inspect it on page Inspect" if suffix in SUFFIXES else "no clip that can be read"
        raise ImageError(f"{name} is {kind}. A clip is a video file, or a ZIP of numbered pictures.")
    folder = Folder()
    path, digest = folder.path / f"clip{suffix}", hashlib.sha256()
    with writing(path), path.open("wb") as file:
        for part in parts:
            file.write(part)
            digest.update(part)
    clip = ClipFile(name=name, path=path, sha256=digest.hexdigest(), _folder=folder)
    try:
        _begin(path)
    except ImageError as error:
        folder.delete()
        raise ImageError(clip.said(str(error))) from error
    return clip


def default_clip(clips: Mapping[str, Path]) -> str | None:
    """Return which clip a dataset opens on, or None where it has none."""
    return next(iter(clips), None)


def _begin(path: Path) -> None:
    """Decode a clip's first frame that is whole; raises `ImageError` where there is none."""
    error: ImageError | None = None
    for _, decode in islice(open_frames(path).undecoded(), 64):
        try:
            decode()
        except ImageError as damaged:
            error = error or damaged
        else:
            return
    raise error or ImageError(f"{path} holds no frames that can be decoded.")


@lru_cache(maxsize=256)
def _sha256(path: Path, _size: int, _modified: int) -> str:
    return open_frames(path).sha256
