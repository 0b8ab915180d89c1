"""One writer at a time: a folder claimed by a process, as long as it lives.

The operating system holds the lock, so that a process that was killed blocks nobody. Reading needs no claim.
"""

import errno
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from xai_ad.errors import InUseError
from xai_ad.machine.files import writing

ANOTHER_OUTPUT = ", or choose another --output"
"""What can be done instead of waiting."""
LOCK = ".lock"
"""The lock's name inside a folder."""
_POLL = 0.05
"""Seconds between two attempts to claim what another process holds."""
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})
"""What drives answer that know no locks: there, as before, nobody is kept from writing."""
_NOBODYS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS})
"""What a lock answers that is not there, or that nobody here may hold."""
_HELD: set[tuple[Path, int]] = set()
"""Lock files by the thread that holds each."""


@contextmanager
def claim(place: Path, *, inside: bool = False, wait: float = 0.0, instead: str = "") -> Iterator[None]:
    """Hold a file or folder that is to be written; a thread that holds it already may claim it again.

    The lock is a hidden file beside the place, or with `inside` in that folder, which is made where it is not there,
    and is gone afterwards. Where another process holds it, that is waited for so many seconds; then `InUseError` is
    raised, which names it and may say what to do `instead` of waiting. Raises `WritingError` where nothing can be
    written there.
    """
    place = place.resolve()
    file = place / LOCK if inside or not place.name else place.with_name(f".{place.name}.lock")
    key = file, threading.get_ident()
    if key in _HELD:
        yield
        return
    made = [folder for folder in (file.parent, *file.parent.parents) if not folder.exists()]
    with writing(place):
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = _locked(file, time.monotonic() + wait)
    if lock is None:
        _remove_empty(made)
        raise InUseError(f"{str(place)!r} is being written by {_holder(file)}. Wait for it{instead}.")
    _HELD.add(key)
    try:
        yield
    finally:
        _HELD.discard(key)
        with suppress(OSError):  # Windows removes no open file
            file.unlink()
        lock.close()
        _remove_empty(made)


def is_claimed(place: Path) -> bool:
    """Return whether somebody holds a file or folder by `claim`; what a killed process held, nobody does."""
    place = place.resolve()
    try:
        descriptor = os.open(place.with_name(f".{place.name}.lock"), os.O_RDWR)
    except OSError as error:
        if error.errno in _NOBODYS:
            return False
        raise
    try:
        return not _lock(descriptor)  # for a moment, which `claim` waits for
    finally:
        os.close(descriptor)


def _remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made for a lock, the innermost first, but where something was written into one."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _locked(file: Path, until: float) -> BinaryIO | None:
    """Return the locked file, or None where another process still holds it at a time."""
    while True:
        lock = _attempt(file)
        if lock is not None or time.monotonic() >= until:
            return lock
        time.sleep(_POLL)


def _attempt(file: Path) -> BinaryIO | None:
    """Return the locked file, or None where another process holds it."""
    while True:
        lock = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            if not _lock(lock.fileno()):
                lock.close()
                return None
            if _is_still(file, lock.fileno()):
                lock.truncate(0)
                lock.write(
                    json.dumps({"pid": os.getpid(), "host": platform.node(), "since": time.time()}).encode()
                )
                lock.flush()
                return lock
        except BaseException:
            lock.close()
            raise
        lock.close()  # who held it removed it before it was locked here


def _is_still(file: Path, descriptor: int) -> bool:
    """Return whether a file that was opened is still the one of that name."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    _FAR = 2**30
    """The place of the byte that is locked, behind all that is written: what is locked cannot be read."""

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        """Lock an open file; return False where another process has it locked."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return True
            if error.errno in {errno.EACCES, errno.EAGAIN}:
                return False
            raise
        return True


def _holder(file: Path) -> str:
    """Return in words who holds a lock and since when."""
    try:
        known = json.loads(file.read_bytes())
        pid, host, since = int(known["pid"]), str(known["host"]), float(known["since"])
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
    begun, today = time.localtime(since), time.localtime()
    at = time.strftime("%H:%M" if begun[:3] == today[:3] else "%Y-%m-%d %H:%M", begun)
    here = host == platform.node()
    who = "this very process" if here and pid == os.getpid() else "another process"
    where = "" if here else f" on {host}"
    return f"{who} (pid {pid}{where}, since {at})"
