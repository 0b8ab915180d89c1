"""The layout `folder`: normal images in one folder, nothing else."""

from pathlib import Path

from xai_ad.data.layouts.base import NORMAL, Dataset, Layout, Protocol, Split
from xai_ad.data.layouts.pictures import read_samples, require_some
from xai_ad.data.layouts.splitting import take_share
from xai_ad.errors import DatasetError

SHARE = 0.1
"""The share that validates, and the further share that calibrates."""


def read_folder(directory: Path) -> Dataset:
    """Read a folder of normal images."""
    found = read_samples(directory, label=NORMAL, kind="good", subset="train")
    require_some(found.samples, f"pictures in {str(directory)!r}")
    return Dataset(name=directory.resolve().name, layout="folder", samples=found.samples, notes=found.notes)


def split_folder(dataset: Dataset, protocol: Protocol) -> Split:
    """Split: 10 % validates, a further 10 % calibrates, the rest trains; there is nothing to report on."""
    if protocol is Protocol.THESIS:
        raise DatasetError("The protocol 'thesis' needs anomalous images; the layout 'folder' has none.")
    ordered, _ = take_share(dataset.samples, 1.0)
    count = len(take_share(dataset.samples, SHARE)[0])
    validation, calibrating, train = ordered[:count], ordered[count : 2 * count], ordered[2 * count :]
    return Split(
        protocol=protocol,
        train=tuple(train),
        validation=tuple(validation),
        calibration=(*validation, *calibrating),
        test=(),
    )


FOLDER = Layout(id="folder", expects="normal pictures in one folder", read=read_folder, split=split_folder)
