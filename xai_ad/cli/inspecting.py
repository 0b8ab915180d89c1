"""Judging many pictures and videos: `inspect`."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xai_ad.cli.judging import Model, write_explanation
from xai_ad.cli.parsing import terminal_progress
from xai_ad.errors import ImageError, XaiAdError

if TYPE_CHECKING:
    from xai_ad.detector.detector import AnomalyClassifier
    from xai_ad.explain import Explainer
    from xai_ad.inspection.clips import JudgedClip
    from xai_ad.presentation.report import InspectedFile
    from xai_ad.store import ModelCard


def inspect(
    model: Model,
    paths: Annotated[
        list[Path], typer.Argument(help="Pictures, videos, ZIPs of frames, and folders of them.")
    ],
    output: Annotated[Path, typer.Option(help="The folder to write into.")],
    method: Annotated[list[str], typer.Option(help="Also explain each picture by this method.")] = [],  # noqa: B006
) -> None:
    """Judge many pictures and videos: results.csv and results.json with a row for each, unreadable ones with their error.

    A video's row has the score of its highest frame, and <name>.frames.csv all of them. A folder of numbered pictures
    is a video for models of video sets, and for others its pictures are judged one by one.
    """
    from xai_ad.errors import DatasetError, InvalidInputError
    from xai_ad.inspection.clips import JudgingStopped, clips_and_pictures
    from xai_ad.inspection.explainers import explainer_here
    from xai_ad.presentation.report import InspectedFile, write_inspection
    from xai_ad.store import load

    explainers = [explainer_here(name) for name in method]
    classifier, card = load(model)
    only_clips = classifier.grid.frames > 1
    if only_clips and explainers:
        raise InvalidInputError(
            f"The methods explain models of pictures, and {card.id!r} scores clips. Inspect without --method."
        )
    files = list(clips_and_pictures(paths, card))
    if not files:
        raise DatasetError(f"No files in {', '.join(map(str, paths))}.")
    output.mkdir(parents=True, exist_ok=True)
    on_progress = terminal_progress("Inspecting")
    rows: list[InspectedFile] = []
    taken: set[str] = set()
    try:
        for index, (path, is_clip) in enumerate(files):
            if is_clip:
                frames_file = _frames_file(output, path, taken)
                try:
                    row = inspect_clip(classifier, card, path, frames_file)
                except JudgingStopped as stop:
                    rows.append(_clip_row(classifier, stop.clip, path, frames_file))
                    raise
            elif only_clips:
                row = InspectedFile(path=_as_text(path), error=_no_clip(path, classifier))
            else:
                target = output / "explanations" / f"{index:04d}-{path.stem}"
                row = inspect_file(classifier, card, path, explainers, target)
            rows.append(row)
            on_progress((index + 1) / len(files))
    finally:  # what was judged is kept, whatever ends the rest
        write_inspection(output, rows, model=card.id)
    unreadable = sum(row.score is None for row in rows)
    anomalous = sum(bool(row.is_anomalous) for row in rows)
    typer.echo(
        f"{len(rows)} files: {anomalous} anomalous, {len(rows) - anomalous - unreadable} normal, "
        f"{unreadable} unreadable. Wrote {output}"
    )


def inspect_file(
    classifier: "AnomalyClassifier",
    card: "ModelCard",
    path: Path,
    explainers: list["Explainer"],
    target: Path,
) -> "InspectedFile":
    """Judge and explain one file; what goes wrong stands in its row."""
    from xai_ad.data.images import read_image
    from xai_ad.presentation.report import InspectedFile

    name = _as_text(path)
    try:
        prediction = classifier.predict(read_image(path, card)[None])
    except ImageError as error:
        return InspectedFile(path=name, error=str(error))
    row = InspectedFile(
        path=name,
        score=float(prediction.scores[0]),
        normalised_score=float(prediction.normalised[0]),
        threshold=classifier.calibration.threshold,
        is_anomalous=bool(prediction.is_anomalous[0]),
    )
    try:
        for explainer in explainers:
            write_explanation(classifier, card, explainer, path, target / explainer.id)
    except XaiAdError as error:
        return replace(row, error=str(error))
    return row


def inspect_clip(
    scorer: "AnomalyClassifier", card: "ModelCard", path: Path, frames_file: Path
) -> "InspectedFile":
    """Judge one video into its row and its frames' file; what goes wrong stands in the row."""
    from xai_ad.data.videos.frames import FrameStream
    from xai_ad.data.videos.sources import open_frames
    from xai_ad.inspection.clips import judge_clip
    from xai_ad.presentation.report import InspectedFile

    try:
        clip = judge_clip(scorer, FrameStream(open_frames(path), card.preprocessing))
    except ImageError as error:
        return InspectedFile(path=_as_text(path), error=str(error))
    return _clip_row(scorer, clip, path, frames_file)


def _clip_row(
    scorer: "AnomalyClassifier", clip: "JudgedClip", path: Path, frames_file: Path
) -> "InspectedFile":
    """Write the scores of a clip's frames, and return its row."""
    from xai_ad.inspection.clips import write_frames
    from xai_ad.presentation.report import InspectedFile

    calibration = scorer.calibration
    write_frames(frames_file, clip, calibration)
    score = float(clip.scores[clip.worst])
    renamed = frames_file.name != _frames_name(path)
    notes = [*clip.notes, f"Its frames are in {_as_text(Path(frames_file.name))}."] if renamed else clip.notes
    return InspectedFile(
        path=_as_text(path),
        score=score,
        normalised_score=calibration.normalised(score),
        threshold=calibration.threshold,
        is_anomalous=calibration.is_anomalous(score),
        error=clip.broken,
        frame=int(clip.numbers[clip.worst]),
        note=" ".join(notes) or None,
    )


def _no_clip(path: Path, scorer: "AnomalyClassifier") -> str:
    """Return why a model of clips has no verdict on a file."""
    from xai_ad.inspection.clips import is_picture_file

    if not path.exists():
        return f"{_as_text(path)} cannot be read (No such file or directory)."
    what = "a single picture" if is_picture_file(path) else "no video"
    return (
        f"{_as_text(path)} is {what}, and the model scores clips of {scorer.grid.frames} frames. Give a video, a ZIP of "
        "frames or a folder of numbered ones."
    )


def _frames_file(output: Path, path: Path, taken: set[str]) -> Path:
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


def _as_text(path: Path) -> str:
    """Return a path as text, whatever its bytes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


_FRAMES = ".frames.csv"
_LONGEST = 230
"""Bytes of a name before what is put behind it."""
COMMANDS = (inspect,)
