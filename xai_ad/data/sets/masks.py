"""Other masks for a dataset than its layout's own: what an annotation tool exported, or a folder of masks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xai_ad.data.decoding import names_image
from xai_ad.data.masks.annotations import Assigned, Drawn, assign, holds_annotations, read_annotations
from xai_ad.data.masks.matching import match_masks
from xai_ad.data.sets.base import ANOMALOUS, Dataset, Sample
from xai_ad.data.sets.tree import folder_named
from xai_ad.data.wording import counted, listed, short
from xai_ad.errors import DatasetError


def with_masks(dataset: Dataset, place: Path) -> Dataset:
    """Return a dataset whose masks are those of a file of annotations, or of a folder, in place of its own.

    A folder holds JSON files, or masks: of each class in a folder of its name, or all together. A picture on which
    nothing is drawn has no mask: it is not known whether there is anything. Notes count what was not found. Raises
    `DatasetError` where nothing belongs to the dataset.
    """
    if not place.exists():
        raise DatasetError(f"There is no file or folder {str(place)!r} of masks.")
    bare = tuple(replace(sample, masks=(), drawn=()) for sample in dataset.samples)
    try:
        is_painted = place.is_dir() and not holds_annotations(place)
        samples, notes = painted(bare, place) if is_painted else _drawn(bare, place)
    except OSError as error:
        raise DatasetError(
            f"{error.filename or place} cannot be read ({error.strerror or error})."
        ) from error
    if not any(sample.is_marked for sample in samples):
        if not is_painted:
            raise DatasetError(f"{str(place)!r} draws nothing on any defective picture of the dataset.")
        raise DatasetError(
            f"{str(place)!r} has no mask of any defective picture of the dataset, and no annotations."
        )
    return replace(dataset, samples=samples, notes=(*dataset.notes, *notes))


def painted(samples: Sequence[Sample], folder: Path) -> tuple[tuple[Sample, ...], list[str]]:
    """Return samples with the masks that a folder has for defective ones, and notes.

    They lie in folders of the classes' names, or of classes without one, all together: by names that no other has.
    """
    by_folder: dict[Path, list[Path]] = {}
    for sample in samples:
        if sample.label == ANOMALOUS:
            by_folder.setdefault(folder_named(folder, sample.kind) or folder, []).append(sample.path)
    matches = [match_masks(paths, where, others=by_folder.keys()) for where, paths in by_folder.items()]
    masks = {path: files for match in matches for path, files in match.masks.items() if files}
    marked = tuple(replace(sample, masks=masks.get(sample.path, sample.masks)) for sample in samples)
    return marked, [note for match in matches for note in match.notes]


def _drawn(samples: Sequence[Sample], place: Path) -> tuple[tuple[Sample, ...], list[str]]:
    """Give samples what annotations draw on their pictures."""
    parsed = read_annotations(place)
    pictures = {sample.path: sample for sample in samples if names_image(sample.path)}
    likely = {path for path, sample in pictures.items() if sample.label == ANOMALOUS}
    found = assign(parsed.drawn, list(pictures), likely)
    drawn = {path: tuple(one for one in each if not one.is_empty) for path, each in found.drawn.items()}
    if not parsed.drawn:
        raise DatasetError(f"{str(place)!r} annotates no pictures.")
    unclear = _unclear(found, len(parsed.drawn), place)
    if not found.drawn:
        raise DatasetError(
            unclear[0]
            if unclear
            else f"None of the {counted(len(parsed.drawn), 'picture')} that {str(place)!r} annotates is in the dataset. It "
            f"names {_names(parsed.drawn)}; the dataset has {listed((short(path) for path in pictures), 3)}."
        )
    marked = tuple(
        replace(sample, drawn=drawn.get(sample.path, ()) if sample.label == ANOMALOUS else ())
        for sample in samples
    )
    sound = [path for path, each in drawn.items() if each and path not in likely]
    empty = [path for path, each in drawn.items() if not each and path in likely]
    every = len(parsed.drawn)
    notes = list(parsed.notes)
    if found.unknown:
        notes.append(
            f"{len(found.unknown)} of {counted(every, 'picture')} that {place} annotates are not in the dataset: "
            f"{_names(found.unknown)}."
        )
    notes += unclear
    if empty:
        notes.append(
            f"{place} draws nothing on {counted(len(empty), 'defective picture')}, which count as not annotated: "
            f"{listed(map(short, empty), 3)}."
        )
    if sound:
        notes.append(
            f"{place} draws on {counted(len(sound), 'normal picture')}, where it is left out: {listed(map(short, sound), 3)}."
        )
    return marked, notes


def _unclear(found: Assigned, every: int, place: Path) -> list[str]:
    """Say which of every annotated picture could be several of the dataset's."""
    if not found.unclear:
        return []
    one, paths = found.unclear[0]
    line = (
        f"{len(found.unclear)} of {counted(every, 'picture')} that {place} annotates could be several, and are not used: "
        f"{_names([one for one, _ in found.unclear])}. {one.name} could be {listed(('/'.join(path.parts[-3:]) for path in paths), 3)}."
    )
    return [line]


def _names(drawn: Sequence[Drawn]) -> str:
    return listed((one.name for one in drawn), 3)
