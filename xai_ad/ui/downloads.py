"""Files to take away: the chosen explanation as a picture, as numbers, and as a record."""

import io
import re

import numpy as np
import streamlit as st

from xai_ad.explain.base import Attribution, Explainer
from xai_ad.presentation import render
from xai_ad.presentation.report import explanation_record, to_json
from xai_ad.ui.cases import Case, Outcome
from xai_ad.ui.photos import shown_picture
from xai_ad.ui.results import TimedExplanation


def offer_downloads(case: Case, outcomes: dict[Explainer, Outcome], method: str) -> None:
    """Offer the chosen explanation's files; they are made when they are asked for."""
    found = next((outcome.result for explainer, outcome in outcomes.items() if explainer.id == method), None)
    with st.popover("Download", icon=":material/download:"):
        if found is None:
            st.markdown(
                "Choose an explanation that is ready: its picture, numbers and record can be saved then."
            )
            return
        stem = file_stem(case, method)
        _button("Overlay", "PNG", lambda: overlay_png(case, found), f"{stem}.png", "image/png")
        _button("Record", "JSON", lambda: record_json(case, found), f"{stem}.json", "application/json")
        relevance = found.explanation
        if isinstance(relevance, Attribution):
            _button("Map", "NumPy", lambda: map_npy(relevance), f"{stem}.npy", "application/octet-stream")


def file_stem(case: Case, method: str) -> str:
    """Return a name for downloads, made of letters, digits, dots, dashes and underscores only."""
    photo = re.sub(r"[^A-Za-z0-9_-]+", "-", case.photo.name.rpartition(".")[0] or case.photo.name).strip("-")
    return f"{photo[:60] or 'photo'}.{case.model.card.id}.{method}"


def overlay_png(case: Case, timed: TimedExplanation) -> bytes:
    """Return the explanation drawn over its photograph."""
    photo = shown_picture(case.photo, case.model.card.preprocessing)
    calibration = case.model.record.calibration
    return render.encode_png(render.explanation_overlay(photo, timed.explanation, calibration))


def record_json(case: Case, timed: TimedExplanation) -> bytes:
    """Return the explanation's record, the same that the command line writes."""
    record = explanation_record(
        timed.explanation,
        model=case.model.card.id,
        image_sha256=case.photo.sha256,
        calibration=case.model.record.calibration,
        seconds=timed.seconds,
    )
    return to_json(record).encode()


def map_npy(explanation: Attribution) -> bytes:
    """Return the relevance, (H, W) float32, as a NumPy file."""
    buffer = io.BytesIO()
    np.save(buffer, explanation.relevance, allow_pickle=False)
    return buffer.getvalue()


def _button(title: str, kind: str, data: object, name: str, mime: str) -> None:
    st.download_button(
        f"{title} ({kind})",
        data,  # type: ignore[arg-type]  # a function: made when it is clicked
        name,
        mime,
        key=f"download_{kind}",
        on_click="ignore",
        width="stretch",
    )
