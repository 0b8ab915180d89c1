"""Files to take away: what the screen shows as a picture with its caption, as numbers, as a record, and all as one archive."""

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from xai_ad.explain.base import Explainer
from xai_ad.explain.results import Attribution, squeezed
from xai_ad.inspection.cases import Case, Outcome
from xai_ad.inspection.files import (
    archive_zip,
    array_npy,
    file_stem,
    map_npy,
    picture_png,
    record_json,
)
from xai_ad.inspection.pictures import View, pictures_of
from xai_ad.inspection.results import TimedExplanation
from xai_ad.presentation.legends import SEEN
from xai_ad.presentation.report import segments_of
from xai_ad.ui.showing.files import JSON, NUMPY, PNG, ZIP, offer_file
from xai_ad.ui.showing.view import view_of


def offer_downloads(case: Case, outcomes: dict[Explainer, Outcome], shown: str, *, viewer: str) -> None:
    """Offer the files of the picture that is `shown` large, and everything; they are made when they are asked for.

    `viewer` is the key of the component that tells opacity and cut.
    """
    ready = {
        explainer: outcome.result for explainer, outcome in outcomes.items() if outcome.result is not None
    }
    stem, view = file_stem(case, shown), view_of(viewer)  # a file's maker runs outside of the session
    with st.popover("Download", icon=":material/download:"):
        offer_file("Picture", "PNG", lambda: _picture(case, ready, shown, _now(view)), f"{stem}.png", PNG)
        for explainer, timed in ready.items():
            if explainer.id == shown:
                _offer_numbers(case, explainer, timed, stem, view)
        everything = file_stem(case, "everything")
        offer_file(
            "Everything",
            "ZIP",
            lambda: archive_zip(case, ready, _now(view)),
            f"{everything}.zip",
            ZIP,
        )
        waiting = len(outcomes) - len(ready)
        if waiting:
            st.caption(f"{waiting} of {len(outcomes)} explanations are not computed, and will not be in it.")


def _now(view: View) -> View:
    return replace(view, at=datetime.now(UTC))


def _picture(case: Case, ready: dict[Explainer, TimedExplanation], shown: str, view: View) -> bytes:
    pictures = pictures_of(case, ready)
    return picture_png(case, pictures.get(shown, pictures[SEEN]), view)


def _offer_numbers(case: Case, explainer: Explainer, timed: TimedExplanation, stem: str, view: View) -> None:
    offer_file(
        "Record", "JSON", lambda: record_json(case, explainer, timed, _now(view)), f"{stem}.json", JSON
    )
    relevance = timed.explanation
    if isinstance(relevance, Attribution):
        offer_file("Map", "NumPy", lambda: map_npy(relevance), f"{stem}.npy", NUMPY)
    if segments := segments_of(relevance):
        labels = squeezed(segments.segments)
        offer_file("Regions", "NumPy", lambda: array_npy(labels), f"{stem}.segments.npy", NUMPY)
