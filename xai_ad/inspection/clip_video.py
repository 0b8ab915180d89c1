"""A scored clip drawn into a video: work of its own, frame by frame, so that it takes no more memory for a longer clip."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image as Pillow

from xai_ad.data.reading import seen_part
from xai_ad.data.videos.decoding import frame_rate
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import VideoFrames
from xai_ad.detector.placement import placement_of
from xai_ad.detector.streams import reconstructed_frames
from xai_ad.errors import ImageError
from xai_ad.inspection.clip_files import Folder
from xai_ad.inspection.clip_scoring import ClipScoring, ScoredClip, scored_so_far
from xai_ad.inspection.engines.base import AnyEngine, JobState, JobStatus, Lane
from xai_ad.inspection.judgement import state_of
from xai_ad.inspection.models import OpenModel, open_model
from xai_ad.inspection.results import BoundedCache
from xai_ad.machine.files import writing
from xai_ad.presentation.annotated import AnnotatedFrame, ClipDrawing
from xai_ad.presentation.clips import abnormal_stretches
from xai_ad.presentation.words import WORDING
from xai_ad.progress import Progress
from xai_ad.types import Relevance

RATE = Fraction(10)
"""Frames a second of a clip that does not say it, of pictures for one."""
_CODEC = {"crf": "22", "preset": "veryfast"}
"""Of x264: good to look at, and as quick as scoring."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnClip:
    """A video file on this computer's disk, deleted once nobody has it any more."""

    path: Path
    frames: int
    _folder: Folder = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ClipVideo:
    """The question for a clip's scored frames, `count` of them, as an annotated video."""

    scoring: ClipScoring
    count: int

    def answer(self, progress: Progress) -> DrawnClip:
        """Draw it; raises `ImageError` where the clip's scores are no longer at hand, or it cannot be read any more."""
        scored = scored_so_far(self.scoring)
        if scored is None:
            raise ImageError(
                "The clip's scores are no longer at hand: too many others were scored since. Score it again."
            )
        progress(0.0)
        model = open_model(self.scoring.stored, self.scoring.calibration)
        folder = Folder()
        path = folder.path / "annotated.mp4"
        try:
            drawing = _drawing(model, scored, self.count)
            pictures = map(drawing.drawn, _frames(self.scoring, model, scored, self.count))
            frames = _write(
                path, pictures, drawing.size, _rate(scored), lambda written: progress(written / self.count)
            )
        except ImageError as error:
            raise ImageError(self.scoring.clip.said(str(error))) from error
        return _DRAWN.put(self, DrawnClip(path=path, frames=frames, _folder=folder))


DrawingStatus: TypeAlias = JobStatus[DrawnClip]
"""How far a video is."""

_DRAWN: BoundedCache[ClipVideo, DrawnClip] = BoundedCache(4)


def clip_video(question: ClipScoring, scored: ScoredClip) -> ClipVideo:
    """Ask for what was scored so far as a video."""
    return ClipVideo(scoring=question, count=len(scored.judged.numbers))


def drawn_clip(question: ClipVideo) -> DrawnClip | None:
    """Return a video that is at hand, or None."""
    return _DRAWN.get(question)


def ask_video(question: ClipVideo, *, engine: AnyEngine, owner: str) -> DrawingStatus:
    """Return how far the video is, and get it under way where it is not; raises `BusyError` where too many are waiting."""
    found = drawn_clip(question)
    if found is not None:
        return DrawingStatus(state=JobState.DONE, fraction=1.0, result=found)
    status: DrawingStatus = engine.submit(question, owner=owner, lane=Lane.CLIPS)
    if status.state is JobState.DONE:  # it was too long ago, and is asked anew
        engine.forget(question)
    return status


def _frames(
    question: ClipScoring, model: OpenModel, scored: ScoredClip, count: int
) -> Iterator[AnnotatedFrame]:
    """Yield the first scored frames: pictures and errors are read side by side, and none is kept."""
    card, judged = model.card, scored.judged
    pictures = _pictures(scored)
    place = 0
    for number, errors in _errors(question, model, scored):
        if place == count:
            return
        if number != int(judged.numbers[place]):
            continue
        picture = next(each for position, each in pictures if position == number)
        likeness = judged.likenesses[place] if judged.likenesses else None
        score = float(judged.scores[place])
        seen = seen_part((picture.height, picture.width), card, question.fit)
        placement = placement_of(replace(card.preprocessing, frames=None), seen, (number,))
        is_stranger = likeness is not None and likeness.is_stranger
        abnormal = model.record.calibration.is_anomalous(score)
        yield AnnotatedFrame(
            number=number,
            picture=picture,
            placement=placement,
            state=state_of(score, model.record, is_stranger=is_stranger),
            score=score,
            errors=errors if abnormal and not is_stranger else None,
        )
        place += 1


def _errors(question: ClipScoring, model: OpenModel, scored: ScoredClip) -> Iterator[tuple[int, Relevance]]:
    """Yield each frame's number and its pixels' shares of the score, (H, W), as the residual has them."""
    card, scoring = model.card, model.record.calibration.scoring
    stream = FrameStream(
        scored.source, card.preprocessing, seen=lambda size: seen_part(size, card, question.fit)
    )
    for part in reconstructed_frames(model.classifier.network, stream):
        maps = scoring.map(part.images, part.reconstructions)
        for number, errors in zip(part.numbers, maps, strict=True):
            yield number, (errors / errors.numel()).cpu().numpy()


def _pictures(scored: ScoredClip) -> Iterator[tuple[int, Pillow.Image]]:
    """Yield the pictures of the frames that were read, by their numbers."""
    read = scored.read
    for number, decode in scored.source.undecoded():
        place = int(np.searchsorted(read, number))
        if place < len(read) and int(read[place]) == number:
            yield number, decode()


def _drawing(model: OpenModel, scored: ScoredClip, count: int) -> ClipDrawing:
    judged, calibration = scored.judged, model.record.calibration
    numbers, scores = judged.numbers[:count], judged.scores[:count]
    return ClipDrawing(
        (judged.size[1], judged.size[0]),
        calibration,
        WORDING[model.card.subject],
        numbers=numbers,
        scores=scores,
        stretches=abnormal_stretches(numbers, scores, calibration.threshold),
    )


def _rate(scored: ScoredClip) -> Fraction:
    found = frame_rate(scored.source.path) if isinstance(scored.source, VideoFrames) else None
    return found or RATE


def _write(
    path: Path,
    pictures: Iterable[Pillow.Image],
    size: tuple[int, int],
    rate: Fraction,
    on_written: Callable[[int], None],
) -> int:
    """Encode pictures of a (width, height) as H.264, and return how many they were."""
    import av

    written = 0
    with writing(path), av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=rate, options=_CODEC)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            frame.pts = written
            output.mux(stream.encode(frame))
            written += 1
            on_written(written)
        output.mux(stream.encode())
    return written
