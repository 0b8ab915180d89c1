"""Pictures that people bring to train on, in whatever folders they have them, as a dataset of a known layout.

A folder that follows a layout is used where it lies. Anything else is arranged once, in the user's own folder: an
archive's or an upload's files themselves, of a folder of this computer links to them. What is made of which folders
stands in `arranging`.
"""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from xai_ad.data.archives import unpack
from xai_ad.data.decoding import SUFFIXES, sha256_of
from xai_ad.data.layouts import LAYOUTS, find_layout
from xai_ad.data.sets.guessing import guess
from xai_ad.data.videos.decoding import VIDEO_SUFFIXES
from xai_ad.data.wording import are, counted, listed
from xai_ad.errors import DatasetError, UnknownNameError
from xai_ad.inspection.trainings.arranging import Arranged, arrange, classes_in, entered, own_name, portable
from xai_ad.inspection.trainings.states import state_of
from xai_ad.machine.files import write_whole, writing
from xai_ad.machine.places import home
from xai_ad.progress import Progress, silent

FOLDER = "datasets"
RECORD, UNPACKING = ".intake.json", ".unpacked"
"""Hidden: no title makes a folder of such a name."""
_ANNOTATIONS = frozenset({".json", ".csv", ".txt", ".m", ".mat", ".npy"})
UNPACKED = frozenset({*SUFFIXES, *VIDEO_SUFFIXES, *_ANNOTATIONS})
"""Suffixes of what is unpacked: pictures, clips, and what annotates them."""
_NEW = ".new-"


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Pictures to train on: their `path` and `layout`, what they are called, and `key`, by which they are found again.

    `notes` say what was decided about them, a line each.
    """

    key: str
    path: Path
    layout: str
    title: str
    notes: tuple[str, ...] = ()

    @property
    def of_videos(self) -> bool:
        """Whether they are clips."""
        return find_layout(self.layout).of_videos


@dataclass(frozen=True, kw_only=True)
class _Record:
    """What is kept beside arranged pictures."""

    folder: str
    layout: str
    title: str
    notes: tuple[str, ...] = ()


_RECORD = TypeAdapter(_Record)


def datasets_home() -> Path:
    """Return the folder of what was arranged."""
    return home() / FOLDER


def known_intake(key: str) -> Intake:
    """Return pictures that were taken in before; a key that is a folder's path takes that folder anew.

    Raises `DatasetError` where they are gone or no pictures, and `UnknownNameError` for a key that is none.
    """
    if Path(key).is_absolute():
        return take_folder(Path(key))
    root = datasets_home()
    known = [path.name for path in root.iterdir() if path.name[:1] != "."] if root.is_dir() else []
    if key not in known:
        raise UnknownNameError("set of training pictures", key, known)
    intake = _kept(key)
    if intake is None:
        raise DatasetError(f"{str(root / key)!r} can no longer be read. Bring the pictures again.")
    return intake


def take_folder(folder: Path) -> Intake:
    """Take a folder of this computer; raises `DatasetError` where it has no pictures to learn from."""
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {str(folder)!r} on the computer that runs this.")
    try:
        inner = entered(folder)
        layout = _layout_of(inner)
    except OSError as error:
        raise DatasetError(f"{str(error.filename or folder)!r} cannot be read ({error.strerror}).") from error
    if layout is not None:
        return Intake(key=str(folder), path=inner, layout=layout, title=inner.name)
    digest = hashlib.sha256(os.fsencode(inner) + state_of(inner).encode()).hexdigest()[:8]
    key = f"{portable(inner.name)}-{digest}"
    if kept := _kept(key):
        return kept
    with _making(key) as place:
        return _recorded(place, arrange(inner, place, inner.name, put=_link))


def take_zip(archive: Path, name: str, *, on_progress: Progress = silent) -> Intake:
    """Take the pictures in a ZIP archive called `name`, which is judged before it is unpacked; raises `DatasetError`."""
    title = Path(name).stem or "pictures"
    key = f"{portable(title)}-{sha256_of(archive)[:8]}"
    if kept := _kept(key):
        return kept
    with _making(key) as place:
        unpacked = place / UNPACKING
        unpacked.mkdir()
        found = unpack(archive, unpacked, name=name, suffixes=UNPACKED, on_progress=on_progress)
        passed = f"{counted(found.others, 'other file')} in {name}: not read." if found.others else ""
        broken = (
            f"{counted(len(found.damaged), 'file')} in {name} {are(len(found.damaged))} damaged: {listed(found.damaged, 3)}."
            if found.damaged
            else ""
        )
        return _settled(unpacked, place, title, notes=tuple(filter(None, (passed, broken))))


def take_files(files: Mapping[str, Path]) -> Intake:
    """Take pictures or clips, by the names that people know them by; raises `DatasetError` for anything else."""
    title = Path(next(iter(files))).stem if len(files) == 1 else "pictures"
    strange = [name for name in files if Path(name).suffix.lower() not in {*SUFFIXES, *VIDEO_SUFFIXES}]
    if strange:
        raise DatasetError(
            f"{listed(strange, 3)} cannot be learnt from together with others. Bring pictures, clips, or one ZIP of them."
        )
    content = sorted(f"{name}\0{sha256_of(path)}" for name, path in files.items())
    key = f"{portable(title)}-{hashlib.sha256(chr(10).join(content).encode()).hexdigest()[:8]}"
    if kept := _kept(key):
        return kept
    with _making(key) as place:
        unpacked = place / UNPACKING
        unpacked.mkdir()
        for name, path in files.items():
            with writing(unpacked / name):
                shutil.copyfile(path, unpacked / name)
        return _settled(unpacked, place, title)


def _settled(unpacked: Path, place: Path, title: str, *, notes: tuple[str, ...] = ()) -> Intake:
    """Find out what was unpacked, and leave it as a dataset."""
    inner = entered(unpacked)
    layout = _layout_of(inner)
    if layout is None:
        arranged = arrange(inner, place, title, put=_move)
    else:
        arranged = Arranged(
            path=place / (own_name(title) if layout == "folder" else portable(title)),
            layout=layout,
            title=title,
        )
        inner.rename(arranged.path)
    shutil.rmtree(unpacked, ignore_errors=True)
    return _recorded(place, arranged, notes=notes)


def _layout_of(folder: Path) -> str | None:
    """Return the layout that a folder follows as it lies; None where it is to be arranged."""
    layout = guess(folder, LAYOUTS.values())
    if layout is None:
        return None
    is_named_like_another = own_name(folder.name) != portable(folder.name)
    return None if layout.id == "folder" and (classes_in(folder) or is_named_like_another) else layout.id


def _move(source: Path, target: Path) -> None:
    """Move what was unpacked, into a place that is not taken."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def _link(source: Path, target: Path) -> None:
    """Link to a file or folder of the person's own; where a system makes no links, it is copied.

    Nothing is written into a place that is taken: a link there leads to another of the person's files.
    """
    try:
        target.symlink_to(source)
    except FileExistsError:
        raise
    except OSError:
        if source.is_dir():
            shutil.copytree(source, target)
            return
        with source.open("rb") as given, target.open("xb") as copy:
            shutil.copyfileobj(given, copy)


def _recorded(place: Path, arranged: Arranged, *, notes: tuple[str, ...] = ()) -> Intake:
    record = _Record(
        folder=arranged.path.name,
        layout=arranged.layout,
        title=arranged.title,
        notes=(*arranged.notes, *notes),
    )
    write_whole(place / RECORD, _RECORD.dump_json(record, indent=1))
    return _intake(place.name.removeprefix(_NEW).rpartition(".")[0], record)


def _intake(key: str, record: _Record) -> Intake:
    path = datasets_home() / key / record.folder
    return Intake(key=key, path=path, layout=record.layout, title=record.title, notes=record.notes)


def _kept(key: str) -> Intake | None:
    """Return what was arranged under a key; None where there is nothing, or not all of it."""
    try:
        record = _RECORD.validate_json((datasets_home() / key / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None
    intake = _intake(key, record)
    return intake if intake.path.is_dir() else None


@contextmanager
def _making(key: str) -> Iterator[Path]:
    """Give a folder that becomes the one of a key, whole, or is gone.

    One that is there already stays, since a training may read it: a key tells the content.
    """
    root = datasets_home()
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f"{_NEW}{key}.", dir=root))
    try:
        yield place
        if _kept(key) is None:
            shutil.rmtree(root / key, ignore_errors=True)
            with writing(root):
                place.rename(root / key)
    finally:
        shutil.rmtree(place, ignore_errors=True)
