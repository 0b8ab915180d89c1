"""The layout of MVTec AD: `train/good`, `test/<good or defect>`, `ground_truth/<defect>/<stem>_mask.png`."""

from pathlib import Path

from xai_ad.data.layouts.base import Dataset, Layout, is_generated
from xai_ad.data.layouts.classes import GOOD, means_normal, normal_folder, read_normal, read_tested
from xai_ad.data.layouts.pictures import Found, joined, require_some
from xai_ad.data.layouts.splitting import split_by_subset
from xai_ad.data.layouts.tree import bare, count_pictures, counted, folder_named, listed, subfolders
from xai_ad.errors import DatasetError

_TRAIN, _TEST, _TRUTH = "train", "test", "ground_truth"


def read_mvtec(directory: Path) -> Dataset:
    """Read a category's folder. Defective images without a mask are read, and count in no pixel metric."""
    train, test = folder_named(directory, _TRAIN), folder_named(directory, _TEST)
    good = None if train is None else normal_folder(train)
    if train is None or good is None:
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout 'mvtec': there is no folder train/{GOOD} in it"
            + (
                f", but train/{listed(folder.name for folder in subfolders(train))}"
                if train and subfolders(train)
                else ""
            )
            + ". Normal pictures belong there, or use the layout 'folder'."
        )
    truth = folder_named(directory, _TRUTH) or (test and folder_named(test, _TRUTH))
    tested = Found() if test is None else read_tested(test, truth)
    defects = {bare(sample.kind) for sample in tested.samples if sample.label}
    learnt = read_normal(train, "train", others=defects)
    require_some(learnt, good)
    whole = joined([learnt, tested, Found(notes=_unread(directory))])
    return Dataset(
        name=directory.resolve().name,
        layout="mvtec",
        samples=whole.samples,
        notes=whole.notes,
        generated=is_generated(directory),
    )


def fits_mvtec(directory: Path) -> bool:
    """Return whether a folder looks like a category."""
    train = folder_named(directory, _TRAIN)
    return train is not None and any(means_normal(folder) for folder in subfolders(train))


def _unread(directory: Path) -> tuple[str, ...]:
    """Say which folders of a category belong to another layout."""
    others = [
        f"{folder.name} with {counted(number, 'picture')}"
        for folder in subfolders(directory)
        if bare(folder.name) not in {_TRAIN, _TEST, bare(_TRUTH)} and (number := count_pictures(folder))
    ]
    if not others:
        return ()
    return (f"The layout 'mvtec' does not read {listed(others)}: only train, test and ground_truth.",)


MVTEC = Layout(
    id="mvtec",
    expects="train/good, test/<good or defect>, ground_truth/<defect>/<stem>_mask.png",
    read=read_mvtec,
    split=split_by_subset,
    fits=fits_mvtec,
)
