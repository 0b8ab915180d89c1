"""Page Train: pictures of good parts become a model, in a process of its own."""

import streamlit as st

from xai_ad.errors import XaiAdError
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.intake import Intake
from xai_ad.inspection.trainings.survey import Survey
from xai_ad.ui import address, state
from xai_ad.ui.train.bringing import ask_for_pictures, follow_intake, follow_uploads
from xai_ad.ui.train.ordering import order_training
from xai_ad.ui.train.running import TRAININGS, VIEW, follow_job, show_trainings
from xai_ad.ui.train.surveying import left_out, show_survey

NEW = "new"


def show_train() -> None:
    """Draw the page."""
    address.follow()
    follow_uploads()
    every = jobs.list_jobs()
    view = _follow_view(is_active=any(job.state.active for job in every))
    chosen = follow_job(every) if view == TRAININGS else None
    notices = st.container(key="notices")
    if every:
        _choose_view(view, len(every))
    try:
        if chosen is not None:
            show_trainings(chosen)
        else:
            _show_new()
    except XaiAdError as error:
        state.show_error(str(error))
    with notices:
        state.show_notices()
    with st.container(key="link"):
        address.keep()


def _follow_view(*, is_active: bool) -> str:
    """Return what the address names, else what there is to see."""
    titles = {NEW: "New training", TRAININGS: "Trainings"}
    view = state.asked_of(VIEW, "view", titles) or (TRAININGS if is_active else NEW)
    address.note(VIEW, view)
    return view


def _choose_view(view: str, count: int) -> None:
    titles = {NEW: "New training", TRAININGS: f"Trainings ({count})"}
    st.session_state[VIEW] = view
    st.segmented_control(
        "What to see",
        list(titles),
        key=VIEW,
        format_func=lambda name: titles[name],
        on_change=lambda: address.choose(**{VIEW: st.session_state[VIEW] or view}),
        label_visibility="collapsed",
        required=True,
    )


def _show_new() -> None:
    intake = follow_intake()
    if intake is None:
        ask_for_pictures()
        return
    with st.container(horizontal=True, key="new_training"):
        with st.container(key="new_pictures"):
            survey = show_survey(intake)
        with st.container(key="new_model"):
            if survey is not None:
                _order(intake, survey.after(left_out(intake)))


def _order(intake: Intake, survey: Survey) -> None:
    if survey.refusal is None:
        order_training(intake, survey)
    else:
        state.show_error(survey.refusal)
