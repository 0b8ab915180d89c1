"""A clip scored as work of its own: what was scored so far is at hand at any time, and stays so when it is stopped."""

import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.fitting import Fit, Fitting
from xai_ad.data.reading import seen_part
from xai_ad.data.videos.base import FrameSource
from xai_ad.data.videos.decoding import promised_frames
from xai_ad.data.videos.depths import surveyed
from xai_ad.data.videos.frames import Frame, FrameStream
from xai_ad.data.videos.seeking import FrameIndex
from xai_ad.data.videos.sources import VideoFrames, open_frames
from xai_ad.errors import Cancelled, ImageError
from xai_ad.inspection.clip_files import ClipFile
from xai_ad.inspection.clips import ClipJudging, JudgedClip
from xai_ad.inspection.engines.base import AnyEngine, JobState, JobStatus, Lane
from xai_ad.inspection.models import OpenModel, open_model
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.shapes import Fitted, fitted_as
from xai_ad.progress import Progress
from xai_ad.store import Fingerprint, StoredModel, fingerprint

PUBLISHED = 0.5
"""Seconds between two looks at what was scored so far, at least; of a long clip, twenty times what a look costs."""
REPORTED = 0.05
"""Seconds between two reports of progress, at which the work can be stopped."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredClip:
    """What is known of a clip: its judged frames, and how to find any of its frames again.

    `read` (R,) are the numbers of all frames that were read, scored or not, and `positions` (R,) where they stand in their
    `source`. `expected` is how many frames the clip promises, None where it says nothing; `seconds` is how long scoring
    took so far. `is_whole` is false of one that is still being scored, or was stopped.
    """

    judged: JudgedClip
    read: NDArray[np.int64]
    positions: NDArray[np.int64]
    source: FrameSource
    white: int | None
    fitted: Fitted
    note: str | None
    expected: int | None
    seconds: float
    is_whole: bool
    is_stopped: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of how it was read and fitted, a line each; where it broke off is `judged.broken`."""
        return tuple(filter(None, [self.note, self.fitted.note, *self.judged.notes]))

    def place_of(self, number: int) -> int | None:
        """Return the index of a frame among the judged ones, or None for one that was not scored."""
        place = int(np.searchsorted(self.judged.numbers, number))
        found = place < len(self.judged.numbers) and int(self.judged.numbers[place]) == number
        return place if found else None

    def seconds_left(self) -> float | None:
        """Return how long the rest takes at the same rate; None where that is not known."""
        count = len(self.judged.numbers)
        if self.expected is None or not self.seconds:
            return None
        return max(0, self.expected - count) * self.seconds / count


@dataclass(frozen=True, kw_only=True)
class ClipScoring:
    """The question what a model makes of every frame of a clip.

    The clip's bytes and the model with its calibration name it; where they lie is no part of it.
    """

    model: Fingerprint
    sha256: str
    fit: Fitting = Fit.CROP
    stored: StoredModel = field(compare=False, repr=False)
    calibration: str | None = field(default=None, compare=False, repr=False)
    clip: ClipFile = field(compare=False, repr=False)

    def answer(self, progress: Progress) -> ScoredClip:
        """Score the clip; what is scored so far is published, whatever `progress` raises.

        Raises `StoreError` for a damaged model and `ImageError` for a clip that cannot be read, by the clip's name.
        """
        progress(0.0)
        model = open_model(self.stored, self.calibration)
        try:
            return _Run(self, model, progress).scored()
        except ImageError as error:
            raise ImageError(self.clip.said(str(error))) from error


ScoringStatus: TypeAlias = JobStatus[ScoredClip]
"""How far the scoring of a clip is."""

_SCORED: BoundedCache[ClipScoring, ScoredClip] = BoundedCache(12)
"""About 60 bytes a frame: 13 MB for two hours."""


def clip_scoring(
    stored: StoredModel, clip: ClipFile, fit: Fitting = Fit.CROP, *, calibration: str | None = None
) -> ClipScoring:
    """Ask what a model makes of a clip; raises `StoreError` where its calibrations cannot be read."""
    return ClipScoring(
        model=fingerprint(stored, calibration),
        sha256=clip.sha256,
        fit=fit,
        stored=stored,
        calibration=calibration,
        clip=clip,
    )


def scored_so_far(question: ClipScoring) -> ScoredClip | None:
    """Return what is at hand of a clip's scores, in words about the clip as the question calls it, or None."""
    found = _SCORED.get(question)
    if found is None:
        return None
    return replace(found, source=replace(found.source, path=question.clip.path))  # type: ignore[type-var]  # every source is a dataclass


def ask_scoring(question: ClipScoring, *, engine: AnyEngine, owner: str) -> ScoringStatus:
    """Return how far the scoring is, and get it under way where it is not; safe to repeat at every poll.

    Raises `BusyError` where too many are waiting.
    """
    found = scored_so_far(question)
    if found is not None and found.is_whole:
        return ScoringStatus(state=JobState.DONE, fraction=1.0, result=found)
    status: ScoringStatus = engine.submit(question, owner=owner, lane=Lane.CLIPS)
    if status.state is JobState.DONE:  # it is at hand by now; or was too long ago, and is asked anew
        engine.forget(question)
    return status


class _Run:
    """One scoring of a clip."""

    def __init__(self, question: ClipScoring, model: OpenModel, progress: Progress) -> None:
        card, path = model.card, question.clip.path
        self._question, self._progress = question, progress
        self._began = self._reported = self._published = time.monotonic()
        self._pause = PUBLISHED
        found = surveyed(_noting(open_frames(path)), assumed=card.preprocessing.levels)
        self._source, self._white, self._note = found.source, found.white, found.note
        self._expected = expected_frames(self._source)
        self._stream = FrameStream(
            self._source, card.preprocessing, seen=lambda size: seen_part(size, card, question.fit)
        )
        self._fitted: Callable[[JudgedClip], Fitted] = lambda clip: fitted_as(clip.size, card, question.fit)
        self._judging = ClipJudging(model.classifier, self._stream, model.familiarity, self._read)
        self._numbers, self._positions = array("q"), array("q")

    def scored(self) -> ScoredClip:
        """Score the clip."""
        try:
            for _ in self._judging.frames():
                pass
        except Cancelled:
            if self._judging.count:
                self._publish(is_stopped=True)
            raise
        return self._publish(is_whole=True)

    def _read(self, frame: Frame) -> None:
        """Note a frame that was read; by now all those that were scored together before it are known."""
        if self._judging.count and time.monotonic() - self._published > self._pause:
            self._publish()
        self._numbers.append(frame.number)
        self._positions.append(frame.position)
        now = time.monotonic()
        if now - self._reported > REPORTED:
            self._reported = now
            self._progress(0.0 if not self._expected else min(0.99, len(self._numbers) / self._expected))

    def _publish(self, *, is_whole: bool = False, is_stopped: bool = False) -> ScoredClip:
        """Keep what was scored so far, unless more of the clip is at hand from another time."""
        before = time.monotonic()
        judged = self._judging.so_far(is_stopped=is_stopped)
        count = len(self._numbers)
        found = ScoredClip(
            judged=judged,
            read=np.array(self._numbers[:count]),
            positions=np.array(self._positions[:count]),
            source=self._source,
            white=self._white,
            fitted=self._fitted(judged),
            note=self._note,
            expected=len(judged.numbers) if is_whole else self._expected,
            seconds=before - self._began,
            is_whole=is_whole,
            is_stopped=is_stopped,
        )
        known = _SCORED.get(self._question)
        if is_whole or known is None or len(known.judged.numbers) <= len(judged.numbers):
            _SCORED.put(self._question, found)
        self._published = time.monotonic()
        self._pause = max(PUBLISHED, 20 * (self._published - before))
        return found


def _noting(source: FrameSource) -> FrameSource:
    """Return a source that remembers the way to its frames."""
    return replace(source, index=FrameIndex()) if isinstance(source, VideoFrames) else source


def expected_frames(source: FrameSource) -> int | None:
    """Return how many frames a source promises, or None: counting those of a video would decode it."""
    return promised_frames(source.path) if isinstance(source, VideoFrames) else len(source.numbers)
