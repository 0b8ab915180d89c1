"""Results into records and files that other programs read."""

import csv
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xai_ad.detector.calibration import Calibration
from xai_ad.detector.familiarity import Likeness, stranger_and_p_value
from xai_ad.explain import Attribution, Counterfactual, Direction, Explanation, diagnostics
from xai_ad.explain.results import Rectangle, SegmentValues, squeezed
from xai_ad.machine.files import writing
from xai_ad.types import Relevance


@dataclass(frozen=True, kw_only=True)
class InspectedFile:
    """One row of an inspection: a file's verdict, or why there is none.

    A video has the score of its highest `frame`, by its number, and may have both a verdict and an error: what could
    be read of it was judged. An image whose shape is not the model's has that `shape`, as 4:3, and by which `fit` it was
    judged. `note` says what else to know. A `stranger` is not like the training images, by its `p_value` among
    them; a video's are those of its highest frame. Both are empty where the model cannot tell. `state` is the verdict
    of the page: normal, anomalous, borderline or stranger; `is_anomalous` stays the score's side of the limit.
    `score_p_value` is how rare the score is among the normal images that the limit rests on; a video, whose highest frame
    is the highest of many, has none. `is_discovery` says whether the file is flagged where a false discovery rate was
    asked for.
    """

    path: str
    score: float | None = None
    normalised_score: float | None = None
    threshold: float | None = None
    is_anomalous: bool | None = None
    error: str | None = None
    frame: int | None = None
    shape: str | None = None
    fit: str | None = None
    note: str | None = None
    stranger: bool | None = None
    p_value: float | None = None
    state: str | None = None
    score_p_value: float | None = None
    is_discovery: bool | None = None


def explanation_record(
    explanation: Explanation,
    *,
    model: str,
    image_sha256: str,
    calibration: Calibration,
    seconds: float,
    request: Mapping[str, Any] | None = None,
    made_with: Mapping[str, Any] | None = None,
    likeness: Likeness | None = None,
) -> dict[str, Any]:
    """Return an explanation as the JSON contract has it: raw scores, and null for a key that does not apply.

    `request` is the question as data, `made_with` the program and the machine that answered it.
    """
    attribution = explanation if isinstance(explanation, Attribution) else None
    change = explanation if isinstance(explanation, Counterfactual) else None
    segments = segments_of(explanation)
    stranger, p_value = stranger_and_p_value(likeness)
    return {
        "method": explanation.method,
        "model": model,
        "image_sha256": image_sha256,
        "score": explanation.score,
        "threshold": calibration.threshold,
        "is_anomalous": calibration.is_anomalous(explanation.score),
        "stranger": stranger,
        "p_value": p_value,
        "stranger_cause": None if likeness is None or likeness.cause is None else str(likeness.cause),
        "baseline": attribution.baseline if attribution else None,
        "residual": attribution.residual if attribution else None,
        "evaluations": explanation.evaluations,
        "seconds": seconds,
        "diagnostics": diagnostics(explanation),
        "segments": _segment_records(segments) if segments else None,
        "search": change.search if change else None,
        "rectangles": [_rectangle_record(one, change) for one in change.rectangles] if change else None,
        "direction": change.direction if change else None,
        "score_before": change.score_before if change else None,
        "score_after": change.score_after if change else None,
        "flipped": change.flipped if change else None,
        "area_fraction": change.area if change else None,
        "request": request,
        "made_with": made_with,
    }


def segments_of(explanation: Explanation) -> SegmentValues | None:
    """Return what an explanation says of segments, or None where its method has none."""
    return explanation.by_segment if isinstance(explanation, Attribution) else None


def _segment_records(by_segment: SegmentValues) -> list[dict[str, float | None]]:
    """Return what is said of each segment, raw, in the order of their labels; null where it is not known."""
    columns = {
        "value": by_segment.values,
        "standard_error": by_segment.standard_errors,
        "low": by_segment.low,
        "high": by_segment.high,
    }
    return [
        {name: None if column is None else float(column[label]) for name, column in columns.items()}
        for label in range(len(by_segment.values))
    ]


def _rectangle_record(rectangle: Rectangle, change: Counterfactual) -> dict[str, int]:
    """Return a rectangle; the frames it covers are a matter of windows."""
    record = asdict(rectangle)
    if change.pixels.ndim == 3:
        del record["first"], record["frames"]
    return record


def relevance_of(explanation: Explanation) -> Relevance:
    """Return each pixel's share of the raw score, (H, W), or (T, H, W) of a window.

    A counterfactual's is what its rectangles were worth, spread evenly over them: what the score lost where they were
    made normal, or gained where they were pasted into a normal image.
    """
    if isinstance(explanation, Attribution):
        return squeezed(explanation.relevance)
    shape = explanation.pixels.shape  # (C, H, W) or (T, C, H, W)
    relevance: Relevance = np.zeros((shape[0] if len(shape) == 4 else 1, *shape[-2:]), dtype=np.float32)
    for rectangle in explanation.rectangles:
        relevance[rectangle.inside] = 1
    if relevance.any():
        worth = explanation.score_before - explanation.score_after
        if explanation.direction is Direction.TRANSPLANT:
            worth = -worth
        relevance *= np.float32(worth / relevance.sum())
    return squeezed(relevance)


def write_inspection(
    directory: Path, rows: Sequence[InspectedFile], *, model: str, flagged: bool = False
) -> None:
    """Write `results.csv` and `results.json`: one row for every input, unreadable ones with their error.

    `is_discovery` is among the columns where it was asked which are `flagged`.
    """
    columns = [name for name in InspectedFile.__dataclass_fields__ if flagged or name != "is_discovery"]
    records = [{name: getattr(row, name) for name in columns} for row in rows]
    table = directory / "results.csv"
    with writing(table):
        directory.mkdir(parents=True, exist_ok=True)
    with writing(table), table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=columns)
        writer.writeheader()
        writer.writerows(records)
    write_json(directory / "results.json", {"model": model, "results": records})


def path_text(path: Path) -> str:
    """Return a path as text, whatever its bytes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def to_json(value: Any) -> str:
    """Return a value as the JSON text that is written everywhere: indented, and no NaN."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, indented, with its folder."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_json(value), encoding="utf-8")
