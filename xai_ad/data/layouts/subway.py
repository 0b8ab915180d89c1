"""The layout of Subway Entrance and Subway Exit: one long video each, labelled by events (4.2.6).

The first 15 of Entrance's 95 minutes train and the first 5 of Exit's 45, as shares of the frames. A training video
that stands alone is cut into stretches, so that a share of it can validate. An event's label reaches 15 frames to
either side.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from xai_ad.data.hidden import visible_in
from xai_ad.data.sets.base import Dataset, Layout
from xai_ad.data.sets.clips import (
    find_clips,
    frames_of,
    labelled,
    read_clip,
    require_video_folder,
    split_frames,
)
from xai_ad.data.sets.pictures import images_in
from xai_ad.data.videos.arrays import read_event_array
from xai_ad.data.videos.clips import Clip, stretch
from xai_ad.data.videos.labels import labels_of_ranges, read_event_text
from xai_ad.data.videos.sources import is_clip
from xai_ad.errors import DatasetError

SIZE = (384, 512)
CROP = (64, 8, 280, 488)
REACH = 15
"""Frames to either side of an event that its label covers."""
TRAINING_SHARES = {"entrance": 15 / 95, "exit": 5 / 45}
"""By what the folder or its video is called."""
STRETCHES = 10
"""Parts of a training video that stands alone, each of at least 8 frames."""
_SHORTEST = 8
_EVENTS = (".m", ".mat")


def read_subway(directory: Path) -> Dataset:
    """Read one of the two sets: one video, or training and test clips in folders of their own.

    Raises `DatasetError` for labels that do not match the frames and for events in the part that trains.
    """
    require_video_folder(directory, layout="subway")
    name = directory.resolve().name.lower()
    single = _single_clip(directory)
    if single is not None:
        scene = _scene(f"{name} {single.name.lower()}")
        if scene is None:
            raise DatasetError(
                f"{str(directory)!r} holds one video and does not say whose first part trains. Call the folder or the "
                f"video by its scene, {' or '.join(TRAINING_SHARES)}, or give training and test folders of clips."
            )
        (whole,) = labelled(directory, [single], lambda clips: _publishers_labels(directory, clips))
        clips = _divided(whole, TRAINING_SHARES[scene])
    else:
        scene = _scene(name)
        trained = find_clips(directory, "train", layout="subway")
        trained = _stretches(trained[0]) if len(trained) == 1 else trained
        clips = labelled(
            directory,
            [*trained, *find_clips(directory, "test", layout="subway")],
            lambda tested: _publishers_labels(directory, tested),
        )
    return Dataset(
        name=f"subway_{scene}" if scene else "subway",
        layout="subway",
        samples=tuple(sample for clip in clips for sample in frames_of(clip)),
        clips=tuple(clips),
        crop=CROP,
        crop_of=SIZE,
    )


def _single_clip(directory: Path) -> Clip | None:
    """Return the only clip directly in a folder, or the folder itself where it holds the frames."""
    if images_in(directory):
        return read_clip(directory, "test")
    found = [
        path
        for path in visible_in(directory)
        if is_clip(path) and path.name.lower() not in {"train", "training", "test", "testing"}
    ]
    if len(found) > 1:
        raise DatasetError(
            f"{str(directory)!r} holds {len(found)} videos. Entrance and Exit are sets of their own: one folder each."
        )
    return read_clip(found[0], "test") if found else None


def _scene(name: str) -> str | None:
    """Return the scene that a name names, where it names one."""
    named = [scene for scene in TRAINING_SHARES if scene in name]
    return named[0] if len(named) == 1 else None


def _divided(clip: Clip, share: float) -> list[Clip]:
    """Cut one video into what trains, in stretches, and the test clip after it."""
    count = round(len(clip.numbers) * share)
    marked = [index for index, anomalous in enumerate((clip.labels or ())[:count]) if anomalous]
    if marked and marked[0] < count - REACH:
        raise DatasetError(
            f"The frame {clip.numbers[marked[0]]} of {clip.name!r} is labelled anomalous and lies in the first {count} "
            "frames, which train."
        )
    normal = marked[0] if marked else count  # the first event after them may reach back
    training = stretch(clip, 0, normal, name=f"{clip.name}_train", subset="train")
    test = stretch(clip, count, len(clip.numbers), name=clip.name, subset="test")
    return [*_stretches(training), test]


def _stretches(clip: Clip) -> list[Clip]:
    """Cut a training clip into equal stretches that follow one another."""
    frames = len(clip.numbers)
    count = min(STRETCHES, frames // _SHORTEST)
    if count < 2:
        raise DatasetError(
            f"The training part of {clip.name!r} has {frames} frames; at least {2 * _SHORTEST} are needed, to train and "
            "to validate."
        )
    edges = [round(index * frames / count) for index in range(count + 1)]
    return [
        stretch(clip, begin, end, name=f"{clip.name}_{index:02d}", subset="train")
        for index, (begin, end) in enumerate(pairwise(edges), 1)
    ]


def _publishers_labels(directory: Path, clips: Sequence[Clip]) -> Sequence[Clip]:
    """Label test clips by the events of the set's `.m` or `.mat` file: the n-th clip by its n-th statement."""
    files = [path for path in visible_in(directory) if path.suffix.lower() in _EVENTS]
    if not files or not clips:
        return clips
    if len(files) > 1:
        raise DatasetError(
            f"{str(directory)!r} holds several label files ({', '.join(f.name for f in files[:3])})."
        )
    events = read_event_text(files[0]) if files[0].suffix.lower() == ".m" else [read_event_array(files[0])]
    if len(events) != len(clips):
        raise DatasetError(f"{files[0]} labels {len(events)} clips, and there are {len(clips)} test clips.")
    return [
        replace(clip, labels=labels_of_ranges(clip.numbers, marked, reach=REACH, of=repr(clip.name)))
        for clip, marked in zip(clips, events, strict=True)
    ]


def fits_subway(directory: Path) -> bool:
    """Return whether a folder's or a video's name names one of the two scenes."""
    names = [directory.resolve().name, *(path.name for path in visible_in(directory) if is_clip(path))]
    return any(_scene(name.lower()) is not None for name in names)


SUBWAY = Layout(
    id="subway",
    expects="one video called entrance or exit, or Train/<clip> and Test/<clip>; frame_labels.csv or events in .m or .mat",
    read=read_subway,
    split=split_frames,
    fits=fits_subway,
    of_videos=True,
)
