"""Whether somebody's pictures are still those they were: by names, sizes and times alone, which takes no reading."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from xai_ad.data.hidden import is_hidden


def state_of(folder: Path) -> str:
    """Return a SHA-256 of the names, sizes and times of all files in a folder and in those within it.

    What links lead to counts, what is hidden does not, and what cannot be looked at counts by its name.
    """
    told = sorted(_told(folder, "", set()))
    return hashlib.sha256("\n".join(told).encode(errors="surrogateescape")).hexdigest()


def _told(folder: Path, within: str, above: set[tuple[int, int]]) -> Iterator[str]:
    """Yield a line a file; a link to a folder that it lies in is not followed."""
    try:
        found = folder.stat()
        entries = list(os.scandir(folder))
    except OSError:
        return
    place = found.st_dev, found.st_ino
    if place in above:
        return
    for entry in entries:
        if is_hidden(entry.name):
            continue
        name = f"{within}{entry.name!r}/"
        if entry.is_dir():
            yield from _told(Path(entry.path), name, above | {place})
            continue
        try:
            file = entry.stat()
            yield f"{name} {file.st_size} {file.st_mtime_ns}"
        except OSError:
            yield name
