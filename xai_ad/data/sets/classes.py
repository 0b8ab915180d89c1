"""Folders of classes: one of normal pictures, whatever people call it, and one for each kind of defect."""

from collections.abc import Collection, Sequence
from pathlib import Path

from xai_ad.data.decoding import names_image
from xai_ad.data.hidden import visible_in
from xai_ad.data.sets.base import ANOMALOUS, NORMAL, Subset
from xai_ad.data.sets.masks import painted
from xai_ad.data.sets.pictures import Found, images_in, joined, read_samples, with_masks_in
from xai_ad.data.sets.tree import MASK_NAMES, count_pictures, folder_named, subfolders
from xai_ad.data.wording import NORMAL_NAMES, are, bare, counted, listed, short
from xai_ad.errors import DatasetError

GOOD = "good"
"""The kind of normal images, whatever their folder is called."""
DEFECT_NAMES = frozenset(
    {
        *("bad", "ng", "ko", "nio", "notok", "notgood", "faulty", "fail", "failed", "broken", "damaged"),
        *("defect", "defects", "defective", "anomaly", "anomalies", "anomalous", "abnormal"),
        *("reject", "rejects", "rejected"),
    }
)
"""What people call a folder of defective pictures of any kind, bare."""
_PARTS = frozenset({"train", "training", "test", "testing", "val", "validation"})


def means_normal(folder: Path) -> bool:
    """Return whether a folder's name says that its pictures are normal."""
    return bare(folder.name) in NORMAL_NAMES


def normal_folder(directory: Path, expected: str = GOOD) -> Path | None:
    """Return the folder of normal pictures in a folder of classes; None where no name says so.

    It is the one of the expected name, or the only other whose name says normal. One without pictures stands back
    behind one that has some. Raises `DatasetError` where several have pictures.
    """
    named = [folder for folder in subfolders(directory) if means_normal(folder)]
    filled = [folder for folder in named if count_pictures(folder)]
    if len(filled) > 1:
        raise DatasetError(
            f"{str(directory)!r} holds {listed(folder.name for folder in filled)}, whose names all say normal. Make them "
            f"one folder {expected}, or rename what is a defect."
        )
    candidates = filled or sorted(named, key=lambda folder: folder.name != expected)
    return candidates[0] if candidates else None


def read_normal(
    directory: Path, subset: Subset, *, expected: str = GOOD, others: Collection[str] = ()
) -> Found:
    """Read the normal images in a folder of which only those are used, `train`, and say what else is in it.

    `others` are bare names of the defects. There is no folder of normal images: then nothing is found but notes.
    """
    good = normal_folder(directory, expected)
    if good is None:
        number = count_pictures(directory)
        note = f"{short(directory)} with {counted(number, 'picture')} is not read: there is no folder {expected} in it."
        return Found(notes=(note,) if number else ())
    found = read_samples(
        good,
        label=NORMAL,
        kind=GOOD,
        subset=subset,
        others=_strange(others, DEFECT_NAMES, good),
    )
    rest = [
        f"{short(folder)} with {counted(number, 'picture')} is not read: only normal pictures are, those in "
        f"{short(good)}."
        for folder in subfolders(directory)
        if folder != good and (number := count_pictures(folder))
    ]
    return Found(
        samples=found.samples,
        notes=(*_renamed(good, expected), *found.notes, *rest, *_loose(directory)),
    )


def read_tested(
    directory: Path, truth: Path | None, *, expected: str = GOOD, subset: Subset = "test"
) -> Found:
    """Read the classes of a folder, normal and defective, with the masks that `truth` has in folders of their names.

    Where it has none of these, the masks directly in it are matched to the pictures of all classes.

    Raises `DatasetError` where there are defects and no folder's name says that it is the normal one.
    """
    good = normal_folder(directory, expected)
    classes = [folder for folder in subfolders(directory) if bare(folder.name) not in MASK_NAMES]
    defects = [folder for folder in classes if folder != good]
    filled = [folder for folder in defects if not means_normal(folder) and count_pictures(folder)]
    if good is None and filled:
        raise DatasetError(
            f"There is no folder {expected} in {str(directory)!r}; it holds {listed(folder.name for folder in filled)}. "
            f"Call the folder of the normal pictures {expected}; an empty one says that there are none."
        )
    names = {bare(folder.name) for folder in defects}
    kinds = _kinds(defects)
    read = {
        folder: read_samples(
            folder,
            label=NORMAL if folder == good else ANOMALOUS,
            kind=kinds.get(folder, GOOD),
            subset=subset,
            others=_strange(names, DEFECT_NAMES if folder == good else NORMAL_NAMES, folder),
        )
        for folder in classes
    }
    by_masks: dict[Path, dict[Path, Found]] = {}
    for folder, found in read.items():
        masks = None if folder == good else _masks_of(truth, folder)
        by_masks.setdefault(masks or folder, {})[folder] = found
    parts = [
        joined(found.values()) if where in read else with_masks_in(where, found)
        for where, found in by_masks.items()
    ]
    notes = (*_renamed(good, expected), *_merged(kinds), *_astray(truth, names), *_loose(directory))
    whole = joined([Found(notes=notes), *parts])
    if truth is None or not images_in(truth) or any(_masks_of(truth, folder) for folder in defects):
        return whole
    samples, of_masks = painted(whole.samples, truth)  # of all classes in one folder
    return Found(samples=samples, notes=(*whole.notes, *of_masks))


def _masks_of(truth: Path | None, folder: Path) -> Path | None:
    """Return a class's folder of masks: of its very name, else of one that is written otherwise."""
    if truth is None or (truth / folder.name).is_dir():
        return truth and truth / folder.name
    return folder_named(truth, folder.name)


def _strange(names: Collection[str], opposite: Collection[str], folder: Path) -> set[str]:
    """Return what no folder within a class's may be called: like another class, the opposite, or a part of a set.

    Numbers may be: batches are numbered, whatever classes are.
    """
    strange = {*names, *opposite, *_PARTS} - {bare(folder.name)}
    return {name for name in strange if not name.isdecimal()}


def _kinds(classes: Sequence[Path]) -> dict[Path, str]:
    """Return the classes' kinds: their folders' names, one for those that differ in letter case alone."""
    first: dict[str, str] = {}
    return {folder: first.setdefault(folder.name.casefold(), folder.name) for folder in classes}


def _merged(kinds: dict[Path, str]) -> list[str]:
    return [
        f"{short(folder)} and {kind} are taken as one class, {kind}."
        for folder, kind in kinds.items()
        if folder.name != kind
    ]


def _renamed(good: Path | None, expected: str) -> list[str]:
    if good is None or good.name == expected:
        return []
    return [f"{short(good)} is taken as normal, as the only folder of its place whose name says so."]


def _astray(truth: Path | None, names: Collection[str]) -> list[str]:
    """Say which folders of masks belong to no class."""
    astray = [folder.name for folder in subfolders(truth) if bare(folder.name) not in names] if truth else []
    astray = [name for name in astray if bare(name) not in NORMAL_NAMES]
    if not astray or truth is None:
        return []
    return [f"The masks in {short(truth)} of {listed(astray)} belong to no class of the test."]


def _loose(directory: Path) -> list[str]:
    """Say how many pictures lie beside the classes' folders."""
    number = sum(names_image(path) and path.is_file() for path in visible_in(directory))
    if not number:
        return []
    return [
        f"{counted(number, 'picture')} directly in {short(directory)} {are(number)} not read, being in no class's folder."
    ]
