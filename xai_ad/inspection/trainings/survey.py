"""What somebody's pictures are, before a model learns from them: how many, of which size, and which ones are remarkable."""

from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from os import cpu_count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from xai_ad.data.decoding import decode_image
from xai_ad.data.images import Preprocessing, prepare
from xai_ad.data.layouts import (
    ANOMALOUS,
    NORMAL,
    Dataset,
    Protocol,
    Sample,
    read_dataset,
    split_dataset,
    without,
)
from xai_ad.data.loading import is_picture
from xai_ad.data.wording import counted
from xai_ad.detector.familiarity.familiarity import Cause
from xai_ad.detector.familiarity.fitting import LEAST
from xai_ad.detector.familiarity.outliers import causes_among
from xai_ad.errors import ImageError
from xai_ad.inspection.trainings.intake import Intake, known_intake
from xai_ad.progress import Progress, part_of
from xai_ad.training.preparation import LEAST_PICTURES

_SIDE = 128
_COARSE = 32
"""Cells along a side of what near-duplicates are told by."""
ALIKE = 2.0
"""Of 255: no cell of two copies of one photograph differs by more, saved anew or not; those of two photographs do."""
_BLOCK = 512


class PictureState(StrEnum):
    """What is remarkable about a picture."""

    FINE = "fine"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    """The same picture as an earlier one, to the byte or nearly."""
    DIFFERENT = "different"
    """Taken for normal, and unlike the others."""
    DEFECT = "defect"


@dataclass(frozen=True, kw_only=True)
class SurveyedPicture:
    """One picture; `size` is its (height, width), None where it cannot be read, and `note` says what is remarkable."""

    path: Path
    sha256: str
    state: PictureState
    size: tuple[int, int] | None = None
    note: str = ""
    levels: int | None = None


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was found. Of videos, `frames` are counted, and `pictures` is empty.

    `refusal` says in a line why nothing can be learnt from them; `sizes` are the commonest first; `channels` is 1 where
    all are grey. `good` and `defects` count readable pictures, of which the former are learnt from or set the limit.
    """

    pictures: tuple[SurveyedPicture, ...]
    good: int
    defects: int
    masks: int
    clips: int
    frames: int
    sizes: tuple[tuple[tuple[int, int], int], ...]
    channels: int
    training: int
    setting: int
    """Good pictures, or clips, that set the limit."""
    notes: tuple[str, ...] = ()
    refusal: str | None = None
    readable: Dataset | None = None
    """What can be learnt from, of pictures."""

    def after(self, left_out: Collection[str]) -> "Survey":
        """Return what remains without some pictures, by their SHA-256: counts, and whether it is enough."""
        if self.readable is None or not left_out:
            return self
        counts = _counts(without(self.readable, left_out))
        refusal = self.refusal or (
            None
            if counts["good"] >= LEAST_PICTURES
            else f"Without those left out there are {counted(counts['good'], 'good picture')}. At least {LEAST_PICTURES} are "
            "needed: keep some."
        )
        return replace(self, **counts, refusal=refusal)

    def of(self, state: PictureState) -> tuple[SurveyedPicture, ...]:
        """Return the pictures of a state."""
        return tuple(picture for picture in self.pictures if picture.state is state)

    @property
    def unreadable(self) -> tuple[str, ...]:
        """The SHA-256 of what cannot be read."""
        return tuple(picture.sha256 for picture in self.of(PictureState.UNREADABLE))


@dataclass(frozen=True, kw_only=True)
class SurveyQuestion:
    """The question what some pictures are, by the key of an `Intake`; another `state` of its folder is another question."""

    key: str
    state: str = ""

    def answer(self, progress: Progress) -> Survey:
        """Read and compare them all; raises `DatasetError` where they are gone."""
        return survey(known_intake(self.key), progress)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Look:
    """A picture decoded once: its size, whether it has colours, and itself small, (3, S, S) uint8."""

    size: tuple[int, int] | None
    coloured: bool = False
    small: Tensor | None = None
    problem: str = ""


def survey(intake: Intake, progress: Progress) -> Survey:
    """Survey what was taken in; raises `DatasetError` where it can no longer be read."""
    dataset = read_dataset(intake.path, intake.layout)
    progress(0.05)
    if dataset.clips:
        return _survey_of_clips(dataset, intake)
    samples = [sample for sample in dataset.samples if is_picture(sample)]
    looks = _looks(samples, part_of(progress, 0.05, 0.85))
    pictures = _told(samples, looks)
    progress(1.0)
    readable = without(
        dataset, {sample.sha256 for sample, look in zip(samples, looks, strict=True) if look.problem}
    )
    good = [sample for sample in readable.samples if sample.label == NORMAL]
    return Survey(
        pictures=pictures,
        **_counts(readable),
        clips=0,
        frames=0,
        sizes=tuple(Counter(look.size for look in looks if look.size is not None).most_common()),
        channels=3 if any(look.coloured for look in looks) else 1,
        notes=(*intake.notes, *dataset.notes),
        refusal=_refusal(
            min(len({sample.sha256 for sample in good}), _views(samples, looks)), len(good), looks
        ),
        readable=readable,
    )


def _counts(dataset: Dataset) -> dict[str, Any]:
    """Return how many pictures there are of each kind, and what becomes of them, by the names of `Survey`."""
    good = [sample for sample in dataset.samples if sample.label == NORMAL]
    defects = [sample for sample in dataset.samples if sample.label == ANOMALOUS]
    split = split_dataset(dataset, Protocol.HELD_OUT) if good else None
    return {
        "good": len(good),
        "defects": len(defects),
        "masks": sum(sample.is_marked for sample in defects),
        "training": len(split.train) if split else 0,
        "setting": sum(sample.label == NORMAL for sample in split.calibration) if split else 0,
    }


def _views(samples: Sequence[Sample], looks: Sequence[_Look]) -> int:
    """Return how many different good pictures there are as networks see them, however their files differ."""
    good = [look.small for sample, look in zip(samples, looks, strict=True) if sample.label == NORMAL]
    return len({small.numpy().tobytes() for small in good if small is not None})


def _refusal(different: int, count: int, looks: Sequence[_Look]) -> str | None:
    unread = sum(bool(look.problem) for look in looks)
    beside = f", and {counted(unread, 'file')} cannot be read" if unread else ""
    if different < LEAST_PICTURES <= count:
        same = "all are the same" if different == 1 else f"only {different} of them differ"
        return f"There are {count} good pictures, and {same}. Bring at least {LEAST_PICTURES} different ones."
    if different < LEAST_PICTURES:
        return (
            f"There {'is' if count == 1 else 'are'} {counted(count, 'good picture')}{beside}. Bring at least "
            f"{LEAST_PICTURES}; some 50 to 500 make a good model."
        )
    return None


def _survey_of_clips(dataset: Dataset, intake: Intake) -> Survey:
    learnt = [clip for clip in dataset.clips if clip.subset == "train"]
    split = split_dataset(dataset, Protocol.HELD_OUT)
    return Survey(
        pictures=(),
        good=len(learnt),
        defects=len(dataset.clips) - len(learnt),
        masks=0,
        clips=len(dataset.clips),
        frames=len(dataset.samples),
        sizes=(),
        channels=3,
        training=len(split.train),
        setting=len({sample.group for sample in split.calibration if sample.label == NORMAL}),
        notes=(*intake.notes, *dataset.notes),
    )


def _looks(samples: Sequence[Sample], progress: Progress) -> list[_Look]:
    """Decode every picture once, several at a time."""
    found: list[_Look] = []
    with ThreadPoolExecutor(cpu_count()) as readers:  # decoding leaves Python's lock alone
        for done, look in enumerate(readers.map(_look, samples), 1):
            found.append(look)
            try:
                progress(done / len(samples))
            except BaseException:
                readers.shutdown(cancel_futures=True)
                raise
    return found


def _look(sample: Sample) -> _Look:
    try:
        picture = decode_image(sample.path, levels=sample.levels)
    except ImageError as error:
        return _Look(size=None, problem=str(error).replace(str(sample.path), sample.path.name))
    except OSError as error:
        return _Look(size=None, problem=f"{sample.path.name} cannot be read ({error.strerror}).")
    small = prepare(picture, Preprocessing(size=_SIDE, channels=3))
    coloured = bool((small.amax(0).int() - small.amin(0).int()).max() > 0)
    return _Look(size=(picture.height, picture.width), coloured=coloured, small=small)


def _told(samples: Sequence[Sample], looks: Sequence[_Look]) -> tuple[SurveyedPicture, ...]:
    """Return every picture with what is remarkable about it."""
    of = [place for place, look in enumerate(looks) if look.small is not None]
    copies = {of[one]: of[other] for one, other in _copies([looks[place] for place in of]).items()}
    normal = [place for place in of if samples[place].label == NORMAL]
    causes = dict(zip(normal, _causes([looks[place] for place in normal]), strict=True))
    found = []
    for place, (sample, look) in enumerate(zip(samples, looks, strict=True)):
        state, note = PictureState.FINE, ""
        if look.problem:
            state, note = PictureState.UNREADABLE, look.problem
        elif sample.label == ANOMALOUS:
            state, note = PictureState.DEFECT, sample.kind
        elif cause := causes.get(place):
            state, note = PictureState.DIFFERENT, DIFFERS[cause]
        elif place in copies:
            state, note = PictureState.DUPLICATE, f"the same as {samples[copies[place]].path.name}"
        found.append(
            SurveyedPicture(
                path=sample.path,
                sha256=sample.sha256,
                state=state,
                size=look.size,
                note=note,
                levels=sample.levels,
            )
        )
    return tuple(found)


DIFFERS = {
    Cause.OBJECT: "looks unlike the others",
    Cause.FRAMING: "is framed otherwise",
    Cause.LIGHT: "is lit otherwise",
    Cause.SHARPNESS: "is of another sharpness",
    Cause.SHAPE: "has another shape",
}
"""What sets a picture apart from the rest, in words."""


def _causes(looks: Sequence[_Look]) -> list[Cause | None]:
    if len(looks) < LEAST:
        return [None] * len(looks)
    return causes_among(torch.stack([look.small for look in looks if look.small is not None]))


def _copies(looks: Sequence[_Look]) -> dict[int, int]:
    """Return of each picture that is a copy of an earlier one which."""
    if len(looks) < 2:
        return {}
    small = torch.stack([look.small for look in looks if look.small is not None]).float()
    cells = torch.nn.functional.adaptive_avg_pool2d(small, _COARSE).flatten(1)  # (n, 3 x 32 x 32)
    found: dict[int, int] = {}
    for start in range(0, len(cells), _BLOCK):
        block = cells[start : start + _BLOCK]
        near = torch.cdist(block, cells[: start + len(block)]) <= ALIKE * block.shape[1] ** 0.5
        for one, other in near.nonzero().tolist():
            place = start + one
            if other >= place or place in found or other in found:
                continue
            if float((cells[place] - cells[other]).abs().max()) <= ALIKE:
                found[place] = other
    return found
