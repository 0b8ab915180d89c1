"""Page Video: a clip, its scores over time, and the frame that is shown with its explanations."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from xai_ad.errors import ImageError, StoreError, XaiAdError
from xai_ad.explain import Residual
from xai_ad.inspection.cases import Case
from xai_ad.inspection.clip_files import ClipFile
from xai_ad.inspection.clip_frames import open_frame
from xai_ad.inspection.clip_scoring import ClipScoring, ScoredClip, clip_scoring, scored_so_far
from xai_ad.inspection.explainers import PATIENCE, machine_known
from xai_ad.inspection.models import OpenModel, models_of_frames, open_model
from xai_ad.inspection.scorings import ScoreChoice
from xai_ad.presentation.words import TIMES
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.components.verdict import FileData, verdict
from xai_ad.ui.inspect import workbench
from xai_ad.ui.inspect.panels import method_titles
from xai_ad.ui.picking.scoring import follow_score, offer_scores
from xai_ad.ui.picking.settings import follow_settings
from xai_ad.ui.showing.card import card_of
from xai_ad.ui.video import timeline
from xai_ad.ui.video.choosing import Choice, choose
from xai_ad.ui.video.moments import moments_of
from xai_ad.ui.video.prompt import ask_for_clip
from xai_ad.ui.video.work import let_others_go, work_on

CARRIED = (state.OPTIONS, state.DIRECTION)
_OWN = (state.DATASET, state.MODEL, state.SCORE, state.CLIP, state.UPLOAD, state.FRAME, state.METHOD)
_LAST = "video_address"
"""Where the session keeps what this page showed last: the address goes with the page."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A clip under a model, and by which of its scores."""

    model: OpenModel
    stored: StoredModel
    scoring: ScoreChoice
    clip: ClipFile
    question: ClipScoring


def show_video() -> None:
    """Draw the page."""
    models = {stored.card.id: stored for stored in models_of_frames(on_broken=_tell)}
    if not models:
        state.show_notices()
        st.info("No model is stored yet. Train one on page Train.")
        return
    address.follow(carried=CARRIED)
    _come_back()
    timeline.follow_jump()
    choice = choose(models)
    notices = st.container(key="notices")
    try:
        _show(choice)
    except XaiAdError as error:
        state.show_error(choice.clip.said(str(error)) if choice.clip else str(error))
    with notices:
        state.show_notices()
    with st.container(key="link"):
        address.keep()
    st.session_state[_LAST] = address.shown(_OWN)


def _come_back() -> None:
    """Take over what this page showed last, where it is gone to by its tab."""
    last: Mapping[str, str] = st.session_state.get(_LAST, {})
    if last and not any(address.asked(key) for key in _OWN):
        address.write(**last)


def _show(choice: Choice) -> None:
    machine_known(PATIENCE)  # wrong settings are reported here, before anything depends on them
    scoring = follow_score(choice.stored)
    state.follow_method(method_titles(), Residual.id)  # what takes no time: people step through frames
    state.follow_direction()
    follow_settings(state.chosen_method())
    if choice.clip is None:
        ask_for_clip(choice.stored.card, missing=choice.missing)
        return
    model = open_model(choice.stored, scoring.id)
    question = clip_scoring(choice.stored, choice.clip, calibration=scoring.id)
    shown = Shown(model=model, stored=choice.stored, scoring=scoring, clip=choice.clip, question=question)
    let_others_go(question)
    work_on(question)
    scored = scored_so_far(question)
    if scored is None:
        timeline.await_first_scores(question)
        return
    _show_scored(shown, scored)


def _show_scored(shown: Shown, scored: ScoredClip) -> None:
    number = timeline.follow_frame(shown.clip, scored)
    over_time = st.container(key="timeline")  # it is drawn last, and stands first
    mattered = None
    try:
        case = open_frame(shown.model, shown.clip, scored, number)
    except ImageError as error:
        state.show_error(str(error))
    else:
        _show_frame(shown, scored, case)
        mattered = moments_of(case)
    with over_time:
        timeline.show_timeline(shown.question, shown.model, number, mattered)


def _show_frame(shown: Shown, scored: ScoredClip, case: Case) -> None:
    with st.container(horizontal=True, key="inspect"):
        with st.container(key="judgement"):
            card = card_of(case)
            card["file"] = _file(shown.clip, scored, case)
            verdict(card, key="verdict")
            offer_scores(shown.stored, shown.scoring)
        with st.container(key="explanations"):
            workbench.show_explanations(case)


def _file(clip: ClipFile, scored: ScoredClip, case: Case) -> FileData:
    height, width = scored.judged.size
    number = case.source.frame
    of = "" if scored.expected is None else f" of {max(scored.expected, int(scored.judged.numbers[-1])):,}"
    return FileData(name=clip.name, detail=f"Frame {number:,}{of}, {width} {TIMES} {height} pixels")


def _tell(error: StoreError) -> None:
    state.warn(str(error))
