"""The layout of CUHK Avenue: `training_videos/NN.avi`, `testing_videos/NN.avi`, masks in `N_label.mat` (4.2.4)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xai_ad.data.hidden import lies_hidden
from xai_ad.data.layouts.base import Dataset, Layout
from xai_ad.data.layouts.clips import find_clips, frames_of, labelled, require_video_folder, split_frames
from xai_ad.data.layouts.tree import folder_named
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.labels import read_volume
from xai_ad.data.videos.masks import VolumeMasks
from xai_ad.data.videos.sources import frame_number
from xai_ad.errors import DatasetError

NAME = "avenue"
SIZE = (360, 640)
CROP = (60, 0, 300, 640)
_LABEL_FILES = "*_label.mat"


def read_avenue(directory: Path) -> Dataset:
    """Read the set. Raises `DatasetError` for labels that do not match the frames.

    Without `frame_labels.csv` a frame is anomalous where its mask marks anything.
    """
    require_video_folder(directory, layout="avenue")
    clips = [
        *find_clips(directory, "train", layout="avenue"),
        *find_clips(directory, "test", layout="avenue"),
    ]
    files = _label_files(directory)
    clips = labelled(directory, clips, lambda tested: _publishers_labels(tested, files))
    clips = [
        replace(clip, masks=VolumeMasks(file=files[number]))
        if clip.subset == "test" and (number := frame_number(clip.name)) in files
        else clip
        for clip in clips
    ]
    return Dataset(
        name=NAME,
        layout="avenue",
        samples=tuple(sample for clip in clips for sample in frames_of(clip)),
        clips=tuple(clips),
        crop=CROP,
        crop_of=SIZE,
    )


def _publishers_labels(clips: Sequence[Clip], files: dict[int | None, Path]) -> Sequence[Clip]:
    """Label test clips by their label files, where there are any; then every clip has one."""
    if not files:
        return clips
    missing = [clip.name for clip in clips if frame_number(clip.name) not in files]
    if missing:
        raise DatasetError(
            f"There is no label file for the test clips {', '.join(missing[:3])}: N_label.mat."
        )
    return [_labelled(clip, files[frame_number(clip.name)]) for clip in clips]


def _labelled(clip: Clip, file: Path) -> Clip:
    labels = tuple(bool(mask.any()) for mask in read_volume(file))
    if len(labels) != len(clip.numbers):
        raise DatasetError(
            f"The labels of {clip.name!r} do not match its frames: {file.name} has {len(labels)}, and the clip has "
            f"{len(clip.numbers)} frames."
        )
    return replace(clip, labels=labels)


def _label_files(directory: Path) -> dict[int | None, Path]:
    """Return the label files anywhere in the set, by their clip's number."""
    found: dict[int | None, Path] = {}
    for file in sorted(directory.rglob(_LABEL_FILES)):
        number = frame_number(file.name)
        if lies_hidden(file.relative_to(directory)):
            continue
        if number in found:
            raise DatasetError(f"{found[number]} and {file} both label the clip {number}. Remove one.")
        found[number] = file
    return found


def fits_avenue(directory: Path) -> bool:
    """Return whether a folder has the publisher's folder of training videos."""
    return folder_named(directory, "training_videos") is not None


AVENUE = Layout(
    id="avenue",
    expects="training_videos/<clip>, testing_videos/<clip>; frame_labels.csv or N_label.mat",
    read=read_avenue,
    split=split_frames,
    fits=fits_avenue,
    of_videos=True,
)
