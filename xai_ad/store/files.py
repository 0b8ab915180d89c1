"""Files that are written whole or not at all, and read only when their hash is right."""

import ctypes
import glob
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import safetensors
from safetensors.torch import load
from torch import Tensor

from xai_ad.data.decoding import sha256_of
from xai_ad.errors import StoreError
from xai_ad.machine.files import writing

_OLD = "-old-"
"""What the name of a folder has that another one takes the place of."""
_LOOKS, _PAUSE = 50, 0.02
"""How often a folder that is being replaced is looked for, and the seconds between."""
_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


def read_checked(path: Path, sha256: str | None) -> bytes:
    """Return a file's bytes; raises `StoreError` where it cannot be read or its hash is another."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"{str(path)!r} cannot be read ({error.strerror}). Restore the model's folder."
        ) from error
    if sha256_of(data) != sha256:
        raise StoreError(
            f"{str(path)!r} does not match the hash in its card: damaged or changed. Restore it."
        )
    return data


def parse_tensors(data: bytes, path: Path) -> dict[str, Tensor]:
    """Return the tensors in a safetensors file's bytes; raises `StoreError` for another format."""
    try:
        tensors: dict[str, Tensor] = load(data)
    except safetensors.SafetensorError as error:
        raise StoreError(f"{str(path)!r} is no safetensors file ({error}).") from error
    return tensors


def write_folder_whole(directory: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder by one with these files, or leave what was there: it is written aside and then renamed.

    Raises `WritingError`.
    """
    directory = directory.resolve()  # of a link, what it leads to
    with writing(directory):
        directory.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        try:
            for name, data in files.items():
                (aside / name).write_bytes(data)
            aside.chmod(0o755)
            _swap(aside, directory)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise


def _swap(new: Path, directory: Path) -> None:
    """Put a new folder in a directory's place, or put the old one back where that fails."""
    if not directory.exists():
        new.rename(directory)
        return
    if _exchanged(new, directory):
        shutil.rmtree(new, ignore_errors=True)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{directory.name}{_OLD}", dir=directory.parent))
    directory.replace(old)
    try:
        new.rename(directory)
    except BaseException:
        old.replace(directory)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders' names in one step, so that nobody finds none of them; False where the system cannot."""
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    result: int = exchange(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    return result == 0


def is_there(path: Path) -> bool:
    """Return whether a folder's file exists, once the folder is not just being replaced by systems that take two steps."""
    for _ in range(_LOOKS):
        if path.is_file():
            return True
        if not any(path.parent.parent.glob(f".{glob.escape(path.parent.name)}{_OLD}*")):
            break
        time.sleep(_PAUSE)
    return path.is_file()
