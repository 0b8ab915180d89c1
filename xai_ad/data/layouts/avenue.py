"""The layout of CUHK Avenue: `training_videos/NN.avi`, `testing_videos/NN.avi`, masks in `N_label.mat` (4.2.4)."""

from pathlib import Path

from xai_ad.data.sets.base import Dataset, Layout
from xai_ad.data.sets.clips import find_clips, frames_of, labelled, require_video_folder, split_frames
from xai_ad.data.sets.labelling import publishers_labels
from xai_ad.data.sets.lacking import told
from xai_ad.data.sets.tree import folder_named

NAME = "avenue"
SIZE = (360, 640)
CROP = (60, 0, 300, 640)


def read_avenue(directory: Path) -> Dataset:
    """Read the set. Raises `DatasetError` for labels that do not match the frames.

    Without `frame_labels.csv` a frame is anomalous where its mask marks anything.
    """
    require_video_folder(directory, layout="avenue")
    clips = [
        *find_clips(directory, "train", layout="avenue"),
        *find_clips(directory, "test", layout="avenue"),
    ]
    clips = labelled(directory, clips, lambda tested: publishers_labels(directory, tested))
    dataset = Dataset(
        name=NAME,
        layout="avenue",
        samples=tuple(sample for clip in clips for sample in frames_of(clip)),
        clips=tuple(clips),
        crop=CROP,
        crop_of=SIZE,
    )
    return told(dataset, directory)


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
