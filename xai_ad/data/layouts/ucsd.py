"""The layout of UCSD Ped 1 and Ped 2: `Train/TrainNNN`, `Test/TestNNN`, `Test/TestNNN_gt`, labels in `Test/*.m` (4.2.5).

The two differ in their crop and are told apart by the frames' aspect ratio, 238:158 and 360:240. Other sets laid out
so are read as well, uncropped: a generated one under its own name, and any other under its folder's.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from xai_ad.data.decoding import names_image
from xai_ad.data.hidden import visible_in
from xai_ad.data.sets.base import Dataset, Layout, generated_set
from xai_ad.data.sets.clips import (
    find_clips,
    frames_of,
    holds_training_clips,
    labelled,
    masks_of,
    require_video_folder,
    split_frames,
)
from xai_ad.data.sets.labelling import by_masks, publishers_labels
from xai_ad.data.sets.lacking import told
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.masks import ImageMasks
from xai_ad.data.videos.sources import frame_number
from xai_ad.errors import DatasetError, ImageError


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One of the two scenes: its frames' (height, width) as published, and the crop that networks see."""

    name: str
    size: tuple[int, int]
    crop: tuple[int, int, int, int]


PED1 = Scene(name="ped1", size=(158, 238), crop=(14, 8, 144, 204))
PED2 = Scene(name="ped2", size=(240, 360), crop=(80, 0, 160, 360))
_SCENES = (PED1, PED2)


def read_ucsd(directory: Path) -> Dataset:
    """Read one of the two sets. Raises `DatasetError` for labels that do not match the frames."""
    require_video_folder(directory, layout="ucsd")
    clips = [*find_clips(directory, "train", layout="ucsd"), *find_clips(directory, "test", layout="ucsd")]
    told_by_files = labelled(directory, clips, lambda tested: publishers_labels(directory, tested))
    clips = by_masks([_with_masks(clip) for clip in told_by_files])
    generated, folder = generated_set(directory), directory.resolve().name
    scene = None if generated else scene_of(_frame_size(clips[0]), folder)
    dataset = Dataset(
        name=scene.name if scene else generated or folder,
        layout="ucsd",
        samples=tuple(sample for clip in clips for sample in frames_of(clip)),
        generated=generated is not None,
        clips=tuple(clips),
        crop=scene.crop if scene else None,
        crop_of=scene.size if scene else None,
    )
    return told(dataset, directory)


def scene_of(size: tuple[int, int], folder: str) -> Scene | None:
    """Return the scene of frames of (height, width), by their aspect ratio to the pixel; None for another set's.

    Where a small or distorted size fits both or neither, the folder's name tells, as the publisher has it:
    UCSDped1, UCSDped2.
    """
    height, width = size
    fitting = [
        scene
        for scene in _SCENES
        if (width - 0.5) / (height + 0.5) < scene.size[1] / scene.size[0] < (width + 0.5) / (height - 0.5)
    ]
    named = [scene for scene in _SCENES if scene.name in folder.lower()]
    if len(fitting) != 1 and len(named) == 1:
        return named[0]
    return min(fitting, key=lambda scene: abs(width / height - scene.size[1] / scene.size[0]), default=None)


def _with_masks(clip: Clip) -> Clip:
    """Give a clip the masks in the folder beside it, by their frames' numbers; a frame without one has no mark."""
    beside = (path for path in visible_in(clip.path.parent) if masks_of(path.name) == clip.name)
    folder = next((path for path in beside if path.is_dir()), None)
    if folder is None:
        return clip
    files = {frame_number(file.name): file for file in sorted(folder.iterdir()) if names_image(file)}
    surplus = [file.name for number, file in files.items() if number not in clip.numbers]
    if surplus:
        raise DatasetError(
            f"The mask {surplus[0]!r} in {str(folder)!r} belongs to no frame of {clip.name!r}."
        )
    return replace(clip, masks=ImageMasks(files=tuple(files.get(number) for number in clip.numbers)))


def _frame_size(clip: Clip) -> tuple[int, int]:
    """Return the (height, width) of a clip's first frame."""
    try:
        _, decode = next(clip.source.undecoded())
        picture = decode()
    except ImageError as error:
        raise DatasetError(f"A clip of the dataset cannot be used: {error}") from error
    return picture.height, picture.width


UCSD = Layout(
    id="ucsd",
    expects="Train/<clip>, Test/<clip>, Test/<clip>_gt; frame_labels.csv or Test/*.m",
    read=read_ucsd,
    split=split_frames,
    fits=holds_training_clips,
    of_videos=True,
)
