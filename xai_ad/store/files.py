"""Files that are written whole or not at all, and read only when their hash is right."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import safetensors
from safetensors.torch import load
from torch import Tensor

from xai_ad.data.decoding import sha256_of
from xai_ad.errors import StoreError


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


def read_tensors(path: Path, sha256: str | None) -> dict[str, Tensor]:
    """Return a safetensors file's tensors; raises `StoreError` as `read_checked` does, and for another format."""
    data = read_checked(path, sha256)
    try:
        tensors: dict[str, Tensor] = load(data)
    except safetensors.SafetensorError as error:
        raise StoreError(f"{str(path)!r} is no safetensors file ({error}).") from error
    return tensors


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file in one step, so that a full disk leaves the old one."""
    aside = path.with_name(f".{path.name}.partial")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_folder_whole(directory: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder by one with these files, or leave what was there: it is written aside and then renamed."""
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
    old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
    directory.replace(old)
    try:
        new.rename(directory)
    except BaseException:
        old.replace(directory)
        raise
    shutil.rmtree(old, ignore_errors=True)
