"""What somebody's pictures are, before a model learns from them: how many, of which size, and which ones are remarkable."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

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
from xai_ad.inspection.trainings.glances import Glance, glance_at
from xai_ad.inspection.trainings.intake import Intake, known_intake
from xai_ad.inspection.trainings.remarks import PictureState, SurveyedPicture, remarked
from xai_ad.progress import Progress, part_of
from xai_ad.training.preparation import LEAST_PICTURES


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


def survey(intake: Intake, progress: Progress) -> Survey:
    """Survey what was taken in; raises `DatasetError` where it can no longer be read."""
    dataset = read_dataset(intake.path, intake.layout)
    progress(0.05)
    if dataset.clips:
        return _survey_of_clips(dataset, intake)
    samples = [sample for sample in dataset.samples if is_picture(sample)]
    looks = glance_at(samples, part_of(progress, 0.05, 0.85))
    pictures = remarked(samples, looks)
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


def _views(samples: Sequence[Sample], looks: Sequence[Glance]) -> int:
    """Return how many different good pictures there are as networks see them, however their files differ."""
    good = [look.small for sample, look in zip(samples, looks, strict=True) if sample.label == NORMAL]
    return len({sha256(small.numpy().tobytes()).digest() for small in good if small is not None})


def _refusal(different: int, count: int, looks: Sequence[Glance]) -> str | None:
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
