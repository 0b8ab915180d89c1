"""A few files out of a ZIP archive that anybody may have made: bounded before it is unpacked, and again while it is read."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Sequence
from typing import BinaryIO

from xai_ad.errors import StoreError

MOST_ENTRIES = 16
LARGEST = 512 * 2**20
"""Bytes of all files together, packed or unpacked."""
LARGEST_JSON = 64 * 2**20
RATIO, FREE = 100, 2**20
"""How many times its packed bytes a file may unpack to, beyond the first megabyte."""
_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt", ".joblib", ".npy", ".npz", ".h5", ".keras")
_END, _END_SIZE, _LOCATOR, _LOCATOR_SIZE = b"PK\x05\x06", 22, b"PK\x06\x07", 20
_DIRECTORY = MOST_ENTRIES * 1024
"""Bytes that the directory of so few entries may have."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises for an archive that is damaged or made to harm."""


def read_entries(file: BinaryIO, *, of: str, valid: Collection[str]) -> dict[str, bytes]:
    """Return the files of an archive by name, which all lie at its top or in one folder, and are all `valid` ones.

    `of` names the archive in what is said of it. Raises `StoreError` for any other file, for links, encrypted and twofold
    ones, and for more files or bytes than the bounds of this module.
    """
    _require_small(file, of)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _checked(archive.infolist(), of, valid)
            return {name: _read(archive, entry, of) for name, entry in entries.items()}
    except _BROKEN as error:
        raise StoreError(f"{of} is no whole ZIP archive ({' '.join(str(error).split())[:100]}).") from error


def _require_small(file: BinaryIO, of: str) -> None:
    """Look at an archive's last bytes alone: how many entries it has, and how long their directory is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _LOCATOR_SIZE))
    tail = file.read()
    file.seek(0)
    end = tail[-_END_SIZE:]
    if size < _END_SIZE or not end.startswith(_END) or end[-2:] != b"\0\0":
        raise StoreError(f"{of} is no ZIP archive of a model, or is cut off.")
    _, disk, first_disk, here, count, length, _, _ = struct.unpack("<4s4H2LH", end)
    if tail[:-_END_SIZE][-_LOCATOR_SIZE:].startswith(_LOCATOR) or 0xFFFF in {disk, first_disk, here, count}:
        raise StoreError(f"{of} is an archive for many or large files (ZIP64), which no model needs.")
    if max(here, count) > MOST_ENTRIES or length > _DIRECTORY:
        raise StoreError(f"{of} has {max(here, count)} entries, and a model has at most {MOST_ENTRIES}.")
    if size > LARGEST:
        raise StoreError(f"{of} has {size // 2**20} MB, and a model has at most {LARGEST // 2**20}.")


def _checked(
    entries: Sequence[zipfile.ZipInfo], of: str, valid: Collection[str]
) -> dict[str, zipfile.ZipInfo]:
    """Return the files among an archive's entries by name; raises `StoreError` where one is not to be unpacked."""
    if len(entries) > MOST_ENTRIES:
        raise StoreError(f"{of} has {len(entries)} entries, and a model has at most {MOST_ENTRIES}.")
    found: dict[str, zipfile.ZipInfo] = {}
    folders = set()
    for entry in entries:
        folder, name = _place(entry, of, valid)
        folders.add(folder)
        _require_plain(entry, of)
        if not name:
            continue
        if name in found:
            raise StoreError(f"{of} holds {name!r} twice.")
        found[name] = entry
    if len(folders) > 1:
        raise StoreError(f"{of} has files in several places. A model lies at the top, or in one folder.")
    total = sum(entry.file_size for entry in found.values())
    if total > LARGEST:
        raise StoreError(f"{of} unpacks to {total // 2**20} MB, and a model has at most {LARGEST // 2**20}.")
    return found


def _place(entry: zipfile.ZipInfo, of: str, valid: Collection[str]) -> tuple[str, str]:
    """Return an entry's folder, empty at the top, and its name, empty of a folder; raises `StoreError` for any other place."""
    written = entry.orig_filename  # with what zipfile itself would cut off or turn round
    folder, slash, name = written.rpartition("/")
    is_odd = any(each in written for each in ("\\", ":")) or not written.isprintable()
    if is_odd or "/" in folder or folder in {".", ".."} or (slash and not folder):
        raise StoreError(f"{of} has a file at {written[:80]!r}, which is no place in a model's own folder.")
    if name and name not in valid:
        what = (
            "may run code when it is read (a pickle), and is refused"
            if name.lower().endswith(_PICKLES)
            else "belongs to no model"
        )
        raise StoreError(
            f"{of} holds {written[:80]!r}, which {what}. Export the model with `export --format zip`."
        )
    return folder, name


def _require_plain(entry: zipfile.ZipInfo, of: str) -> None:
    """Raise `StoreError` unless an entry is a plain file or folder, is not encrypted and unpacks to no more than it may."""
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFDIR if name.endswith("/") else stat.S_IFREG}:
        raise StoreError(f"{of} holds {name!r}, which is a link or no plain file.")
    if entry.flag_bits & _ENCRYPTED:
        raise StoreError(f"{of} is encrypted. Give it without a password.")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise StoreError(f"{of} packs {name!r} in a way that is not read. Pack it anew, by Deflate.")
    largest = LARGEST_JSON if name.endswith(".json") else LARGEST
    largest = 0 if name.endswith("/") else min(largest, FREE + RATIO * entry.compress_size)
    if entry.file_size > largest:
        raise StoreError(
            f"{of} packs {entry.file_size} bytes of {name!r} into {entry.compress_size}: no model's file does so."
        )


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, of: str) -> bytes:
    """Return a file's bytes, no more of them than the directory said."""
    with archive.open(entry) as opened:
        data = opened.read(entry.file_size + 1)
        if len(data) != entry.file_size or opened.read(1):
            raise StoreError(
                f"{of} says that {entry.orig_filename!r} has {entry.file_size} bytes, and it has not."
            )
    return data
