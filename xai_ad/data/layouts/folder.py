"""The layout `folder`: normal images in one folder, nothing else."""

from pathlib import Path

from xai_ad.data.sets.base import NORMAL, Dataset, Layout, Protocol, Split
from xai_ad.data.sets.classes import GOOD
from xai_ad.data.sets.pictures import images_in, read_samples, require_some
from xai_ad.data.sets.splitting import take_share
from xai_ad.data.sets.tree import count_pictures, subfolders
from xai_ad.data.wording import counted, listed
from xai_ad.errors import DatasetError

SHARE = 0.1
"""The share that validates, and the further share that calibrates."""


def read_folder(directory: Path) -> Dataset:
    """Read a folder of normal images."""
    found = read_samples(directory, label=NORMAL, kind=GOOD, subset="train", within=False)
    inside = [
        f"{folder.name} ({counted(number, 'picture')})"
        for folder in subfolders(directory)
        if (number := count_pictures(folder))
    ]
    if inside and not found.samples:
        raise DatasetError(
            f"There are no pictures directly in {str(directory)!r}, and folders within it are not searched: "
            f"{listed(inside)}. Point --data at one of them."
        )
    require_some(found, directory)
    notes = (
        [f"Folders within {directory.resolve().name} are not searched: {listed(inside)}."] if inside else []
    )
    return Dataset(
        name=directory.resolve().name,
        layout="folder",
        samples=found.samples,
        notes=(*found.notes, *notes),
    )


def fits_folder(directory: Path) -> bool:
    """Return whether a folder holds pictures."""
    return bool(images_in(directory))


def split_folder(dataset: Dataset, protocol: Protocol) -> Split:
    """Split: 10 % validates, a further 10 % calibrates, the rest trains; there is nothing to report on."""
    if protocol is Protocol.THESIS:
        raise DatasetError("The protocol 'thesis' needs anomalous images; the layout 'folder' has none.")
    validation, rest = take_share(dataset.samples, SHARE)
    calibrating, train = take_share(rest, min(len(validation) / max(len(rest), 1), 1.0))
    return Split(
        protocol=protocol,
        train=tuple(train),
        validation=tuple(validation),
        calibration=(*validation, *calibrating),
        test=(),
    )


FOLDER = Layout(
    id="folder",
    expects="normal pictures in one folder",
    read=read_folder,
    split=split_folder,
    fits=fits_folder,
)
