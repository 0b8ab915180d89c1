"""A clip judged frame by frame (4.9.1), and which of the files that a person points at are clips."""

import csv
import io
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.decoding import SUFFIXES
from xai_ad.data.fitting import Size
from xai_ad.data.hidden import visible_in
from xai_ad.data.layouts import LAYOUTS
from xai_ad.data.sets.clips import masks_of
from xai_ad.data.videos.frames import LEAST, Frame, FrameStream
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.data.videos.stills import is_still
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, ScoredFrame
from xai_ad.detector.familiarity import Familiarity, Likeness, stranger_and_p_value
from xai_ad.errors import ImageError
from xai_ad.inspection.likeness import FrameLikenesses, strangers_note
from xai_ad.machine.files import writing
from xai_ad.metrics.regularity import regularity
from xai_ad.store import ModelCard


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedClip:
    """The raw scores (F,) of a clip's frames, by their numbers (F,), and their regularity (F,) (Eq. 4.1, smoothed).

    `size` is the first frame's own (height, width), `broken` says where a clip broke off, or what of it could not be
    read; `notes` what else to know of it. Each is one line. `likenesses` (F,) say how like the training images each
    frame is, where the model can tell.
    """

    numbers: NDArray[np.int64]
    scores: NDArray[np.float64]
    regularity: NDArray[np.float64]
    size: Size
    broken: str | None
    notes: tuple[str, ...]
    likenesses: tuple[Likeness, ...] = ()

    @property
    def worst(self) -> int:
        """The index of the highest score, whose frame decides on the clip; the first of equal ones."""
        return int(self.scores.argmax())


class JudgingStopped(KeyboardInterrupt):
    """Somebody interrupted the judging of a clip; `clip` is what was judged of it, as `judge_clip` returns it."""

    def __init__(self, clip: JudgedClip) -> None:
        super().__init__()
        self.clip = clip


def judge_clip(
    scorer: AnomalyClassifier, stream: FrameStream, familiarity: Familiarity | None = None
) -> JudgedClip:
    """Score every frame that can be read; of a clip of any length, only figures are kept.

    Raises `ImageError` where fewer than two frames can be read, and `JudgingStopped` for an interrupt after the
    first scores.
    """
    judging = ClipJudging(scorer, stream, familiarity)
    try:
        for _ in judging.frames():
            pass
    except KeyboardInterrupt as stop:
        if not judging.count:
            raise
        raise JudgingStopped(judging.so_far(is_stopped=True)) from stop
    return judging.so_far()


class ClipJudging:
    """A clip that is being judged: what was judged of it so far can be had at any time.

    `on_read` is told every frame that was read, before it is scored; it may raise to stop the work.
    """

    def __init__(
        self,
        scorer: AnomalyClassifier,
        stream: FrameStream,
        familiarity: Familiarity | None = None,
        on_read: Callable[[Frame], None] | None = None,
    ) -> None:
        self._scorer, self._stream = scorer, stream
        self._on_read = on_read
        self._passed = FrameLikenesses(familiarity)
        self._numbers, self._scores, self._padded = array("q"), array("d"), 0

    @property
    def count(self) -> int:
        """How many frames were scored."""
        return len(self._numbers)

    def frames(self) -> Iterator[ScoredFrame]:
        """Yield the frames as they are scored; raises as `judge_clip` does."""
        for frame in self._scorer.score_frames(self._passed.over(self._read())):
            self._scores.append(frame.score)
            self._numbers.append(frame.number)
            self._padded += frame.padded
            yield frame

    def so_far(self, *, is_stopped: bool = False) -> JudgedClip:
        """Return what was judged, of at least one frame; of a clip that `is_stopped` it is said where that was."""
        stream, count = self._stream, self.count
        reading, raw = stream.reading, np.array(self._scores[:count])  # a stop may have come between the two
        ended = f"{stream.source.path} was stopped after frame {self._numbers[-1]}." if is_stopped else None
        likenesses = self._passed.first(count)
        return JudgedClip(
            numbers=np.array(self._numbers),
            scores=raw,
            regularity=regularity(raw),
            size=stream.sizes[0],
            broken=" ".join(filter(None, [reading.broken, ended])) or None,
            notes=(
                *reading.notes,
                *_padding_note(self._scorer, self._padded),
                *filter(None, [strangers_note(likenesses)]),
            ),
            likenesses=likenesses,
        )

    def _read(self) -> Iterator[Frame]:
        for frame in self._stream:
            if self._on_read is not None:
                self._on_read(frame)
            yield frame


def write_frames(path: Path, clip: JudgedClip, calibration: Calibration) -> None:
    """Write every frame of a clip: its raw and normalised score, its verdict, and its regularity (Eq. 4.1)."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path), path.open("w", newline="", encoding="utf-8") as file:
        _write_rows(file, clip, calibration)


def frames_csv(clip: JudgedClip, calibration: Calibration) -> bytes:
    """Return the file that `write_frames` writes."""
    text = io.StringIO(newline="")
    _write_rows(text, clip, calibration)
    return text.getvalue().encode()


def _write_rows(file: TextIO, clip: JudgedClip, calibration: Calibration) -> None:
    writer = csv.writer(file)
    writer.writerow(
        ["frame", "score", "normalised_score", "is_anomalous", "regularity", "stranger", "p_value"]
    )
    for number, score, regular, likeness in zip(
        clip.numbers.tolist(),
        clip.scores.tolist(),
        clip.regularity.tolist(),
        clip.likenesses or [None] * len(clip.numbers),
        strict=True,
    ):
        writer.writerow(
            [
                number,
                score,
                calibration.normalised(score),
                calibration.is_anomalous(score),
                regular,
                *stranger_and_p_value(likeness),
            ]
        )


def clips_and_images(paths: Iterable[Path], card: ModelCard) -> Iterator[tuple[Path, bool]]:
    """Yield the files and clips that paths name, those in folders by name, and whether each is a clip.

    Video files and ZIP archives are clips; where they hold one frame, they are pictures. A folder of images is a clip for
    models of video sets alone, and only where its images are numbered frames: at least two, each with a number of its
    own, and no folders among them; videos and archives beside them are clips of their own. For other models, and
    otherwise, they are single images.

    A model of clips has no use for single images: there any folder of images counts as a clip, and a file of one frame
    too, which may turn out to be none. Hidden files inside folders are passed over, and so are a set's folders of masks
    (`<clip>_gt` beside `<clip>`).
    """
    only_clips = card.preprocessing.frames is not None
    of_videos = card.layout in LAYOUTS and LAYOUTS[card.layout].of_videos
    for path in paths:
        if not path.is_dir():
            yield path, is_clip(path) and (only_clips or not is_still(path))
        elif (of_videos or only_clips) and _is_clip_folder(path, only_clips=only_clips):
            yield path, True
            yield from ((inside, True) for inside in visible_in(path) if is_clip(inside))
        else:
            found = visible_in(path)
            names = {inside.name for inside in found}
            yield from clips_and_images(
                [inside for inside in found if not _masks_of(inside, names) and not _leads_back(inside)],
                card,
            )


def _is_clip_folder(folder: Path, *, only_clips: bool) -> bool:
    """Return whether a folder's images are the frames of a clip; with `only_clips`, whether there are any."""
    if not is_clip(folder) or any(path.is_dir() for path in visible_in(folder)):
        return False
    try:
        return only_clips or len(open_frames(folder).numbers) >= LEAST
    except ImageError:
        return False


def _masks_of(path: Path, names: set[str]) -> bool:
    return masks_of(path.name) in names and path.is_dir()


def _leads_back(path: Path) -> bool:
    """Return whether a link leads to a folder that it lies in: what it holds is inspected already."""
    return path.is_symlink() and path.is_dir() and path.parent.resolve().is_relative_to(path.resolve())


def _padding_note(scorer: AnomalyClassifier, padded: int) -> Iterator[str]:
    if padded:
        frames = "1 frame lies" if padded == 1 else f"{padded} frames lie"
        yield (
            f"{frames} in runs shorter than the {scorer.grid.frames} that the model sees together: those were "
            "padded by reflection."
        )


def is_image_file(path: Path) -> bool:
    """Return whether a file's name says that it is an image."""
    return path.suffix.lower() in SUFFIXES
