"""Files to take away: the chosen explanation as an image, as numbers, and as a record."""

import streamlit as st

from xai_ad.explain.base import Explainer
from xai_ad.explain.results import Attribution
from xai_ad.inspection.cases import Case, Outcome
from xai_ad.inspection.files import file_stem, map_npy, overlay_png, record_json


def offer_downloads(case: Case, outcomes: dict[Explainer, Outcome], method: str) -> None:
    """Offer the chosen explanation's files; they are made when they are asked for."""
    chosen = (
        (explainer, outcome.result) for explainer, outcome in outcomes.items() if explainer.id == method
    )
    explainer, found = next(chosen, (None, None))
    with st.popover("Download", icon=":material/download:"):
        if explainer is None or found is None:
            st.markdown(
                "Choose an explanation that is ready: its picture, numbers and record can be saved then."
            )
            return
        stem = file_stem(case, method)
        _button("Overlay", "PNG", lambda: overlay_png(case, found), f"{stem}.png", "image/png")
        _button(
            "Record", "JSON", lambda: record_json(case, explainer, found), f"{stem}.json", "application/json"
        )
        relevance = found.explanation
        if isinstance(relevance, Attribution):
            _button("Map", "NumPy", lambda: map_npy(relevance), f"{stem}.npy", "application/octet-stream")


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
