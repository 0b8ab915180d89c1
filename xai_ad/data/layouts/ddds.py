"""The layout of the Daytime Driver Distraction Dataset: `<driver>/<class>/<picture>` (4.2.2, Table 4.2).

25 drivers in four classes, of which `Normal` is normal. The publisher's own tree is not documented in public, so this
one is a decision: what the split needs, the driver and the class, is what the folders say. Frames of one driver look
alike, so everything is split by the driver, in the order of the SHA-256 of the drivers' names.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from xai_ad.data.hidden import visible_in
from xai_ad.data.sets.base import ANOMALOUS, NORMAL, Dataset, Layout, Protocol, Split
from xai_ad.data.sets.pictures import joined, read_samples, require_some
from xai_ad.data.sets.splitting import share_of
from xai_ad.errors import DatasetError

CLASSES = {"normal": "Normal", "talking": "Talking", "texting": "Texting", "operating_gps": "Operating_GPS"}
"""By kind, as Table 4.2 names them; every driver has all four."""
NORMAL_KIND = "normal"
_KINDS = {kind.replace("_", ""): kind for kind in CLASSES} | {
    "talk": "talking",
    "text": "texting",
    "gps": "operating_gps",
}
"""By a folder's bare name; the short ones are how the thesis's author labels his figures of drivers."""
LEARNERS = 16
"""Drivers whose normal images train and validate (4.2.2)."""
VALIDATION_SHARE = 0.1
"""Of the 16 drivers, rounded up: 2."""
CALIBRATION_SHARE = 0.2
"""Of the other drivers, rounded up: 2 of the published 9, and so about 20 % of each class."""


def read_ddds(directory: Path) -> Dataset:
    """Read the set. Raises `DatasetError` for a driver without the four classes, and for too few drivers."""
    drivers = {folder.name: _class_folders(folder) for folder in _folders_in(directory)}
    if len(drivers) <= LEARNERS:
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout 'ddds': it holds {len(drivers)} drivers, and at least "
            f"{LEARNERS + 1} are needed: {LEARNERS} train, the others calibrate and report."
        )
    learners = _in_order(drivers)[:LEARNERS]
    parts = []
    for driver, folders in drivers.items():
        for folder, kind in folders.items():
            is_normal = kind == NORMAL_KIND
            found = read_samples(
                folder,
                label=NORMAL if is_normal else ANOMALOUS,
                kind=kind,
                subset="train" if is_normal and driver in learners else "test",
                group=driver,
            )
            require_some(found, folder)
            parts.append(found)
    whole = joined(parts)
    return Dataset(name=directory.resolve().name, layout="ddds", samples=whole.samples, notes=whole.notes)


def fits_ddds(directory: Path) -> bool:
    """Return whether a folder holds a driver with two of the classes or more."""
    return any(
        len({_kind_of(folder) for folder in _folders_in(driver)} - {None}) > 1
        for driver in _folders_in(directory)
    )


def split_ddds(dataset: Dataset, protocol: Protocol) -> Split:
    """Split by driver: the normal images of 14 train, those of 2 validate; of the others 20 % calibrate, the rest report.

    The 16 drivers' anomalous images are left out. Under `thesis` these, and all images of the others, calibrate and
    report. Raises `DatasetError` where `held-out` leaves no driver to report.
    """
    order = _in_order({str(sample.group) for sample in dataset.samples})
    learners, others = order[:LEARNERS], order[LEARNERS:]
    validating = learners[: share_of(len(learners), VALIDATION_SHARE)]
    calibrating = others[: share_of(len(others), CALIBRATION_SHARE)]
    learnt = [sample for sample in dataset.samples if sample.subset == "train"]
    tested = [sample for sample in dataset.samples if sample.subset == "test"]
    validation = [sample for sample in learnt if sample.group in validating]
    if protocol is Protocol.THESIS:
        calibration, test = tested, tested
    else:
        if len(others) < 2:
            raise DatasetError(
                f"The protocol 'held-out' needs {LEARNERS + 2} drivers or more: {LEARNERS} train, one calibrates, one "
                f"reports. {dataset.name!r} has {len(order)}."
            )
        calibration = [*validation, *(sample for sample in tested if sample.group in calibrating)]
        test = [sample for sample in tested if sample.group in others[len(calibrating) :]]
    return Split(
        protocol=protocol,
        train=tuple(sample for sample in learnt if sample.group not in validating),
        validation=tuple(validation),
        calibration=tuple(calibration),
        test=tuple(test),
    )


def _class_folders(driver: Path) -> dict[Path, str]:
    """Return a driver's class folders and their kinds."""
    valid = f"The classes are {', '.join(CLASSES.values())}."
    if _kind_of(driver):
        raise DatasetError(
            f"{str(driver)!r} is named like a class. The layout 'ddds' is <driver>/<class>/<picture>: drivers first."
        )
    folders = _folders_in(driver)
    if not folders:
        raise DatasetError(f"The driver's folder {str(driver)!r} holds no class folders. {valid}")
    kinds = {}
    for folder in folders:
        kind = _kind_of(folder)
        if kind is None:
            raise DatasetError(
                f"The driver's folder {str(driver)!r} holds {folder.name!r}, which is no class. {valid}"
            )
        kinds[folder] = kind
    missing = [name for kind, name in CLASSES.items() if kind not in kinds.values()]
    if missing:
        raise DatasetError(
            f"The driver's folder {str(driver)!r} lacks the class folders {', '.join(missing)}."
        )
    return kinds


def _kind_of(folder: Path) -> str | None:
    """Return the class that a folder is named after, whatever its letter case, underscores, hyphens and spaces."""
    return _KINDS.get(re.sub(r"[\s_-]", "", folder.name.lower()))


def _folders_in(directory: Path) -> list[Path]:
    """Return the folders directly in a folder, by name, without hidden ones."""
    return [path for path in visible_in(directory) if path.is_dir()]


def _in_order(drivers: Iterable[str]) -> list[str]:
    """Return the drivers in the order of the SHA-256 of their names."""
    return sorted(drivers, key=lambda driver: hashlib.sha256(driver.encode()).hexdigest())


DDDS = Layout(
    id="ddds", expects="<driver>/<class>/<picture>", read=read_ddds, split=split_ddds, fits=fits_ddds
)
