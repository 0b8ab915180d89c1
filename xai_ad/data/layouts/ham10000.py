"""The layout of HAM10000: `HAM10000_metadata.csv` and `images/<image_id>.jpg`, as published.

Naevi (`nv`) are normal, the other six diagnoses anomalous. Many lesions were photographed several times, so everything
is split by `lesion_id`: no lesion stands on two sides.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from xai_ad.data.decoding import sha256_of
from xai_ad.data.layouts.base import ANOMALOUS, NORMAL, Dataset, Layout, Protocol, Sample, Split
from xai_ad.data.layouts.splitting import share_of, take_share_by_kind
from xai_ad.errors import DatasetError

METADATA = "HAM10000_metadata.csv"
COLUMNS = ("lesion_id", "image_id", "dx")
NAEVUS = "nv"
DIAGNOSES = ("akiec", "bcc", "bkl", "df", "mel", NAEVUS, "vasc")
TRAINED, CALIBRATED = 5_000 / 6_705, 700 / 6_705
"""Shares of the naevi that train and validate, and that calibrate; the rest, about 1,000 of 6,705, reports."""
THESIS_TRAINED = 6_600 / 6_705
"""The thesis trains on 6,600 naevi, which leaves 105 to report (4.2)."""
VALIDATION_SHARE = 0.1
CALIBRATION_SHARE = 0.2


def read_ham10000(directory: Path) -> Dataset:
    """Read the set. Raises `DatasetError` for a table that is damaged or incomplete, and for images it names in vain."""
    table = directory / METADATA
    if not table.is_file():
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout 'ham10000': there is no {METADATA} in it."
        )
    rows = _read_rows(table)
    paths = [directory / "images" / f"{image}.jpg" for _, image, _ in rows]
    absent = [path.name for path in paths if not path.is_file()]
    if absent:
        raise DatasetError(
            f"{len(absent)} of {len(rows)} images named in {METADATA} are not in images/: {_first_three(absent)}."
        )
    samples = tuple(
        Sample(
            path=path,
            label=NORMAL if diagnosis == NAEVUS else ANOMALOUS,
            kind=diagnosis,
            subset="train" if diagnosis == NAEVUS else "test",
            sha256=sha256_of(path),
            group=lesion,
        )
        for path, (lesion, _, diagnosis) in zip(paths, rows, strict=True)
    )
    return Dataset(name=directory.resolve().name, layout="ham10000", samples=samples)


def fits_ham10000(directory: Path) -> bool:
    """Return whether a folder holds the publisher's table."""
    return (directory / METADATA).is_file()


def split_ham10000(dataset: Dataset, protocol: Protocol) -> Split:
    """Split by lesion: of the naevi 5,000 train and validate, 700 calibrate, the rest reports.

    20 % of each anomalous class calibrates. Under `thesis` 6,600 naevi train, and what reports calibrates too.
    """
    naevi = [sample for sample in dataset.samples if sample.kind == NAEVUS]
    others = [sample for sample in dataset.samples if sample.kind != NAEVUS]
    if protocol is Protocol.THESIS:
        learnt, rest = _take_lesions(naevi, THESIS_TRAINED)
        validation, train = _take_lesions(learnt, VALIDATION_SHARE)
        test = [*rest, *others]
        calibration = test
    else:
        learnt, rest = _take_lesions(naevi, TRAINED)
        calibrating, reporting = _take_lesions(rest, CALIBRATED / (1 - TRAINED))
        validation, train = _take_lesions(learnt, VALIDATION_SHARE)
        others_calibrating, others_reporting = take_share_by_kind(others, CALIBRATION_SHARE, _take_lesions)
        calibration = [*validation, *calibrating, *others_calibrating]
        test = [*reporting, *others_reporting]
    return Split(
        protocol=protocol,
        train=tuple(train),
        validation=tuple(validation),
        calibration=tuple(calibration),
        test=tuple(test),
    )


def _read_rows(table: Path) -> list[tuple[str, str, str]]:
    """Return each image's lesion, id and diagnosis; raises `DatasetError` unless all are there, known and unique."""
    try:
        with table.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise DatasetError(f"{str(table)!r} lacks the columns {', '.join(missing)}.")
            cells = [[(row[column] or "").strip() for column in COLUMNS] for row in reader]
    except csv.Error as error:
        raise DatasetError(f"{str(table)!r} is not a table of comma-separated values: {error}.") from error
    if not cells:
        raise DatasetError(f"{str(table)!r} names no images: it has a header and no rows.")
    blank = [f"row {number}" for number, row in enumerate(cells, start=1) if not all(row)]
    if blank:
        raise DatasetError(
            f"In {len(blank)} of {len(cells)} rows of {str(table)!r} a lesion_id, image_id or dx is blank: "
            f"{_first_three(blank)}."
        )
    unknown = sorted({diagnosis for _, _, diagnosis in cells} - set(DIAGNOSES))
    if unknown:
        raise DatasetError(
            f"{str(table)!r} has the unknown dx {_first_three(unknown)}. A dx is one of: {', '.join(DIAGNOSES)}."
        )
    if all(diagnosis != NAEVUS for _, _, diagnosis in cells):
        raise DatasetError(f"{str(table)!r} names no image with the dx {NAEVUS!r}: naevi are what trains.")
    twice = [image for image, count in Counter(image for _, image, _ in cells).items() if count > 1]
    if twice:
        raise DatasetError(f"{str(table)!r} names {len(twice)} images more than once: {_first_three(twice)}.")
    return [(lesion, image, diagnosis) for lesion, image, diagnosis in cells]


def _first_three(names: list[str]) -> str:
    return ", ".join(names[:3])


def _take_lesions(samples: Iterable[Sample], share: float) -> tuple[list[Sample], list[Sample]]:
    """Take whole lesions until they hold the share, in the order of each lesion's smallest SHA-256; and the rest."""
    lesions = defaultdict(list)
    for sample in sorted(samples, key=lambda sample: sample.sha256):
        lesions[sample.group].append(sample)
    wanted = share_of(sum(map(len, lesions.values())), share)
    taken: list[Sample] = []
    rest: list[Sample] = []
    for members in lesions.values():
        (taken if len(taken) < wanted else rest).extend(members)
    return taken, rest


HAM10000 = Layout(
    id="ham10000",
    expects=f"{METADATA} and images/<image_id>.jpg",
    read=read_ham10000,
    split=split_ham10000,
    fits=fits_ham10000,
)
