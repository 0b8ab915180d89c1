"""What a set of clips lacks, in words: labels, clips, frames, masks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xai_ad.data.sets.base import Dataset
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.labels import FRAME_LABELS
from xai_ad.data.videos.masks import ImageMasks
from xai_ad.data.videos.sources import frame_number
from xai_ad.data.wording import are, counted, listed

FORMS = (
    f"{FRAME_LABELS}, a .m file with gt_frame, a .mat file with a cell gt of ranges, a .npy file with 0 or 1 for every test "
    "frame, a .mat or .npy file for each test clip, or a folder of masks <clip>_gt for each"
)
"""The labels that are read, for people."""


def told(dataset: Dataset, directory: Path) -> Dataset:
    """Return a dataset of clips with notes on what it lacks.

    These are clips and frames by their numbers, test clips' labels, and masks of anomalous frames.
    """
    tested = [clip for clip in dataset.clips if clip.subset == "test"]
    missing = [clip.name for clip in tested if clip.labels is None]
    notes = [
        *(note for subset in ("train", "test") for note in _lacking_clips(dataset.clips, subset)),
        *_lacking_frames(dataset.clips),
        *_unmarked(tested),
    ]
    if missing:
        which = "" if len(missing) == len(tested) else f": {listed(missing, 3)}"
        notes.append(
            f"{len(missing)} of {counted(len(tested), 'test clip')} in {directory.resolve().name} have no labels, and are not "
            f"reported on{which}. Labels are {FORMS}."
        )
    return replace(dataset, notes=(*dataset.notes, *notes))


def _lacking_clips(clips: Sequence[Clip], subset: str) -> list[str]:
    """Say which clips are missing, by the numbers of the others."""
    missing = _missing_numbers([clip for clip in clips if clip.subset == subset])
    return [f"The {subset} clips lack the numbers {listed(map(str, missing), 3)}."] if missing else []


def _lacking_frames(clips: Sequence[Clip]) -> list[str]:
    """Say which clips lack frames, by the numbers of the others."""
    lacking = {
        clip.name: missing
        for clip in clips
        if (missing := clip.numbers[-1] - clip.numbers[0] + 1 - len(clip.numbers))
    }
    if not lacking:
        return []
    which = listed((f"{name} lacks {count}" for name, count in lacking.items()), 3)
    return [f"By their numbers frames of {counted(len(lacking), 'clip')} are missing: {which}."]


def _unmarked(clips: Sequence[Clip]) -> list[str]:
    """Say which anomalous frames have no mask, of clips where others have."""
    lacking = []
    for clip in clips:
        if isinstance(clip.masks, ImageMasks) and clip.labels is not None:
            frames = zip(clip.numbers, clip.labels, clip.masks.files, strict=True)
            lacking += [
                f"{clip.name}/{number}" for number, anomalous, file in frames if anomalous and file is None
            ]
    if not lacking:
        return []
    return [
        f"{counted(len(lacking), 'anomalous frame')} {are(len(lacking))} without a mask: {listed(lacking, 3)}."
    ]


def gaps(clips: Sequence[Clip]) -> str:
    """Say which numbers are missing among the clips' names."""
    missing = _missing_numbers(clips)
    return f"; none has the number {listed(map(str, missing), 3)}" if missing else ""


def _missing_numbers(clips: Sequence[Clip]) -> list[int]:
    """Return the numbers from 1 on that no clip's name bears, though later ones are there."""
    numbers = {number for clip in clips if (number := frame_number(clip.name)) is not None}
    return (
        sorted(set(range(1, max(numbers, default=0) + 1)) - numbers)
        if len(numbers) * 2 > max(numbers, default=0)
        else []
    )
