"""What can be taken away of a case: pictures as the screen shows them, numbers, records, and all of it in one archive."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.decoding import kind_of
from xai_ad.detector.familiarity import stranger_and_p_value
from xai_ad.explain import Attribution
from xai_ad.explain.base import Explainer
from xai_ad.explain.results import in_frame, squeezed
from xai_ad.inspection.cases import Case
from xai_ad.inspection.explaining import answer_record, made_with
from xai_ad.inspection.image_files import ImageFile, decoded
from xai_ad.inspection.options import differences_of
from xai_ad.inspection.pictures import Picture, View, drawn, pictures_of
from xai_ad.inspection.results import TimedExplanation
from xai_ad.presentation.legends import EXPLANATIONS
from xai_ad.presentation.report import relevance_of, segments_of, to_json
from xai_ad.presentation.scales import shown_map
from xai_ad.presentation.words import HEADLINES, WORDING, verdict_word
from xai_ad.training.conformal import score_p_value
from xai_ad.types import Segments

ARCHIVED_SIDE = 1600
"""Pictures in an archive have at most so many pixels a side: all of them at 24 megapixels would take a minute."""
COMPRESSION = 3
"""Of PNG's nine levels: a third of the time, a tenth more bytes."""
_ENDINGS = {
    "PNG": "png",
    "JPEG": "jpg",
    "BMP": "bmp",
    "TIFF": "tif",
    "WEBP": "webp",
    "HEIF": "heic",
    "AVIF": "avif",
}


def file_stem(case: Case, method: str) -> str:
    """Return a name for downloads, made of letters, digits, dots, dashes and underscores only."""
    return f"{name_stem(case.image_file)}.{case.model.card.id}.{method}"


def name_stem(image_file: ImageFile) -> str:
    """Return what downloads about an image begin with, made of letters, digits, dashes and underscores only."""
    return stem_of(image_file.name, "photo")


def stem_of(name: str, otherwise: str) -> str:
    """Return a name without its ending, of letters, digits, dashes and underscores only.

    >>> stem_of("../walk 7.mp4", "clip"), stem_of("歩.mp4", "clip")
    ('walk-7', 'clip')
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name.rpartition(".")[0] or name).strip("-")
    return stem[:60] or otherwise


def picture_png(case: Case, picture: Picture, view: View, *, largest: int | None = None) -> bytes:
    """Return a picture on the original photograph, at its own resolution, with its caption."""
    buffer = io.BytesIO()
    drawn(case, picture, view, largest=largest).save(buffer, format="PNG", compress_level=COMPRESSION)
    return buffer.getvalue()


def record_json(case: Case, explainer: Explainer, timed: TimedExplanation, view: View) -> bytes:
    """Return the explanation's record, which the command line repeats, and under `shown` what the screen says."""
    record = answer_record(case.request(explainer), timed, case.model.record.calibration, case.likeness)
    shown = verdict_record(case, view)
    calibration = case.model.record.calibration
    if isinstance(timed.explanation, Attribution):
        drawn_by = shown_map(timed.explanation, calibration).scale
        scale = view.scale(drawn_by, EXPLANATIONS[drawn_by.unit])
        shown |= {
            "unit": str(scale.unit),
            "opacity": view.opacity,
            "hidden_below": scale.start,
            "scale_end": scale.limit,
        }
    if segments := segments_of(timed.explanation):
        shown["segments_map"] = run_lengths(in_frame(segments.segments, case.place))
        shown["segments_in_limits"] = (segments.values / calibration.threshold).tolist()
    shown["settings"] = differences_of(explainer)
    return to_json({**record, "shown": shown}).encode()


def verdict_record(case: Case, view: View) -> dict[str, Any]:
    """Return the verdict as the screen has it, in multiples of the limit, with the file and the time."""
    judgement, calibration = case.judgement, case.model.record.calibration
    limit, likeness, photo = calibration.threshold, case.likeness, decoded(case.image_file).pixels
    stranger, p_value = stranger_and_p_value(likeness)
    return {
        "verdict": verdict_word(judgement.state, WORDING[case.model.card.subject]),
        "state": str(judgement.state),
        "headline": HEADLINES.get(judgement.state),
        "score": judgement.score / limit,
        "limit": 1.0,
        "limit_interval": [judgement.limit_low / limit, judgement.limit_high / limit],
        "normalised_score": calibration.normalised(judgement.score),
        "normalised_limit": calibration.normalised_threshold,
        "score_p_value": score_p_value(judgement.score, case.model.record),
        "stranger": stranger,
        "p_value": p_value,
        "cause": None if likeness is None or likeness.cause is None else str(likeness.cause),
        "file": case.image_file.name,
        "width": photo.width,
        "height": photo.height,
        "made_at": view.at.isoformat(timespec="seconds"),
    }


def run_lengths(segments: Segments) -> dict[str, Any]:
    """Return segments, (H, W), as JSON: rows one after the other, each run of a label as [label, length].

    >>> run_lengths(np.array([[0, 0, 1], [1, 1, 0]]))
    {'height': 2, 'width': 3, 'runs': [[0, 2], [1, 3], [0, 1]]}
    """
    labels = segments.ravel()
    starts = np.flatnonzero(np.concatenate([[True], labels[1:] != labels[:-1]]))  # (R,)
    lengths = np.diff(np.append(starts, labels.size))
    runs = [[int(label), int(length)] for label, length in zip(labels[starts], lengths, strict=True)]
    return {"height": segments.shape[0], "width": segments.shape[1], "runs": runs}


def array_npy(array: NDArray[Any]) -> bytes:
    """Return an array as a NumPy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def map_npy(explanation: Attribution) -> bytes:
    """Return the relevance, (H, W) float32, as a NumPy file."""
    return array_npy(squeezed(explanation.relevance))


def archive_zip(case: Case, explanations: Mapping[Explainer, TimedExplanation], view: View) -> bytes:
    """Return everything that a case has by now in one ZIP archive, and a README.txt that says what is what."""
    contents: dict[str, tuple[bytes, str]] = {
        _photo_name(case): _photo(case),
        "verdict.json": (
            to_json(
                {**verdict_record(case, view), "model": case.model.card.id, "made_with": made_with()}
            ).encode(),
            "The verdict's figures, in multiples of the limit.",
        ),
    }
    for picture in pictures_of(case, explanations).values():
        content = picture_png(case, picture, view, largest=ARCHIVED_SIDE)
        contents[f"{picture.id}.png"] = content, f"{picture.title}, on the photograph, with its caption."
    if case.attention is not None:
        contents["attention.npy"] = (
            array_npy(case.attention),
            "The attention map, (H, W), share that is seen.",
        )
    contents["ssim.npy"] = array_npy(case.dissimilarity), "1 - SSIM of each pixel, (H, W)."
    for explainer, timed in explanations.items():
        contents |= _numbers(case, explainer, timed, view)
    readme = _readme(case, contents, view)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in {
            "README.txt": readme.encode(),
            **{n: c for n, (c, _) in contents.items()},
        }.items():
            kind = zipfile.ZIP_STORED if name.endswith((".png", ".jpg")) else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(name, view.at.timetuple()[:6])
            archive.writestr(entry, content, kind)
    return buffer.getvalue()


def _numbers(
    case: Case, explainer: Explainer, timed: TimedExplanation, view: View
) -> dict[str, tuple[bytes, str]]:
    """Return an explanation's numbers by file name."""
    name, title = explainer.id, explainer.title
    found = {
        f"{name}.json": (
            record_json(case, explainer, timed, view),
            f"{title}: the record. {_again(f'{name}.json', case)}",
        ),
        f"{name}.npy": (
            array_npy(relevance_of(timed.explanation)),
            f"{title}: each pixel's share of the raw score.",
        ),
    }
    if segments := segments_of(timed.explanation):
        found[f"{name}.segments.npy"] = (
            array_npy(squeezed(segments.segments)),
            f"{title}: each pixel's region, in the order of `segments` in the record.",
        )
    return found


def _again(record: str, case: Case) -> str:
    image = "DICOM_FILE" if _is_private(case) else _photo_name(case)
    return f"`python -m xai_ad explain --request {record} --image {image} --output DIR` makes it again."


def _readme(case: Case, contents: Mapping[str, tuple[bytes, str]], view: View) -> str:
    record = verdict_record(case, view)
    said = f"{record['verdict']}: {record['headline']}" if record["headline"] else record["verdict"]
    width = max(map(len, contents))
    lines = [
        f"{case.image_file.name}, judged by {case.model.card.id} on {view.at:%Y-%m-%d %H:%M} UTC.",
        f"{said}. The score is {record['score']:.3g} times the limit.",
        f"SHA-256 of the photograph: {case.image_file.sha256}",
        "",
        f"Pictures have the photograph's own resolution up to {ARCHIVED_SIDE} pixels a side, and are reduced beyond.",
        "Maps are (H, W) on the network's grid; `request.placement` in a record says where that lies on the photograph.",
        "What had not been computed by then is not here.",
        "",
        *(f"{name:<{width}}  {words}" for name, (_, words) in contents.items()),
    ]
    return "\n".join(lines) + "\n"


def _photo_name(case: Case) -> str:
    """Return a name for the photograph with the ending that suits its bytes, whatever it is called."""
    kind = kind_of(case.image_file.content)
    return f"photo.{'png' if _is_private(case) else _ENDINGS.get(kind, 'bin')}"


def _photo(case: Case) -> tuple[bytes, str]:
    """Return the photograph as it goes into an archive, and what that is: of a DICOM file the pixels alone."""
    if not _is_private(case):
        return case.image_file.content, "The photograph as it was given, to the byte."
    buffer = io.BytesIO()
    decoded(case.image_file).pixels.save(buffer, format="PNG", compress_level=COMPRESSION)
    words = "The pixels of the DICOM file, which may name a patient and is not here itself. Records repeat with that file."
    return buffer.getvalue(), words


def _is_private(case: Case) -> bool:
    return kind_of(case.image_file.content) == "DICOM"
