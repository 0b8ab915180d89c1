"""Folders as people have them, arranged as a dataset: good and bad ones, pictures in any depth, or clips."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TypeAlias

from xai_ad.data.decoding import SUFFIXES, names_image, sha256_of
from xai_ad.data.layouts import LAYOUTS
from xai_ad.data.sets.classes import DEFECT_NAMES, means_normal
from xai_ad.data.sets.guessing import guess
from xai_ad.data.sets.tree import folders_beneath, is_mask_folder, subfolders
from xai_ad.data.specs import DATASETS, FAMILIES
from xai_ad.data.videos.decoding import VIDEO_SUFFIXES
from xai_ad.data.wording import are, bare, counted, listed
from xai_ad.errors import DatasetError
from xai_ad.inspection.trainings.stretches import CLIPS, cut_clips
from xai_ad.machine.files import writing

Put: TypeAlias = Callable[[Path, Path], object]
"""Puts a file or folder into a new place, by moving it or by a link to it; raises `FileExistsError` for one that is taken."""
TESTED = 5
"""One good picture in so many is not learnt where there are defects: with them it sets the limit and is reported."""
_DEEPEST = 4
"""So many folders with nothing but one folder in them are gone into."""


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """A dataset's folder, its layout, what it is called, and what was decided about it."""

    path: Path
    layout: str
    title: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Folders by what their names say of their pictures."""

    good: tuple[Path, ...]
    defects: tuple[Path, ...]
    masks: tuple[Path, ...]


def portable(name: str) -> str:
    """Return a name as a folder may have it on every system.

    >>> portable("my parts (new)"), portable("../..")
    ('my_parts_new', 'pictures')
    """
    return re.sub(r"[^\w.-]+", "_", name).strip("._")[:60] or "pictures"


def own_name(title: str) -> str:
    """Return what the folder of somebody's own pictures is called: like no published set, whose licence they have not.

    >>> own_name("bolts"), own_name("bottle")
    ('bolts', 'my_bottle')
    """
    name = portable(title)
    known = {*DATASETS, *(category for family in FAMILIES.values() for category in family.categories)}
    return f"my_{name}" if name.casefold() in known else name


def entered(folder: Path) -> Path:
    """Go into folders that hold nothing but one other folder, unless their names or layout mean something."""
    for _ in range(_DEEPEST):
        inside = subfolders(folder)
        if len(inside) != 1 or _files(folder) or means_normal(inside[0]) or guess(folder, LAYOUTS.values()):
            break
        folder = inside[0]
    return folder


def classes_in(folder: Path) -> Classes | None:
    """Return the folders of good ones and of defects directly in a folder; None where no name says good."""
    inside = subfolders(folder)
    good = tuple(path for path in inside if means_normal(path))
    if not good:
        return None
    masks = tuple(path for path in inside if is_mask_folder(path))
    return Classes(
        good=good,
        defects=tuple(path for path in inside if path not in {*good, *masks}),
        masks=masks,
    )


def arrange(folder: Path, place: Path, title: str, *, put: Put) -> Arranged:
    """Arrange what follows no layout in a folder within `place`; raises `DatasetError` where there is nothing to learn."""
    target = place / own_name(title)
    classes = classes_in(folder)
    if classes is not None:
        notes = _arrange_classes(classes, folder, target, put)
        return Arranged(path=target, layout="mvtec", title=title, notes=notes)
    files = [path for inner in folders_beneath(folder) for path in _files(inner)]
    clips = [path for path in files if _is_video(path)]
    pictures = [path for path in files if not _is_video(path)]
    if clips and not pictures:
        return Arranged(path=target, layout="ucsd", title=title, notes=_arrange_clips(clips, target, put))
    if not pictures:
        raise DatasetError(f"There are no pictures in {title!r}. Pictures end in {listed(sorted(SUFFIXES))}.")
    _require_unsuspicious(pictures, folder)
    target.mkdir()
    _put_all(pictures, folder, target, put)
    notes = (f"{counted(len(pictures), 'picture')} from all folders within {title} are taken for good ones.",)
    left = f"{counted(len(clips), 'clip')} beside the pictures {are(len(clips))} left out."
    return Arranged(path=target, layout="folder", title=title, notes=(*notes, left) if clips else notes)


def _files(folder: Path) -> list[Path]:
    """Return the pictures and clips directly in a folder."""
    return [
        path for path in sorted(folder.iterdir()) if path.is_file() and (names_image(path) or _is_video(path))
    ]


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES


def _pictures(folder: Path) -> list[Path]:
    return [path for inner in folders_beneath(folder) for path in _files(inner) if not _is_video(path)]


def _require_unsuspicious(pictures: Sequence[Path], root: Path) -> None:
    """Raise `DatasetError` where a folder's name says defect and none says good: they would be learnt as normal."""
    names = {part for path in pictures for part in path.relative_to(root).parts[:-1]}
    found = sorted(name for name in names if bare(name) in DEFECT_NAMES)
    if found:
        raise DatasetError(
            f"The name of the folder {listed(found)} says defects, and no folder's name says good ones. Call the folder of "
            "the good pictures 'good', beside it."
        )


def _arrange_classes(classes: Classes, root: Path, target: Path, put: Put) -> tuple[str, ...]:
    """Make a set like MVTec AD, with masks where there are any; return what a person should know."""
    good = [path for inner in classes.good for path in _pictures(inner)]
    defects = {inner.name: found for inner in classes.defects if (found := _pictures(inner))}
    if not good:
        raise DatasetError(f"The folder {classes.good[0].name!r} has no pictures: good ones belong there.")
    tested = _tested(good) if defects else []
    for name in ("train/good", "test/good"):
        (target / name).mkdir(parents=True)
    held = set(tested)
    _put_all([path for path in good if path not in held], root, target / "train" / "good", put)
    _put_all(tested, root, target / "test" / "good", put)
    for inner in classes.defects:
        if inner.name in defects:
            (target / "test" / inner.name).mkdir()
            _put_all(defects[inner.name], inner, target / "test" / inner.name, put)
    for folder in classes.masks[:1]:
        put(folder, target / "ground_truth")
    bad = sum(map(len, defects.values()))
    notes = [f"{counted(len(good), 'good picture')} and {counted(bad, 'defective one')}."]
    if tested:
        notes.append(
            f"Of the good ones {len(tested)} are not learnt: with the defects they set the limit, and measure the model."
        )
    return tuple(notes)


def _tested(good: Sequence[Path]) -> list[Path]:
    """Return every so many-th picture by its bytes, with all its copies: none is learnt and tested with."""
    hashes = {path: sha256_of(path) for path in good}
    different = sorted(set(hashes.values()))
    taken = set(different[::TESTED]) if len(different) > 1 else set()
    return [path for path in good if hashes[path] in taken]


def _arrange_clips(clips: Sequence[Path], target: Path, put: Put) -> tuple[str, ...]:
    """Make a set of videos of clips, few ones cut into stretches; return what a person should know."""
    folder = target / "Train"
    folder.mkdir(parents=True)
    if len(clips) >= CLIPS:
        for number, path in enumerate(clips, 1):
            put(path, folder / f"{number:03d}-{path.name}")
        return (f"{len(clips)} clips, all taken for normal.",)
    number = cut_clips(clips, folder)
    whole = "whole ones validate the training and set the limit"
    return (f"{counted(len(clips), 'clip')}, taken for normal, and cut into {number} stretches: {whole}.",)


def _put_all(files: Sequence[Path], root: Path, target: Path, put: Put) -> None:
    """Put files of any depth beside one another; one whose name is taken gets those of its folders in front, or a number."""
    for path in files:
        with writing(target):
            put(path, _free(target, path, "-".join(path.relative_to(root).parts)))


def _free(target: Path, path: Path, longer: str) -> Path:
    """Return a place that nothing is at, a link that leads nowhere neither."""
    stem, suffix = Path(longer).stem, path.suffix
    names = chain((path.name, longer), (f"{stem}-{number}{suffix}" for number in count(2)))
    return next(place for name in names if not os.path.lexists(place := target / name))
