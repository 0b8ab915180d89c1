"""ZIP archives from outside: judged by their directory before a byte is unpacked, and held to it while they are.

What is refused: more entries or bytes than anybody photographs, a ratio that no picture has, names that lead elsewhere,
links, encrypted entries. An entry's name is taken apart and put together again, never used as it stands.
"""

import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xai_ad.data.hidden import is_hidden
from xai_ad.errors import DatasetError
from xai_ad.machine.files import writing
from xai_ad.progress import Progress, silent

MOST_ENTRIES = 200_000
LONGEST_DIRECTORY = 32 * 2**20
"""Bytes of its table of contents, within which no more entries than can be read in seconds hide."""
LARGEST = 200 * 2**30
"""Bytes of all that is unpacked."""
LARGEST_RATIO, SMALL = 100, 32 * 2**20
"""How many times its own size an archive may unpack to; what stays small is not asked."""
KEPT_FREE = 2**30
"""Bytes of the disk that stay free."""
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_LOCATOR, _LOCATOR_SIZE, _LONG, _LONG_SIZE = b"PK\x06\x07", 20, b"PK\x06\x06", 56
_DRIVE = re.compile(r"[A-Za-z]:")
_PART = 2**20
_RECORD_SIZE = 46
"""Bytes of the shortest entry in a table of contents."""


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What was unpacked: how many files, and how many were passed over since they are of no wanted kind.

    Of those that are `damaged` in the archive nothing is kept but an empty file, which is told of where pictures are read.
    """

    files: int
    others: int
    damaged: tuple[str, ...] = ()


def unpack(
    archive: Path,
    folder: Path,
    *,
    name: str,
    suffixes: Collection[str],
    on_progress: Progress = silent,
    free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free,
) -> Unpacked:
    """Unpack the files with some suffixes, lower case, into a folder that exists and is empty.

    `name` is what the archive is called for people. Raises `DatasetError` in one line for an archive that is refused,
    damaged or empty of such files, and `WritingError` where the disk is full; whoever made the folder clears it then.
    """
    _require_few(archive, name)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _require_count(len(entries), name)
            _require_honest(entries, archive.stat().st_size, name)
            wanted = [(entry, parts) for entry in entries if (parts := _wanted(entry, suffixes, name))]
            total = sum(entry.file_size for entry, _ in wanted)
            _require_room(total, free(folder), name)
            done, damaged = 0, []
            for entry, parts in wanted:
                path = folder.joinpath(*parts)
                try:
                    for written in _written(opened, entry, path):
                        done += written
                        on_progress(min(done / max(total, 1), 1.0))
                except (zipfile.BadZipFile, zlib.error, EOFError):
                    path.write_bytes(b"")  # one damaged picture of a thousand spoils no others
                    damaged.append(entry.filename)
    except zipfile.BadZipFile as error:
        raise DatasetError(f"{name} is no ZIP archive that can be read ({error}).") from error
    except (zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DatasetError(f"{name} is damaged, or packed in a way that is not read ({error}).") from error
    if len(wanted) == len(damaged):
        raise DatasetError(f"{name} holds no pictures and no clips that can be read.")
    return Unpacked(files=len(wanted), others=len(entries) - len(wanted), damaged=tuple(damaged))


def _require_few(archive: Path, name: str) -> None:
    """Refuse an archive by the number of its entries, which its last bytes tell, before its directory is read."""
    size = archive.stat().st_size
    with archive.open("rb") as file:
        file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - _LOCATOR_SIZE - _LONG_SIZE))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise DatasetError(f"{name} is no ZIP archive, or the end of it is missing.")
    entries, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if tail[max(0, at - _LOCATOR_SIZE) : at].startswith(_LOCATOR):  # ZIP64: whatever the short record tells
        record = tail[max(0, at - _LOCATOR_SIZE - _LONG_SIZE) : at - _LOCATOR_SIZE]
        if len(record) < _LONG_SIZE or not record.startswith(_LONG):
            raise DatasetError(
                f"{name} is a ZIP64 archive whose last record is not where it has to be. Pack it anew."
            )
        *long, directory = struct.unpack("<QQQ", record[24:48])
        entries = max(long)
    if (
        directory > LONGEST_DIRECTORY
    ):  # entries are read to its end, whatever number is told; each has 46 bytes or more
        entries = max(entries, directory // _RECORD_SIZE)
    _require_count(entries, name)


def _require_count(entries: int, name: str) -> None:
    if entries > MOST_ENTRIES:
        raise DatasetError(
            f"{name} has {entries:,} entries; at most {MOST_ENTRIES:,} are unpacked. Point at the folder instead."
        )


def _require_honest(entries: Sequence[zipfile.ZipInfo], packed: int, name: str) -> None:
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST:
        raise DatasetError(
            f"{name} unpacks to {total / 2**30:,.0f} GiB; at most {LARGEST // 2**30} are unpacked."
        )
    if total > max(SMALL, LARGEST_RATIO * packed):
        raise DatasetError(
            f"{name} unpacks to {total / max(packed, 1):,.0f} times its size, which no pictures do. It was not unpacked."
        )
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise DatasetError(f"{name} is encrypted ({entry.filename!r}). Pack it without a password.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise DatasetError(f"{name} holds a link ({entry.filename!r}). Pack the files themselves.")


def _wanted(entry: zipfile.ZipInfo, suffixes: Collection[str], name: str) -> tuple[str, ...] | None:
    """Return the folders and the name of an entry; None for one that is passed over."""
    text = entry.filename.replace("\\", "/")
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(text) or "\0" in entry.orig_filename:
        raise DatasetError(f"{name} holds {entry.filename!r}, which leads out of it. It was not unpacked.")
    parts = path.parts
    if not parts or any(is_hidden(part) or part == "__MACOSX" for part in parts):
        return None
    if path.suffix.lower() not in suffixes:
        return None
    return tuple("".join(sign if sign.isprintable() else "_" for sign in part) for part in parts)


def _require_room(total: int, free: int, name: str) -> None:
    if total + KEPT_FREE > free:
        raise DatasetError(
            f"{name} unpacks to {total / 2**30:.1f} GiB, and the disk has {free / 2**30:.1f} free. Free some space."
        )


def _written(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> Iterator[int]:
    """Write an entry, no more of it than its directory says; yield how many bytes were written, part by part."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise DatasetError(f"The archive holds {entry.filename!r} twice. Pack each file once.")
    with opened.open(entry) as source, writing(path), path.open("xb") as target:
        left = entry.file_size
        while left and (part := source.read(min(_PART, left))):
            target.write(part)
            left -= len(part)
            yield len(part)
