"""The layout of Kolektor's surface defects, masks beside the pictures: a picture whose mask marks anything is anomalous.

KolektorSDD has a folder an item, `kos01/Part0.jpg` and `kos01/Part0_label.bmp` (Tabernik et al., 2020); its items are
never torn apart. KolektorSDD2 has `train/10000.png` and `train/10000_GT.png`, and `test` alike (Božič et al., 2021).
"""

import re
from dataclasses import replace
from pathlib import Path

from xai_ad.data.decoding import sha256_of
from xai_ad.data.decoding.files import bytes_of
from xai_ad.data.masks.marking import marked_in
from xai_ad.data.sets.base import ANOMALOUS, NORMAL, Dataset, Layout, Protocol, Sample, Split, Subset
from xai_ad.data.sets.classes import GOOD
from xai_ad.data.sets.pictures import images_in, masks_beside
from xai_ad.data.sets.splitting import CALIBRATION_SHARE, VALIDATION_SHARE, take_groups, take_share
from xai_ad.data.sets.tree import folder_named, subfolders
from xai_ad.data.wording import listed
from xai_ad.errors import DatasetError

DEFECT = "defect"
LEARNT = 0.6
"""The items, by their share of the pictures, whose normal pictures train and validate."""
_ITEM = re.compile(r"kos\d+", re.IGNORECASE)
_NUMBERED = {"train": re.compile(r"1\d{4}"), "test": re.compile(r"2\d{4}")}
"""What the pictures of KolektorSDD2 are called."""


def read_kolektor(directory: Path) -> Dataset:
    """Read one of the two sets. Raises `DatasetError` for a picture without a mask, and where no normal pictures train."""
    if folder_named(directory, "train") is not None:
        samples = _read_parts(directory)
        own = all(_NUMBERED[sample.subset].fullmatch(sample.path.stem) for sample in samples)
        name = "sdd2"
    else:
        items = [folder for folder in subfolders(directory) if masks_beside(images_in(folder))]
        samples = _read_items(items)
        own = all(_ITEM.fullmatch(item.name) for item in items)
        name = "sdd"
    if not any(sample.subset == "train" and sample.label == NORMAL for sample in samples):
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout 'kolektor': it holds neither folders kos01, kos02 ... nor a "
            "folder train, with normal pictures and a mask beside each."
        )
    return Dataset(
        name=f"kolektor_{name}" if own else directory.resolve().name,
        layout="kolektor",
        samples=tuple(samples),
    )


def split_kolektor(dataset: Dataset, protocol: Protocol) -> Split:
    """Split: 10 % of what trains validates.

    KolektorSDD: of the items that train no picture, 20 % calibrate and the rest report; those that train leave their
    anomalous pictures out. KolektorSDD2: the anomalous pictures in `train` calibrate, and all of `test` reports. Under
    `thesis` the pictures set apart to test calibrate and report.
    """
    by_items = any(sample.group is not None for sample in dataset.samples)
    take = take_groups if by_items else take_share
    learnt = [sample for sample in dataset.samples if sample.subset == "train"]
    validation, train = take((sample for sample in learnt if sample.label == NORMAL), VALIDATION_SHARE)
    tested = [sample for sample in dataset.samples if sample.subset == "test"]
    if protocol is Protocol.THESIS:
        calibrating, test = tested, tested
    elif by_items:
        learners = {sample.group for sample in learnt}
        calibrating, test = take_groups(
            (sample for sample in tested if sample.group not in learners), CALIBRATION_SHARE
        )
    else:
        calibrating, test = [sample for sample in learnt if sample.label != NORMAL], tested
    return Split(
        protocol=protocol,
        train=tuple(train),
        validation=tuple(validation),
        calibration=tuple(calibrating if protocol is Protocol.THESIS else [*validation, *calibrating]),
        test=tuple(test),
    )


def fits_kolektor(directory: Path) -> bool:
    """Return whether a folder holds items called kos01 and so on, or a folder `train` of pictures with masks beside."""
    if any(_ITEM.fullmatch(folder.name) for folder in subfolders(directory)):
        return True
    train = folder_named(directory, "train")
    return train is not None and any(masks_beside(images_in(train)).values())


def _read_parts(directory: Path) -> list[Sample]:
    """Read the folders `train` and `test`."""
    parts: list[Subset] = ["train", "test"]
    folders = [(folder_named(directory, part), part) for part in parts]
    return [sample for folder, part in folders if folder for sample in _read(folder, part)]


def _read_items(items: list[Path]) -> list[Sample]:
    """Read items' folders: the normal pictures of some items are to train, all others to test."""
    samples = [replace(sample, group=item.name) for item in items for sample in _read(item, "test")]
    learners = {sample.group for sample in take_groups(samples, LEARNT)[0]}
    return [
        replace(sample, subset="train") if sample.group in learners and sample.label == NORMAL else sample
        for sample in samples
    ]


def _read(folder: Path, subset: Subset) -> list[Sample]:
    """Read a folder's pictures, labelled by whether their masks mark anything."""
    masks = masks_beside(images_in(folder))
    bare = [path.name for path, found in masks.items() if not found]
    if bare:
        raise DatasetError(
            f"{len(bare)} of {len(masks)} pictures in {str(folder)!r} have no mask beside them: {listed(bare, 3)}. A mask is "
            "called like its picture, with _GT or _label behind; that of a normal picture is empty."
        )
    return [
        Sample(
            path=path,
            label=ANOMALOUS if marked else NORMAL,
            kind=DEFECT if marked else GOOD,
            subset=subset,
            sha256=sha256_of(path),
            masks=found if marked else (),
        )
        for path, found in masks.items()
        for marked in [any(marked_in(bytes_of(mask), str(mask)).any() for mask in found)]
    ]


KOLEKTOR = Layout(
    id="kolektor",
    expects="kos01/Part0.jpg and Part0_label.bmp, or train/10000.png and 10000_GT.png, test alike",
    read=read_kolektor,
    split=split_kolektor,
    fits=fits_kolektor,
)
