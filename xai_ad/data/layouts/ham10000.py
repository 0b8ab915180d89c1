"""The layout of HAM10000: `HAM10000_metadata.csv` and `<image_id>.jpg` in any folders, as published.

Naevi (`nv`) are normal, the other six diagnoses anomalous. Many lesions were photographed several times, so everything
is split by `lesion_id`: no lesion stands on two sides.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from xai_ad.data.decoding import SUFFIXES, sha256_of
from xai_ad.data.hidden import visible_in
from xai_ad.data.sets.base import ANOMALOUS, NORMAL, Dataset, Layout, Protocol, Sample, Split
from xai_ad.data.sets.pictures import images_in
from xai_ad.data.sets.splitting import take_groups, take_share_by_kind
from xai_ad.data.sets.tree import folders_beneath
from xai_ad.data.tables import read_table
from xai_ad.data.wording import bare, counted, listed
from xai_ad.errors import DatasetError

METADATA = "HAM10000_metadata.csv"
IMAGES = "images"
_SUFFIXES = frozenset({".csv", ".tab", ".tsv", ".txt", ""})
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
    table = _table_in(directory)
    if table is None:
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout 'ham10000': there is no {METADATA} in it."
        )
    rows = _read_rows(table)
    pictures = _pictures_by_id(directory)
    absent = [f"{image}.jpg" for _, image, _ in rows if image.casefold() not in pictures]
    if absent:
        raise DatasetError(
            f"{len(absent)} of {len(rows)} images named in {table.name} are not in {str(directory)!r}, nor in the folders "
            f"within it: {_first_three(absent)}."
        )
    paths = [_the_one(pictures[image.casefold()]) for _, image, _ in rows]
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


def _table_in(directory: Path) -> Path | None:
    """Return the publisher's table, whatever its suffix; raises `DatasetError` where several say different things."""
    found = [
        path
        for path in visible_in(directory)
        if path.is_file()
        and bare(path.stem) == bare(Path(METADATA).stem)
        and path.suffix.lower() in _SUFFIXES
    ]
    found.sort(key=lambda path: path.name != METADATA)
    if len(found) > 1 and any(sorted(_read_rows(path)) != sorted(_read_rows(found[0])) for path in found[1:]):
        raise DatasetError(
            f"{str(directory)!r} holds {listed(path.name for path in found)}, which say different things. Keep one."
        )
    return found[0] if found else None


def _pictures_by_id(directory: Path) -> dict[str, list[Path]]:
    """Return the image files anywhere in the set by their names, in lower case without suffix; those in `images` first."""
    found: dict[str, list[Path]] = {}
    places = sorted(folders_beneath(directory), key=lambda place: place != directory / IMAGES)
    for place in places:
        for path in images_in(place):
            found.setdefault(path.stem.casefold(), []).append(path)
    return found


def _the_one(paths: Sequence[Path]) -> Path:
    """Return the first of the files of one image; raises `DatasetError` unless all are copies of it."""
    if len(paths) > 1 and len({sha256_of(path) for path in paths}) > 1:
        raise DatasetError(
            f"{paths[0]} and {paths[1]} are different pictures of one name. Keep the one that is meant."
        )
    return paths[0]


def fits_ham10000(directory: Path) -> bool:
    """Return whether a folder holds the publisher's table."""
    return any(
        bare(path.stem) == bare(Path(METADATA).stem) for path in visible_in(directory) if path.is_file()
    )


def split_ham10000(dataset: Dataset, protocol: Protocol) -> Split:
    """Split by lesion: of the naevi 5,000 train and validate, 700 calibrate, the rest reports.

    20 % of each anomalous class calibrates. Under `thesis` 6,600 naevi train, and what reports calibrates too.
    """
    naevi = [sample for sample in dataset.samples if sample.kind == NAEVUS]
    others = [sample for sample in dataset.samples if sample.kind != NAEVUS]
    if protocol is Protocol.THESIS:
        learnt, rest = take_groups(naevi, THESIS_TRAINED)
        validation, train = take_groups(learnt, VALIDATION_SHARE)
        test = [*rest, *others]
        calibration = test
    else:
        learnt, rest = take_groups(naevi, TRAINED)
        calibrating, reporting = take_groups(rest, CALIBRATED / (1 - TRAINED))
        validation, train = take_groups(learnt, VALIDATION_SHARE)
        others_calibrating, others_reporting = take_share_by_kind(others, CALIBRATION_SHARE, take_groups)
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
    cells = [(lesion, _without_suffix(image), dx) for lesion, image, dx in read_table(table, COLUMNS)]
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
    named = {(lesion, diagnosis) for lesion, _, diagnosis in cells}
    doubtful = [lesion for lesion, count in Counter(lesion for lesion, _ in named).items() if count > 1]
    if doubtful:  # by the one it would train, by the other report
        raise DatasetError(
            f"{str(table)!r} gives {counted(len(doubtful), 'lesion')} more than one dx: {_first_three(sorted(doubtful))}. A "
            "lesion has one."
        )
    return cells


def _without_suffix(image: str) -> str:
    """Return an image's id, of which some tables have the file's name."""
    return image[: -len(Path(image).suffix)] if Path(image).suffix.lower() in SUFFIXES else image


def _first_three(names: list[str]) -> str:
    return ", ".join(names[:3])


HAM10000 = Layout(
    id="ham10000",
    expects=f"{METADATA} and <image_id>.jpg in any folders",
    read=read_ham10000,
    split=split_ham10000,
    fits=fits_ham10000,
)
