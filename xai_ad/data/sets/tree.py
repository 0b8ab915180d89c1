"""Finding one's way in a dataset's folders: by names that people write in their own way, through links, without loops."""

import os
from collections.abc import Iterator
from pathlib import Path

from xai_ad.data.decoding import names_image
from xai_ad.data.hidden import is_hidden, visible_in
from xai_ad.data.wording import bare, listed
from xai_ad.errors import DatasetError

MASK_NAMES = frozenset({"mask", "masks", "groundtruth", "groundtruths", "gt"})
"""What folders of masks are called, bare."""
_MASKS_WITHIN = MASK_NAMES | {
    *("label", "labels", "annotation", "annotations", "segmentation", "segmentations")
}
"""What they are called within a class, where no defect's name is to be expected."""


def subfolders(directory: Path) -> list[Path]:
    """Return the folders directly in a folder, by name, without hidden ones."""
    return [path for path, is_folder in listing(directory) if is_folder]


def listing(directory: Path) -> list[tuple[Path, bool]]:
    """Return what lies directly in a folder and is not hidden, by name, and whether each is a folder.

    What a link leads to counts. The system is asked for links alone: the listing itself says it of all others.
    """
    with os.scandir(directory) as entries:
        kinds = {entry.name: None if entry.is_symlink() else entry.is_dir() for entry in entries}
    paths = ((directory / name, kind) for name, kind in sorted(kinds.items()) if not is_hidden(name))
    return [(path, path.is_dir() if kind is None else kind) for path, kind in paths]


def folder_named(directory: Path, *names: str) -> Path | None:
    """Return the folder of one of some names, however it is written; None without one.

    Raises `DatasetError` where several are.
    """
    wanted = {bare(name) for name in names}
    found = [folder for folder in subfolders(directory) if bare(folder.name) in wanted]
    if len(found) > 1:
        raise DatasetError(
            f"{str(directory)!r} holds {listed(folder.name for folder in found)}, which mean the same. Make them one folder."
        )
    return found[0] if found else None


def is_mask_folder(folder: Path) -> bool:
    """Return whether the name of a folder within a class says that it holds masks."""
    return bare(folder.name) in _MASKS_WITHIN


def folders_beneath(folder: Path) -> Iterator[Path]:
    """Yield a folder and those within it, in order, without hidden ones.

    Links are followed; a folder that is reached twice, or that holds this one, is passed over. So is what lies in
    folders of masks.
    """
    seen = set(folder.resolve().parents)

    def walk(place: Path) -> Iterator[Path]:
        real = place.resolve()
        if real not in seen:
            seen.add(real)
            yield place
            for inside in [] if place != folder and is_mask_folder(place) else subfolders(place):
                yield from walk(inside)

    return walk(folder)


def count_pictures(folder: Path) -> int:
    """Return how many files in a folder, and in those within it, are called like pictures."""
    return sum(names_image(path) for place in folders_beneath(folder) for path in visible_in(place))
