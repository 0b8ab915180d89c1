"""What the layouts of video sets share: finding clips, dealing out whole clips, and their frames as images.

A clip is a video file, a ZIP of images or a folder of them. Frame-wise networks read the same sets: the samples of
such a dataset are the frames of its clips, in their order.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from xai_ad.data.hidden import visible_in
from xai_ad.data.sets.base import ANOMALOUS, NORMAL, ClipSplit, Dataset, Protocol, Sample, Split
from xai_ad.data.sets.splitting import take_share
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.frames import LEAST
from xai_ad.data.videos.labels import FRAME_LABELS, labels_of_table, read_frame_labels
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.errors import DatasetError, ImageError

VALIDATION_SHARE = 0.2
"""Of the training clips, rounded up: so at least one."""
NORMAL_FRAME, ANOMALOUS_FRAME = "normal", "anomalous"
"""The classes of frames."""
MASKS = "_gt"
"""Folders of masks bear this at the end of their clip's name (UCSD)."""
_TRAIN = ("train", "training", "training_videos")
_TEST = ("test", "testing", "testing_videos")

Labels = Callable[[Sequence[Clip]], Sequence[Clip]]
"""Gives test clips the labels that a publisher's own files hold."""


def split_clips(dataset: Dataset, protocol: Protocol = Protocol.HELD_OUT) -> ClipSplit:
    """Split whole clips: 20 % of the training clips validate and calibrate, every labelled test clip is reported.

    Under `thesis` the test clips calibrate as well (3.8.5). Raises `DatasetError` where no clip is left to train.
    """
    learnt = [clip for clip in dataset.clips if clip.subset == "train"]
    test = tuple(clip for clip in dataset.clips if clip.subset == "test" and clip.labels is not None)
    taken, rest = take_share(learnt, VALIDATION_SHARE)
    if not rest:
        raise DatasetError(
            f"{dataset.name!r} has {len(learnt)} training clips that differ. At least 2 are needed: one trains, one "
            "validates."
        )
    chosen = {clip.sha256 for clip in taken}
    validation = tuple(clip for clip in learnt if clip.sha256 in chosen)
    return ClipSplit(
        protocol=protocol,
        train=tuple(clip for clip in learnt if clip.sha256 not in chosen),
        validation=validation,
        calibration=test if protocol is Protocol.THESIS else validation,
        test=test,
    )


def split_frames(dataset: Dataset, protocol: Protocol) -> Split:
    """Split a set of videos for frame-wise networks: the frames of the clips that `split_clips` deals out."""
    clips = split_clips(dataset, protocol)
    by_clip: dict[str, list[Sample]] = {}
    for sample in dataset.samples:
        by_clip.setdefault(f"{sample.subset}/{sample.group}", []).append(sample)

    def frames(chosen: Iterable[Clip]) -> tuple[Sample, ...]:
        return tuple(sample for clip in chosen for sample in by_clip[f"{clip.subset}/{clip.name}"])

    return Split(
        protocol=protocol,
        train=frames(clips.train),
        validation=frames(clips.validation),
        calibration=frames(clips.calibration),
        test=frames(clips.test),
    )


def frames_of(clip: Clip) -> list[Sample]:
    """Return a clip's frames as samples; a test clip without labels has none, since nothing can be said of them."""
    if clip.labels is None and clip.subset == "test":
        return []
    labels = clip.labels or (False,) * len(clip.numbers)
    return [
        Sample(
            path=clip.file_of(index),
            label=ANOMALOUS if labels[index] else NORMAL,
            kind=ANOMALOUS_FRAME if labels[index] else NORMAL_FRAME,
            subset=clip.subset,
            sha256=clip.frame_hashes[index],
            masks=() if clip.masks is None else clip.masks.files_of(index),
            group=clip.name,
            position=clip.start + index,
            number=clip.numbers[index],
        )
        for index in range(len(clip.numbers))
    ]


def find_clips(directory: Path, subset: Literal["train", "test"], *, layout: str) -> list[Clip]:
    """Return a subset's clips by name; raises `DatasetError` for a training set without any, or an unreadable clip."""
    folder = _subset_folder(directory, _TRAIN if subset == "train" else _TEST)
    inside = [] if folder is None else [p for p in visible_in(folder) if masks_of(p.name) is None]
    paths = [path for path in inside if is_clip(path)]
    _require_frames(inside, paths)
    if subset == "train" and not paths:
        raise DatasetError(
            f"{str(directory)!r} does not follow the layout {layout!r}: no folder "
            f"{', '.join(_TRAIN)} with clips in it: video files, ZIP archives or folders of numbered pictures."
        )
    clips = [read_clip(path, subset) for path in sorted(paths, key=lambda path: _natural(path.name))]
    names = [clip.name for clip in clips]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DatasetError(f"{str(folder)!r} holds several clips of the name {twice[0]!r}. Rename one.")
    return clips


def masks_of(name: str) -> str | None:
    """Return whose masks a folder of a name holds; None for a clip's own name.

    >>> masks_of("Test001_gt"), masks_of("Test001")
    ('Test001', None)
    """
    return name[: -len(MASKS)] if name.lower().endswith(MASKS) else None


def _require_frames(inside: Sequence[Path], clips: Sequence[Path]) -> None:
    """Raise `DatasetError` for a folder that is called like the clips beside it and holds no frames."""
    patterns = {re.sub(r"\d+", "#", path.stem.lower()) for path in clips}
    empty = [path for path in inside if path.is_dir() and path not in clips]
    lacking = [path for path in empty if re.sub(r"\d+", "#", path.name.lower()) in patterns]
    if lacking:
        raise DatasetError(f"The clip {str(lacking[0])!r} has no frames: the set is incomplete.")


def read_clip(path: Path, subset: Literal["train", "test"]) -> Clip:
    """Return one clip, without labels; raises `DatasetError` for one that cannot be read to its end."""
    try:
        source = open_frames(path)
        numbers = source.numbers
    except ImageError as error:
        raise DatasetError(f"A clip of the dataset cannot be used: {error}") from error
    if len(numbers) < LEAST:
        raise DatasetError(f"The clip {str(path)!r} has {len(numbers)} frame; a clip has at least {LEAST}.")
    name = path.name if path.is_dir() else path.stem
    return Clip(name=name, source=source, subset=subset, numbers=numbers, sha256=source.sha256)


def labelled(directory: Path, clips: Sequence[Clip], publishers: Labels) -> list[Clip]:
    """Return clips with their labels: from `frame_labels.csv` where it stands, else from the publisher's files.

    Raises `DatasetError` where the table names unknown clips, does not name a test clip, or marks a training frame.
    """
    trained = [clip for clip in clips if clip.subset == "train"]
    tested = [clip for clip in clips if clip.subset == "test"]
    path = directory / FRAME_LABELS
    if not path.is_file():
        return [*trained, *publishers(tested)]
    table = read_frame_labels(path)
    unknown = sorted(set(table) - {clip.name for clip in clips})
    if unknown:
        raise DatasetError(f"{path} labels clips that the dataset does not have: {', '.join(unknown[:3])}.")
    names = {clip.name for clip in tested}
    for clip in trained:
        if clip.name not in names and any(table.get(clip.name, {}).values()):
            raise DatasetError(f"{path} labels frames of the training clip {clip.name!r} anomalous.")
    missing = [clip.name for clip in tested if clip.name not in table]
    if missing:
        raise DatasetError(f"{path} does not label the test clips {', '.join(missing[:3])}.")
    told = (labels_of_table(clip.numbers, table[clip.name], of=repr(clip.name)) for clip in tested)
    return [*trained, *(replace(clip, labels=labels) for clip, labels in zip(tested, told, strict=True))]


def holds_training_clips(directory: Path) -> bool:
    """Return whether a folder has a subset's folder with two training clips or more."""
    folder = _subset_folder(directory, _TRAIN)
    return folder is not None and sum(map(is_clip, visible_in(folder))) > 1


def require_video_folder(directory: Path, *, layout: str) -> None:
    """Raise `DatasetError` for a folder that holds several sets."""
    sets = sorted(
        folder.name
        for folder in visible_in(directory)
        if folder.is_dir() and _subset_folder(folder, _TRAIN) is not None
    )
    if _subset_folder(directory, _TRAIN) is None and sets:
        raise DatasetError(
            f"{str(directory)!r} holds {', '.join(sets)}. Point --data at one of them for the layout {layout!r}."
        )


def _subset_folder(directory: Path, names: Sequence[str]) -> Path | None:
    """Return the folder of a subset, whatever its letter case; where it has a folder `frames`, that one."""
    for folder in visible_in(directory):
        if folder.is_dir() and folder.name.lower() in names:
            frames = folder / "frames"
            return frames if frames.is_dir() else folder
    return None


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts 2 before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]
