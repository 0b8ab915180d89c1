"""A model to take away: as a ZIP that this program reads again, and for other programs."""

import tempfile
from pathlib import Path

import streamlit as st

from xai_ad.errors import XaiAdError
from xai_ad.exporting import ExportFormat
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.model_export import ExportedModel, ModelExport, model_export
from xai_ad.presentation.exports import TITLES, agreement_words
from xai_ad.presentation.words import as_markdown, percent
from xai_ad.store import StoredModel, export_zip
from xai_ad.ui import state
from xai_ad.ui.giving import Given, give
from xai_ad.ui.models import work
from xai_ad.ui.showing.files import NUMPY, ZIP, offer_file

_POLL = 1.0
_WIDTH = 360
_OTHERS = (ExportFormat.ONNX, ExportFormat.OPENVINO)


def offer_export(stored: StoredModel) -> None:
    """Draw the buttons that give a model away; its licence goes with it."""
    with (
        st.popover("Export", icon=":material/download:", key="export_model"),
        st.container(width=_WIDTH, key="exports"),
    ):
        offer_file("Model", "ZIP", lambda: _zipped(stored), f"{stored.card.id}.zip", ZIP)
        st.caption("All of it, with your own limits; page Models reads it again.")
        try:
            questions = [model_export(stored, each) for each in _OTHERS]
        except XaiAdError as error:
            state.show_error(str(error))  # damaged: it has no fingerprint
            return
        active = any(work.export(question).active for question in questions)
        st.fragment(_offer_others, run_every=_POLL if active else None)(questions, was_active=active)
        st.caption(f"Licence: {as_markdown(stored.card.licence)}.")


def _zipped(stored: StoredModel) -> bytes:
    with tempfile.TemporaryDirectory(prefix="xai_ad-export-") as folder:
        return export_zip(stored, Path(folder) / "model.zip").read_bytes()


def _offer_others(questions: list[ModelExport], *, was_active: bool) -> None:
    for question in questions:
        _offer(question)
    st.caption(
        "For other programs: one graph that gives score, map and reconstruction, with limit, licence and hash in it. It is "
        "compared with the model before it is given away."
    )
    if was_active != any(work.export(question).active for question in questions):
        st.rerun()


def _offer(question: ModelExport) -> None:
    exporting, title = work.export(question), TITLES[question.format]
    if exporting.result is not None:
        _give(question, exporting.result)
        return
    if exporting.active:
        st.markdown(f":material/progress_activity: Writing {title}, {percent(exporting.fraction)}")
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key=f"stop_{question.format}",
            on_click=work.end,
            args=(question,),
        )
        return
    if exporting.state is JobState.FAILED:
        state.show_error(exporting.error or "")
    st.button(
        f"Write it as {title}",
        icon=":material/output:",
        key=f"export_{question.format}",
        on_click=work.begin,
        args=(question,),
        width="stretch",
    )


def _give(question: ModelExport, exported: ExportedModel) -> None:
    given = Given(path=exported.path, name=question.name, media_type=NUMPY, kept_by=exported)
    title = TITLES[question.format]
    st.link_button(f"Model ({title})", give(given), icon=":material/download:", width="stretch")
    report = exported.report
    st.caption(as_markdown(agreement_words(report.images, report.scores, report.maps)))
