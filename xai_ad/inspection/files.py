"""What can be taken away of an explanation: a drawing, numbers, and a record."""

import io
import re

import numpy as np

from xai_ad.explain.base import Explainer
from xai_ad.explain.results import Attribution, squeezed
from xai_ad.inspection.cases import Case
from xai_ad.inspection.explaining import answer_record
from xai_ad.inspection.image_files import shown_image
from xai_ad.inspection.results import TimedExplanation
from xai_ad.presentation import render
from xai_ad.presentation.report import to_json


def file_stem(case: Case, method: str) -> str:
    """Return a name for downloads, made of letters, digits, dots, dashes and underscores only."""
    name = case.image_file.name
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name.rpartition(".")[0] or name).strip("-")
    return f"{stem[:60] or 'photo'}.{case.model.card.id}.{method}"


def overlay_png(case: Case, timed: TimedExplanation) -> bytes:
    """Return the explanation drawn over its image."""
    seen = shown_image(case.image_file, case.placement.seen)
    calibration = case.model.record.calibration
    return render.encode_png(render.explanation_overlay(seen, timed.explanation, calibration))


def record_json(case: Case, explainer: Explainer, timed: TimedExplanation) -> bytes:
    """Return the explanation's record, the same that the command line writes and repeats."""
    record = answer_record(case.request(explainer), timed, case.model.record.calibration)
    return to_json(record).encode()


def map_npy(explanation: Attribution) -> bytes:
    """Return the relevance, (H, W) float32, as a NumPy file."""
    buffer = io.BytesIO()
    np.save(buffer, squeezed(explanation.relevance), allow_pickle=False)
    return buffer.getvalue()
