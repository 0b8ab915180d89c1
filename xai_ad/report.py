"""Results into records and files that other programs read."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xai_ad.classifier import Calibration
from xai_ad.explain import Attribution, Counterfactual, Explanation
from xai_ad.inspection import JudgedClip
from xai_ad.types import Relevance


@dataclass(frozen=True, kw_only=True)
class InspectedFile:
    """One row of an inspection: a file's verdict, or why there is none.

    A video has the score of its highest `frame`, by its number, and may have both a verdict and an error: what could
    be read of it was judged. `note` says what else to know of a video.
    """

    path: str
    score: float | None = None
    normalised_score: float | None = None
    threshold: float | None = None
    is_anomalous: bool | None = None
    error: str | None = None
    frame: int | None = None
    note: str | None = None


def explanation_record(
    explanation: Explanation,
    *,
    model: str,
    image_sha256: str,
    calibration: Calibration,
    seconds: float,
) -> dict[str, Any]:
    """Return an explanation as the JSON contract has it: raw scores, and null for a key that does not apply."""
    attribution = explanation if isinstance(explanation, Attribution) else None
    change = explanation if isinstance(explanation, Counterfactual) else None
    return {
        "method": explanation.method,
        "model": model,
        "image_sha256": image_sha256,
        "score": explanation.score,
        "threshold": calibration.threshold,
        "is_anomalous": calibration.is_anomalous(explanation.score),
        "baseline": attribution.baseline if attribution else None,
        "residual": attribution.residual if attribution else None,
        "evaluations": explanation.evaluations,
        "seconds": seconds,
        "diagnostics": dict(explanation.diagnostics),
        "search": change.search if change else None,
        "rectangles": [asdict(rectangle) for rectangle in change.rectangles] if change else None,
        "direction": change.direction if change else None,
        "score_before": change.score_before if change else None,
        "score_after": change.score_after if change else None,
        "flipped": change.flipped if change else None,
        "area_fraction": change.area if change else None,
    }


def relevance_of(explanation: Explanation) -> Relevance:
    """Return each pixel's share of the raw score, (H, W).

    A counterfactual's is what its change took off the score, spread evenly over its rectangles.
    """
    if isinstance(explanation, Attribution):
        return explanation.relevance
    relevance: Relevance = np.zeros(explanation.image.shape[-2:], dtype=np.float32)
    for rectangle in explanation.rectangles:
        bottom, right = rectangle.top + rectangle.height, rectangle.left + rectangle.width
        relevance[rectangle.top : bottom, rectangle.left : right] = 1
    if relevance.any():
        relevance *= np.float32((explanation.score_before - explanation.score_after) / relevance.sum())
    return relevance


def write_inspection(directory: Path, rows: Sequence[InspectedFile], *, model: str) -> None:
    """Write `results.csv` and `results.json`: one row for every input, unreadable ones with their error."""
    directory.mkdir(parents=True, exist_ok=True)
    records = [asdict(row) for row in rows]
    with (directory / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(InspectedFile.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(records)
    write_json(directory / "results.json", {"model": model, "results": records})


def write_frames(path: Path, clip: JudgedClip, calibration: Calibration) -> None:
    """Write every frame of a clip: its raw and normalised score, its verdict, and its regularity (Eq. 4.1)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["frame", "score", "normalised_score", "is_anomalous", "regularity"])
        for number, score, regular in zip(
            clip.numbers.tolist(), clip.scores.tolist(), clip.regularity.tolist(), strict=True
        ):
            writer.writerow(
                [number, score, calibration.normalised(score), calibration.is_anomalous(score), regular]
            )


def to_json(value: Any) -> str:
    """Return a value as the JSON text that is written everywhere: indented, and no NaN."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, indented, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_json(value), encoding="utf-8")
