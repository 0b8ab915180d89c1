"""Sets of categories, each a folder: normal images that train, classes that test, masks by class. MVTec AD and its kin."""

from dataclasses import dataclass
from pathlib import Path

from xai_ad.data.sets.base import Dataset, generated_set
from xai_ad.data.sets.classes import GOOD, means_normal, normal_folder, read_normal, read_tested
from xai_ad.data.sets.pictures import Found, joined, require_some
from xai_ad.data.sets.tree import MASK_NAMES, count_pictures, folder_named, subfolders
from xai_ad.data.specs import name_in_family
from xai_ad.data.wording import bare, counted, listed
from xai_ad.errors import DatasetError

TRAIN = "train"


@dataclass(frozen=True, kw_only=True)
class Tree:
    """What the folders of one category are called.

    `truth` holds the masks, beside `test` or in it; `validation` normal images that a publisher set apart. What is
    `unlabelled` cannot be used.
    """

    layout: str
    good: str = GOOD
    test: str = "test"
    truth: str = "ground_truth"
    validation: str | None = None
    unlabelled: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders that are read."""
        return (TRAIN, *([self.validation] if self.validation else []), self.test, self.truth)


def read_category(directory: Path, tree: Tree) -> Dataset:
    """Read a category's folder. Defective images without a mask are read, and count in no pixel metric.

    Raises `DatasetError` where no normal images train.
    """
    train, test = folder_named(directory, TRAIN), folder_named(directory, tree.test)
    good = None if train is None else normal_folder(train, tree.good)
    if train is None or good is None:
        others = subfolders(train) if train else []
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout {tree.layout!r}: there is no folder {TRAIN}/{tree.good} in it"
            + (f", but {TRAIN}/{listed(folder.name for folder in others)}" if others else "")
            + ". Normal pictures belong there, or use the layout 'folder'."
        )
    truth = _truth_in(directory, tree) or (test and folder_named(test, tree.truth))
    tested = Found() if test is None else read_tested(test, truth, expected=tree.good)
    defects = {bare(sample.kind) for sample in tested.samples if sample.label}
    learnt = read_normal(train, "train", expected=tree.good, others=defects)
    require_some(learnt, good)
    apart = folder_named(directory, tree.validation) if tree.validation else None
    validating = Found() if apart is None else read_normal(apart, "validation", expected=tree.good)
    whole = joined([learnt, validating, tested, Found(notes=_unread(directory, tree))])
    generated = generated_set(directory)
    return Dataset(
        name=generated or name_in_family(tree.layout, directory.resolve().name),
        layout=tree.layout,
        samples=whole.samples,
        notes=whole.notes,
        generated=generated is not None,
    )


def trains_normal(directory: Path, expected: str | None = None) -> bool:
    """Return whether a folder has a `train` with a folder of normal images in it, of the `expected` name if one is."""
    train = folder_named(directory, TRAIN)
    return train is not None and any(
        means_normal(folder) and expected in {None, bare(folder.name)} for folder in subfolders(train)
    )


def _truth_in(directory: Path, tree: Tree) -> Path | None:
    """Return the folder of masks: of the layout's name, else of the only other whose name says so."""
    return folder_named(directory, tree.truth) or folder_named(directory, *MASK_NAMES)


def _unread(directory: Path, tree: Tree) -> tuple[str, ...]:
    """Say which folders of a category are not read."""
    known, truth = set(map(bare, tree.parts)), _truth_in(directory, tree)
    unlabelled = set(map(bare, tree.unlabelled))
    notes = [
        f"{folder.name} is passed over: it has no labels."
        for folder in subfolders(directory)
        if bare(folder.name) in unlabelled
    ]
    others = [
        f"{folder.name} with {counted(number, 'picture')}"
        for folder in subfolders(directory)
        if folder != truth
        and bare(folder.name) not in known | unlabelled
        and (number := count_pictures(folder))
    ]
    if others:
        notes.append(f"The layout {tree.layout!r} does not read {listed(others)}: only {listed(tree.parts)}.")
    return tuple(notes)
