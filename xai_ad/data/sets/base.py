"""What a dataset on disk is, whatever its layout."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, Literal, TypeAlias, TypeVar

from xai_ad.data.masks.annotations import Drawn
from xai_ad.data.specs import DATASETS
from xai_ad.data.videos.clips import Clip
from xai_ad.errors import DatasetError

GENERATED_MARK = "generated.json"
"""Written by `generate` into the folder of a sample set: which set, and its seed."""

NORMAL = 0
ANOMALOUS = 1


class Protocol(StrEnum):
    """Which images may set a threshold."""

    HELD_OUT = "held-out"
    """Images that no reported metric counts."""
    THESIS = "thesis"
    """The test set itself, as the thesis has it (3.8.5): a leak, for comparison's sake."""


Subset: TypeAlias = Literal["train", "validation", "test"]
"""What a publisher set an image apart for."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One image of a dataset. `kind` is its class: "good", or the defect's name.

    `group` names what must not be torn apart by a split, where a layout knows such a thing: the lesion, the driver,
    the clip. A frame of a clip has a `position` in the clip's source, from 0: where `path` is an archive or a video,
    and its mask a file of all masks, it says which of them. Its `number` is the clip's own: where numbers jump, frames
    are missing. What several `masks` mark is united; where there are none, the defect's place is not known.
    """

    path: Path
    label: int
    kind: str
    subset: Subset
    sha256: str
    masks: tuple[Path, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    """What an annotation tool's export has drawn on it, instead of masks."""
    group: str | None = None
    position: int | None = None
    number: int | None = None
    levels: int | None = None
    """The value that is white, where the file has more than 8 bits a pixel and does not say it."""

    @property
    def is_marked(self) -> bool:
        """Whether it is known where its defect is."""
        return bool(self.masks or self.drawn)


Dealt = TypeVar("Dealt", Sample, Clip)
"""What a split deals out."""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A folder of images read by a layout; nothing is decoded yet.

    A set of videos has `clips`, and its samples are their frames. `crop` is the part of the images that networks
    see, in pixels of an image of the height and width `crop_of`.
    """

    name: str
    layout: str
    samples: tuple[Sample, ...]
    generated: bool = False
    """Whether this package made the images, so that they may be stored beside the weights."""
    clips: tuple[Clip, ...] = ()
    crop: tuple[int, int, int, int] | None = None
    crop_of: tuple[int, int] | None = None
    levels: int | None = None
    """The value that is white in all pictures of more than 8 bits a pixel, where it is one."""
    notes: tuple[str, ...] = ()
    """What was decided in reading it that a person should know of, a line each."""


@dataclass(frozen=True, kw_only=True)
class Parts(Generic[Dealt]):
    """Which images, or clips, train, stop, calibrate and report. Under `held-out`, calibration and test share none.

    `calibration` holds the validation images too: they are normal images that training did not fit.
    """

    protocol: Protocol
    train: tuple[Dealt, ...]
    validation: tuple[Dealt, ...]
    calibration: tuple[Dealt, ...]
    test: tuple[Dealt, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many images each part holds."""
        return {part: len(getattr(self, part)) for part in ("train", "validation", "calibration", "test")}


Split: TypeAlias = Parts[Sample]
ClipSplit: TypeAlias = Parts[Clip]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A published folder layout: how to read it and how it splits."""

    id: str
    expects: str
    read: Callable[[Path], Dataset]
    split: Callable[[Dataset, Protocol], Split]
    fits: Callable[[Path], bool]
    """Whether a folder looks like it, by the names in it."""
    of_videos: bool = False


def generated_set(directory: Path) -> str | None:
    """Return which sample set a folder holds, whatever it is called, by the mark that `generate` leaves in what it writes.

    None for a folder without the mark, or with a file of its name that names none of the sets: it is somebody's own.
    """
    try:
        mark = json.loads((directory / GENERATED_MARK).read_bytes())
    except (OSError, ValueError):
        return None
    name = mark.get("set") if isinstance(mark, dict) else None
    return name if isinstance(name, str) and name in DATASETS and DATASETS[name].generated else None


def require_folder(directory: Path) -> None:
    """Raise `DatasetError` unless the dataset's folder exists."""
    if not directory.is_dir():
        raise DatasetError(
            f"There is no folder {str(directory)!r}. Point --data at the dataset's own folder."
        )
