"""Which files label the test clips of UCSD's and Avenue's kin, whoever wrote them.

A publisher's `.m` file; one array for the whole set, as distributed with code that uses it (`ped2.mat`,
`frame_labels_ped2.npy`); one array a clip (`1_label.mat`, `Test001.npy`); or a folder of masks a clip.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.decoding.files import bytes_of
from xai_ad.data.hidden import visible_in
from xai_ad.data.masks.marking import marked_in
from xai_ad.data.sets.lacking import gaps
from xai_ad.data.videos import arrays
from xai_ad.data.videos.arrays import Marks, read_marks
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.labels import labels_of_ranges, read_event_text
from xai_ad.data.videos.masks import ImageMasks, VolumeMasks
from xai_ad.data.videos.sources import frame_number
from xai_ad.data.wording import bare, counted, listed
from xai_ad.errors import DatasetError

_TRAINING = frozenset({"train", "training", "trainingvideos", "trainingvol", "testingvol"})
"""Folders in which no labels are: Avenue's `vol` are frames."""
_SET_NAMES = re.compile(r"ucsd|ped[12]|avenue", re.IGNORECASE)
_WORDS = re.compile(r"labels?|gt|masks?|groundtruth|frame")


def publishers_labels(directory: Path, clips: Sequence[Clip]) -> Sequence[Clip]:
    """Label test clips, in their order, by the files of a set; without any they stay as they are.

    Raises `DatasetError` for labels that do not match the clips or their frames, and where some clips lack theirs.
    """
    texts = _texts(directory, clips)
    if texts:
        return _by_text(texts, clips)
    files = _arrays_in(directory, {clip.path for clip in clips})
    whole, single = _sorted_out(files)
    if single:
        return _by_clip(single, clips)
    if whole:
        return _by_set(whole, clips)
    return clips


def by_masks(clips: Sequence[Clip]) -> list[Clip]:
    """Label test clips by their folders of masks, where all have one and no other labels are known.

    A frame is anomalous where its mask marks anything. Raises `DatasetError` for a frame without one.
    """
    tested = [clip for clip in clips if clip.subset == "test"]
    if not all(clip.labels is None and isinstance(clip.masks, ImageMasks) for clip in tested):
        return list(clips)
    return [_by_its_masks(clip) if isinstance(clip.masks, ImageMasks) else clip for clip in clips]


def _by_its_masks(clip: Clip) -> Clip:
    files = clip.masks.files if isinstance(clip.masks, ImageMasks) else ()
    lacking = [number for number, file in zip(clip.numbers, files, strict=True) if file is None]
    if lacking:
        raise DatasetError(
            f"{clip.name!r} has {counted(len(files), 'frame')} and {counted(len(files) - len(lacking), 'mask')}: there is none "
            f"of the frames {listed(map(str, lacking), 3)}. Without other labels every frame of a test clip needs one."
        )
    marked = (marked_in(bytes_of(file), str(file)).any() for file in files if file is not None)
    return replace(clip, labels=tuple(map(bool, marked)))


def _texts(directory: Path, clips: Sequence[Clip]) -> list[Path]:
    """Return the `.m` files beside the test clips; else those in the set's folder that hold labels."""
    beside = clips[0].path.parent if clips else directory
    texts = [path for path in visible_in(beside) if path.suffix.lower() == ".m"]
    if texts or beside == directory:
        return texts
    above = [path for path in visible_in(directory) if path.suffix.lower() == ".m"]
    return [path for path in above if b"gt_frame" in path.read_bytes()]


def _by_text(files: Sequence[Path], clips: Sequence[Clip]) -> list[Clip]:
    """Label clips by a publisher's text: its n-th statement is the n-th clip's."""
    if len(files) > 1:
        raise DatasetError(
            f"{str(files[0].parent)!r} holds several .m files. Keep the one that labels the clips."
        )
    ranges = read_event_text(files[0])
    if len(ranges) != len(clips):
        raise DatasetError(
            f"{files[0]} labels {len(ranges)} clips, and there are {len(clips)} test clips beside it{gaps(clips)}."
        )
    return [
        replace(clip, labels=labels_of_ranges(clip.numbers, marked, of=repr(clip.name)))
        for clip, marked in zip(clips, ranges, strict=True)
    ]


def _arrays_in(directory: Path, clips: set[Path]) -> list[Path]:
    """Return the files of arrays anywhere in a set but in its clips and its training part."""
    seen = {place.resolve() for place in clips}

    def walk(place: Path) -> Iterator[Path]:
        real = place.resolve()
        if real in seen:
            return
        seen.add(real)
        for path in visible_in(place):
            if path.is_dir() and bare(path.name) not in _TRAINING:
                yield from walk(path)
            elif path.suffix.lower() in arrays.SUFFIXES and not re.fullmatch(r"vol\d+", path.stem.lower()):
                yield path

    return list(walk(directory))


def _sorted_out(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files that label a whole set, by their names, and those of single clips, which bear a number."""
    single = [file for file in files if frame_number(_SET_NAMES.sub("", file.stem)) is not None]
    return [file for file in files if file not in single], single


def _by_clip(files: Sequence[Path], clips: Sequence[Clip]) -> list[Clip]:
    """Label clips by a file each, of the clip's name, or else of its number."""
    named = {_name_of(file.stem): file for file in files}
    found = [named.get(_name_of(clip.name)) for clip in clips]
    if None in found:
        numbered: dict[int | None, Path] = {}
        for file in files:
            number = frame_number(file.name)
            if numbered.setdefault(number, file) is not file:
                raise DatasetError(f"{numbered[number]} and {file} both label the clip {number}. Remove one.")
        found = [numbered.get(frame_number(clip.name)) for clip in clips]
    missing = [clip.name for clip, file in zip(clips, found, strict=True) if file is None]
    if missing:
        raise DatasetError(
            f"There is no label file for the test clips {listed(missing, 3)}: N_label.mat, or one that bears the clip's name "
            f"or number. There are {listed((file.name for file in files), 3)}."
        )
    return [_by_its_file(clip, file) for clip, file in zip(clips, found, strict=True) if file is not None]


def _name_of(stem: str) -> str:
    """Return what a clip's name and that of its labels have in common."""
    return _WORDS.sub("", bare(stem))


def _by_its_file(clip: Clip, file: Path) -> Clip:
    """Label a clip by a file of its own, which may hold its masks."""
    marks = read_marks(file)
    if len(marks.frames or marks.events) != 1:
        raise DatasetError(
            f"{file} labels {len(marks.frames or marks.events)} clips, and bears the number of one, {clip.name!r}."
        )
    if marks.events:
        return _with_events(clip, marks.events[0])
    labelled = _with_labels(clip, marks.frames[0], file)
    return replace(labelled, masks=VolumeMasks(file=file) if marks.of_masks else None)


def _by_set(files: Sequence[Path], clips: Sequence[Clip]) -> list[Clip]:
    """Label clips by a file of all of them; raises `DatasetError` where several files say different things."""
    told_by = [_by_one(file, read_marks(file), clips) for file in files]
    for file, labelled in zip(files[1:], told_by[1:], strict=True):
        if [clip.labels for clip in labelled] != [clip.labels for clip in told_by[0]]:
            raise DatasetError(f"{files[0]} and {file} label the test clips differently. Remove one.")
    return told_by[0]


def _by_one(file: Path, marks: Marks, clips: Sequence[Clip]) -> list[Clip]:
    """Label clips by one file of all of them."""
    lengths = [len(clip.numbers) for clip in clips]
    if marks.frames and len(marks.frames) == 1:
        (labels,) = marks.frames
        if len(labels) != sum(lengths):
            raise DatasetError(
                f"{file} has {len(labels)} labels, and the {counted(len(clips), 'test clip')} have {sum(lengths)} frames"
                f"{gaps(clips)}."
            )
        parts = np.split(labels, np.cumsum(lengths)[:-1])
        return [replace(clip, labels=tuple(part.tolist())) for clip, part in zip(clips, parts, strict=True)]
    number = len(marks.frames or marks.events)
    if number != len(clips):
        raise DatasetError(
            f"{file} labels {counted(number, 'clip')}, and there are {len(clips)} test clips{gaps(clips)}."
        )
    if marks.events:
        return [_with_events(clip, events) for clip, events in zip(clips, marks.events, strict=True)]
    return [_with_labels(clip, labels, file) for clip, labels in zip(clips, marks.frames, strict=True)]


def _with_labels(clip: Clip, labels: NDArray[np.bool_], file: Path) -> Clip:
    """Label each frame of a clip, (F,); raises `DatasetError` unless there are as many labels as frames."""
    if len(labels) != len(clip.numbers):
        raise DatasetError(
            f"The labels of {clip.name!r} do not match its frames: {file.name} has {len(labels)}, and the clip has "
            f"{len(clip.numbers)} frames."
        )
    return replace(clip, labels=tuple(labels.tolist()))


def _with_events(clip: Clip, events: Sequence[tuple[int, int]]) -> Clip:
    """Label a clip by ranges of its frames, counted from 1 whatever the first one's number."""
    places = [number - clip.numbers[0] + 1 for number in clip.numbers]
    return replace(clip, labels=labels_of_ranges(places, events, of=repr(clip.name)))
