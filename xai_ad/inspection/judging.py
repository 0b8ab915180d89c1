"""One file judged into one row of an inspection."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xai_ad.data.fitting import Fit, Fitting
from xai_ad.data.reading import seen_part
from xai_ad.data.videos.depths import surveyed
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import open_frames
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, Prediction
from xai_ad.detector.familiarity import Familiarity, Likeness, stranger_and_p_value
from xai_ad.errors import ImageError
from xai_ad.inspection.clips import JudgedClip, is_image_file, judge_clip, write_frames
from xai_ad.inspection.judgement import state_of
from xai_ad.inspection.likeness import stranger_note
from xai_ad.presentation.report import InspectedFile, path_text
from xai_ad.presentation.shapes import Fitted, fitted_as
from xai_ad.store import CalibrationRecord, ModelCard
from xai_ad.training.conformal import score_p_value

_FRAMES = ".frames.csv"
_LONGEST = 230
"""Bytes of a name before what is put behind it."""


def image_rows(
    paths: Sequence[Path],
    prediction: Prediction,
    calibration: Calibration,
    likenesses: Sequence[Likeness | None] | None = None,
) -> Iterator[InspectedFile]:
    """Yield the rows of images that were judged together; `likenesses` are those of each, where they are known."""
    for path, likeness, score, normalised, is_anomalous in zip(
        paths,
        likenesses or [None] * len(paths),
        prediction.scores.tolist(),
        prediction.normalised.tolist(),
        prediction.is_anomalous.tolist(),
        strict=True,
    ):
        stranger, p_value = stranger_and_p_value(likeness)
        yield InspectedFile(
            path=path_text(path),
            score=score,
            normalised_score=normalised,
            threshold=calibration.threshold,
            is_anomalous=is_anomalous,
            stranger=stranger,
            p_value=p_value,
            note=stranger_note(likeness),
        )


def stated(row: InspectedFile, record: CalibrationRecord) -> InspectedFile:
    """Return a row with the page's verdict and the score's p-value; a file that has no score has neither.

    The highest of a video's frames is the highest of many, and has no p-value either.
    """
    if row.score is None:
        return row
    return replace(
        row,
        state=str(state_of(row.score, record, is_stranger=bool(row.stranger))),
        score_p_value=score_p_value(row.score, record) if row.frame is None else None,
    )


def inspect_clip(
    detector: AnomalyClassifier,
    card: ModelCard,
    path: Path,
    frames_file: Path,
    fit: Fitting = Fit.CROP,
    *,
    familiarity: Familiarity | None = None,
    levels: int | None = None,
) -> InspectedFile:
    """Judge a clip into its row and its frames' file; what goes wrong stands in the row.

    `fit` is what is made of frames whose shape is not the model's, `levels` the value that is white in frames of more
    than 8 bits a pixel, where it was given. Raises `JudgingStopped` as `judge_clip` does;
    `clip_row` makes a row of what that holds.
    """
    try:
        found = surveyed(open_frames(path), levels=levels, assumed=card.preprocessing.levels)
        stream = FrameStream(found.source, card.preprocessing, seen=lambda size: seen_part(size, card, fit))
        clip = judge_clip(detector, stream, familiarity)
    except ImageError as error:
        return InspectedFile(path=path_text(path), error=str(error))
    row = clip_row(detector.calibration, clip, path, frames_file, fitted_as(clip.size, card, fit))
    return noted(row, found.note)


def noted(row: InspectedFile, *notes: str | None) -> InspectedFile:
    """Return a row that says so, before whatever else it notes."""
    return replace(row, note=" ".join(filter(None, [*notes, row.note])) or None)


def clip_row(
    calibration: Calibration, clip: JudgedClip, path: Path, frames_file: Path, fitted: Fitted
) -> InspectedFile:
    """Write the scores of a clip's frames, and return its row; `fitted` says how its frames were."""
    write_frames(frames_file, clip, calibration)
    score = float(clip.scores[clip.worst])
    renamed = frames_file.name != _frames_name(path)
    elsewhere = [f"Its frames are in {path_text(Path(frames_file.name))}."] if renamed else []
    notes = [*filter(None, [fitted.note]), *clip.notes, *elsewhere]
    stranger, p_value = stranger_and_p_value(clip.likenesses[clip.worst] if clip.likenesses else None)
    return InspectedFile(
        path=path_text(path),
        score=score,
        normalised_score=calibration.normalised(score),
        threshold=calibration.threshold,
        is_anomalous=calibration.is_anomalous(score),
        error=clip.broken,
        frame=int(clip.numbers[clip.worst]),
        shape=fitted.shape,
        fit=fitted.fit,
        stranger=stranger,
        p_value=p_value,
        note=" ".join(notes) or None,
    )


def no_clip_row(path: Path, frames: int) -> InspectedFile:
    """Return the row of a file on which a model that sees `frames` together has no verdict."""
    name = path_text(path)
    if not path.exists():
        return InspectedFile(path=name, error=f"{name} cannot be read (No such file or directory).")
    what = "a single picture" if is_image_file(path) else "no video"
    return InspectedFile(
        path=name,
        error=f"{name} is {what}, and the model scores clips of {frames} frames. Give a video, a ZIP of frames or a "
        "folder of numbered ones.",
    )


def frames_file(output: Path, path: Path, taken: set[str]) -> Path:
    """Return the file for a clip's frames that no clip before it has, and take it.

    Names that differ in their letters' case alone are one on some systems, and none takes more than 255 bytes.
    """
    stem = _frames_name(path).removesuffix(_FRAMES)
    if len(os.fsencode(stem)) > _LONGEST:
        stem = os.fsencode(stem)[:_LONGEST].decode("utf-8", "ignore")
    found, count = stem, 1
    while found.casefold() in taken:
        count += 1
        found = f"{stem}-{count}"
    taken.add(found.casefold())
    return output / f"{found}{_FRAMES}"


def _frames_name(path: Path) -> str:
    if not path.is_dir():
        return path.stem + _FRAMES
    named = path if path.name not in {"", ".."} else path.resolve()
    return named.name + _FRAMES
