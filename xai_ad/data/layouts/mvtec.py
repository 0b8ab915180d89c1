"""The layout of MVTec AD: `train/good`, `test/<good or defect>`, `ground_truth/<defect>/<stem>_mask.png`."""

from pathlib import Path

from xai_ad.data.hidden import visible_in
from xai_ad.data.layouts.base import ANOMALOUS, NORMAL, Dataset, Layout, Protocol, Split, is_generated
from xai_ad.data.layouts.pictures import joined, read_samples, require_some
from xai_ad.data.layouts.splitting import take_share, take_share_by_kind
from xai_ad.errors import DatasetError

GOOD = "good"
VALIDATION_SHARE = 0.1
CALIBRATION_SHARE = 0.2


def read_mvtec(directory: Path) -> Dataset:
    """Read a category's folder. Defective images without a mask are read, and count in no pixel metric."""
    good = directory / "train" / GOOD
    if not good.is_dir():
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout 'mvtec': there is no folder train/{GOOD} in it. "
            f"Normal pictures belong there, or use the layout 'folder'."
        )
    parts = [read_samples(good, label=NORMAL, kind=GOOD, subset="train")]
    require_some(parts[0].samples, f"pictures in {str(good)!r}")
    test = directory / "test"
    parts += [
        read_samples(
            folder,
            label=NORMAL if folder.name == GOOD else ANOMALOUS,
            kind=folder.name,
            subset="test",
            masks=None if folder.name == GOOD else directory / "ground_truth" / folder.name,
        )
        for folder in (visible_in(test) if test.is_dir() else [])
        if folder.is_dir()
    ]
    whole = joined(parts)
    return Dataset(
        name=directory.resolve().name,
        layout="mvtec",
        samples=whole.samples,
        notes=whole.notes,
        generated=is_generated(directory),
    )


def split_mvtec(dataset: Dataset, protocol: Protocol) -> Split:
    """Split: 10 % of train/good validates; 20 % of each test class calibrates, the other 80 % reports.

    Under the protocol `thesis` the whole test set calibrates and reports (3.8.5).
    """
    validation, train = take_share((s for s in dataset.samples if s.subset == "train"), VALIDATION_SHARE)
    tested = [sample for sample in dataset.samples if sample.subset == "test"]
    if protocol is Protocol.THESIS:
        calibration, test = tested, tested
    else:
        calibrating, test = take_share_by_kind(tested, CALIBRATION_SHARE)
        calibration = [*validation, *calibrating]
    return Split(
        protocol=protocol,
        train=tuple(train),
        validation=tuple(validation),
        calibration=tuple(calibration),
        test=tuple(test),
    )


MVTEC = Layout(
    id="mvtec",
    expects="train/good, test/<good or defect>, ground_truth/<defect>/<stem>_mask.png",
    read=read_mvtec,
    split=split_mvtec,
)
