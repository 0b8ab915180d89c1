"""A dataset's pictures of more than 8 bits: which value is white in all of them."""

from dataclasses import replace

from xai_ad.data.decoding.files import SUFFIXES
from xai_ad.data.decoding.survey import survey
from xai_ad.data.sets.base import Dataset, Sample
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.depths import at_levels


def with_levels(dataset: Dataset, *, levels: int | None = None, assumed: int | None = None) -> Dataset:
    """Return a dataset whose samples know which value is white, where their files do not say it.

    `levels` is the value that was given, `assumed` that of a model's training images; else the whole set's values
    decide, and a note says so.
    """
    files = dict.fromkeys(sample.path for sample in dataset.samples if sample.path.suffix.lower() in SUFFIXES)
    found = survey(files, levels=levels, assumed=assumed)
    white = found.white if levels is None else levels

    def graded(sample: Sample) -> Sample:
        known = levels if sample.path.suffix.lower() == ".zip" else found.whites.get(sample.path)
        return sample if known is None else replace(sample, levels=known)

    def graded_clip(clip: Clip) -> Clip:
        return replace(clip, source=at_levels(clip.source, levels=levels, assumed=white or assumed))

    return replace(
        dataset,
        samples=tuple(map(graded, dataset.samples)),
        clips=tuple(map(graded_clip, dataset.clips)),
        levels=found.white,
        notes=(*dataset.notes, *filter(None, [found.note])),
    )
