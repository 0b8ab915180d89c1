"""The layout of VisA: `Data/Images/{Normal,Anomaly}`, `Data/Masks/Anomaly/<stem>.png`, `split_csv/1cls.csv` beside.

The published one-class split is that of the table (Zou et al., ECCV 2022): 90 % of a category's normal images train, the
others and all anomalous ones test. Without the table the same shares are dealt out.
"""

from dataclasses import replace
from pathlib import Path

from xai_ad.data.sets.base import Dataset, Layout, Sample, Subset
from xai_ad.data.sets.classes import read_tested
from xai_ad.data.sets.splitting import split_by_subset, take_share
from xai_ad.data.sets.tree import folder_named, subfolders
from xai_ad.data.specs import name_in_family
from xai_ad.data.tables import read_table
from xai_ad.data.wording import bare, counted, listed
from xai_ad.errors import DatasetError

TABLE = "split_csv/1cls.csv"
NORMAL_FOLDER = "Normal"
ANOMALY = "anomaly"
"""The kind of every anomalous image: one has several defects, which `image_anno.csv` names."""
TEST_SHARE = 0.1
"""Of the normal images, where no table says which."""
_SUBSETS: dict[str, Subset] = {"train": "train", "test": "test"}


def read_visa(directory: Path) -> Dataset:
    """Read a category's folder, or that of the set where it holds one category.

    Raises `DatasetError` for a table that names images in vain, and where no normal images train.
    """
    category = _category_in(directory)
    images = category and _folder(category, "Data", "Images")
    if category is None or images is None:
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout 'visa': there is no folder Data/Images/{NORMAL_FOLDER} in it."
        )
    found = read_tested(images, _folder(category, "Data", "Masks"), expected=NORMAL_FOLDER)
    samples = [replace(sample, kind=ANOMALY) if sample.label else sample for sample in found.samples]
    table = _table_of(category)
    named = _subsets(table, category) if table else {}
    if named and table:
        samples, notes = _as_published(samples, named, table)
    else:
        samples, notes = (
            _as_dealt(samples),
            [f"No table {TABLE} names {category.name}: 10 % of its normal images test."],
        )
    if not any(sample.subset == "train" for sample in samples):
        raise DatasetError(f"No normal pictures of {str(category)!r} train.")
    if category != directory:
        notes.append(f"{category.name} is read, as the only category in {directory.resolve().name}.")
    return Dataset(
        name=name_in_family("visa", category.resolve().name),
        layout="visa",
        samples=tuple(samples),
        notes=(*found.notes, *notes),
    )


def fits_visa(directory: Path) -> bool:
    """Return whether a folder looks like a category."""
    images = _folder(directory, "Data", "Images")
    return images is not None and folder_named(images, NORMAL_FOLDER) is not None


def _category_in(directory: Path) -> Path | None:
    """Return a category's folder: this one, or the only one in it."""
    if fits_visa(directory):
        return directory
    inside = [folder for folder in subfolders(directory) if fits_visa(folder)]
    return inside[0] if len(inside) == 1 else None


def _folder(directory: Path, *names: str) -> Path | None:
    """Return a folder within folders, however their names are written."""
    place: Path | None = directory
    for name in names:
        place = place and folder_named(place, name)
    return place


def _table_of(category: Path) -> Path | None:
    """Return the table of the published split: in the category's folder, or in the one that it lies in."""
    places = [category / TABLE, category.absolute().parent / TABLE, category / Path(TABLE).name]
    return next((place for place in places if place.is_file()), None)


def _subsets(table: Path, category: Path) -> dict[tuple[str, str], Subset]:
    """Return which part a table puts each image of a category into, by its folder and stem; empty for another's table."""
    named: dict[tuple[str, str], Subset] = {}
    for number, (name, split, image) in enumerate(read_table(table, ("object", "split", "image")), 1):
        if bare(name) != bare(category.resolve().name):
            continue
        subset = _SUBSETS.get(split.lower())
        if subset is None or not image:
            raise DatasetError(
                f"Row {number} of {str(table)!r} puts {image!r} into {split!r}. A split is train or test."
            )
        named[_key(Path(image.replace("\\", "/")))] = subset
    return named


def _key(path: Path) -> tuple[str, str]:
    """Return what a table and a folder agree in: the class's folder, and the image's name without suffix."""
    return bare(path.parent.name), path.stem.casefold()


def _as_published(
    samples: list[Sample], named: dict[tuple[str, str], Subset], table: Path
) -> tuple[list[Sample], list[str]]:
    """Return the samples that a table names, each in its part, and notes on the others."""
    by_key = {_key(sample.path): sample for sample in samples}
    absent = [f"{folder}/{stem}" for folder, stem in named if (folder, stem) not in by_key]
    if absent:
        raise DatasetError(
            f"{counted(len(absent), 'image')} of {len(named)} named in {str(table)!r} cannot be found: "
            f"{listed(absent, 3)}."
        )
    wrong = [
        by_key[key].path.name for key, subset in named.items() if subset == "train" and by_key[key].label
    ]
    if wrong:
        raise DatasetError(f"{str(table)!r} has anomalous images train: {listed(wrong, 3)}.")
    surplus = [sample.path.name for key, sample in by_key.items() if key not in named]
    notes = []
    if surplus:
        what = counted(len(surplus), "picture")
        notes.append(f"{what} not named in {table.name} left out: {listed(surplus, 3)}.")
    return [replace(sample, subset=named[key]) for key, sample in by_key.items() if key in named], notes


def _as_dealt(samples: list[Sample]) -> list[Sample]:
    """Return the samples with a tenth of the normal ones in the test, by the order of their hashes."""
    testing, training = take_share((sample for sample in samples if not sample.label), TEST_SHARE)
    anomalous = [sample for sample in samples if sample.label]
    return [*(replace(sample, subset="train") for sample in training), *testing, *anomalous]


VISA = Layout(
    id="visa",
    expects="Data/Images/Normal, Data/Images/Anomaly, Data/Masks/Anomaly/<stem>.png; split_csv/1cls.csv beside",
    read=read_visa,
    split=split_by_subset,
    fits=fits_visa,
)
