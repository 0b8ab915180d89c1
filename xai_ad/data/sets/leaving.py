"""A dataset without some of its pictures: those that a person left out, and those that cannot be read."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path, PurePosixPath

from xai_ad.data.sets.base import Dataset, Sample


def one_of_copies(sha256: str, path: Path, directory: Path) -> str:
    """Return what leaves out one file of a dataset's folder, and none of the others that are the same to the byte."""
    return f"{sha256}:{path.relative_to(directory).as_posix()}"


def without(dataset: Dataset, left_out: Collection[str]) -> Dataset:
    """Return a dataset without the pictures, or the clips with all their frames, of some SHA-256s.

    One of `one_of_copies` takes away that file only.
    """
    if not left_out:
        return dataset
    gone = {entry for entry in left_out if ":" not in entry}
    files = {id(found) for entry in left_out if ":" in entry and (found := _file(dataset, entry)) is not None}
    clips = tuple(clip for clip in dataset.clips if clip.sha256 not in gone)
    kept = {(clip.subset, clip.name) for clip in clips}
    return replace(
        dataset,
        clips=clips,
        samples=tuple(
            sample
            for sample in dataset.samples
            if sample.sha256 not in gone
            and id(sample) not in files
            and (not dataset.clips or (sample.subset, sample.group) in kept)
        ),
    )


def _file(dataset: Dataset, entry: str) -> Sample | None:
    """Return the file that an entry means: of those whose path ends so, the one nearest to the folder."""
    sha256, _, name = entry.partition(":")
    parts = PurePosixPath(name).parts
    found = [
        sample
        for sample in dataset.samples
        if sample.sha256 == sha256 and sample.path.parts[-len(parts) :] == parts
    ]
    return min(found, key=lambda sample: len(sample.path.parts), default=None)
