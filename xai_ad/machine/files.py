"""Files written whole or not at all, and what a full disk or a folder of somebody else's becomes: one plain line."""

import errno
import functools
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xai_ad.errors import WritingError

_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTDIR})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an `OSError` within into a `WritingError` that names what could not be written, why, and what to do."""
    try:
        yield
    except WritingError:
        raise
    except OSError as error:
        raise WritingError(unwritable(path, error)) from error


def unwritable(path: Path, error: OSError) -> str:
    """Return the line on something that cannot be written."""
    todo = "Free some space" if error.errno in _FULL else "Choose a folder that you may write to"
    return f"{os.fspath(path)!r} cannot be written ({_reason(path, error)}). {todo}."


def _reason(path: Path, error: OSError) -> str:
    if error.errno in _IN_THE_WAY:
        for place in (path, *path.parents):
            if place.is_file():
                return f"{os.fspath(place)!r} is a file"
    return error.strerror or str(error)


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file in one step, so that a full disk leaves the old one; raises `WritingError`.

    It is written aside first, by every process and thread under a name of its own.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        with writing(path):
            aside.write_bytes(data)
            aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def keep(path: Path, data: bytes, *, what: str) -> None:
    """Write what could be made anew, and its folder; where that fails, it is said once and nothing is lost but time."""
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
    except WritingError as error:
        _say(f"{error} Until then {what} is found out anew each time.")


@functools.cache
def _say(line: str) -> None:
    logging.getLogger("xai_ad.notes").warning(line)


def require_writable(path: Path) -> None:
    """Raise `WritingError` unless a file can be written, before the work that is to be written into it."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        path.open("ab").close()
        if is_new:
            path.unlink()
