"""A dataset without some of its pictures: those that a person left out, and those that cannot be read."""

from collections.abc import Collection
from dataclasses import replace

from xai_ad.data.sets.base import Dataset


def without(dataset: Dataset, left_out: Collection[str]) -> Dataset:
    """Return a dataset without the pictures, or the clips with all their frames, of some SHA-256s."""
    gone = frozenset(left_out)
    if not gone:
        return dataset
    clips = tuple(clip for clip in dataset.clips if clip.sha256 not in gone)
    kept = {(clip.subset, clip.name) for clip in clips}
    return replace(
        dataset,
        clips=clips,
        samples=tuple(
            sample
            for sample in dataset.samples
            if sample.sha256 not in gone and (not dataset.clips or (sample.subset, sample.group) in kept)
        ),
    )
