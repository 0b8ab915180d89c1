"""Measuring one's own model, where nobody has measured it yet."""

import streamlit as st

from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.model_measuring import ModelMeasurement, model_measurement
from xai_ad.inspection.model_sheets import MEASURED, KnownModel
from xai_ad.presentation.words import percent
from xai_ad.ui import state
from xai_ad.ui.models import work

_POLL = 1.0


def offer_measuring(known: KnownModel) -> None:
    """Draw what measures a model, where that is not done and can be."""
    if known.set_of(MEASURED) is not None:
        return
    question = model_measurement(known.stored, known.record)
    if question is not None:
        active = work.measure(question).active
        st.fragment(_draw, run_every=_POLL if active else None)(question, was_active=active)


def _draw(question: ModelMeasurement, *, was_active: bool) -> None:
    measuring = work.measure(question)
    with st.container(border=True, key="measure"):
        if measuring.active:
            st.markdown(f":material/progress_activity: Measuring, {percent(measuring.fraction)}")
            st.button(
                "Stop",
                icon=":material/stop_circle:",
                key="stop_measuring",
                on_click=work.end,
                args=(question,),
            )
        else:
            if measuring.state is JobState.FAILED:
                state.show_error(measuring.error or "")
            st.markdown("Pictures of its folder were kept back from training and from the limit.")
            st.button(
                "Measure it on them",
                icon=":material/straighten:",
                key="measure_model",
                on_click=work.begin,
                args=(question,),
            )
    if was_active != measuring.active:
        st.rerun()
