"""The work on a session's clip: it is under way until it is done, stopped, or another clip or model is looked at."""

import streamlit as st

from xai_ad.errors import BusyError
from xai_ad.inspection.clip_scoring import ClipScoring, ScoringStatus, ask_scoring, scored_so_far
from xai_ad.inspection.clip_video import ClipVideo, DrawingStatus, ask_video, drawn_clip
from xai_ad.inspection.engines.base import JobState
from xai_ad.ui import state
from xai_ad.ui.engine import ENGINE, OF_CLIPS

_STOPPED, _DRAWN = "stopped_clips", "drawn_clips"


def owner() -> str:
    """Return this session's name among the owners of work on clips, which outlives a change of page."""
    return state.owner() + OF_CLIPS


def work_on(question: ClipScoring) -> ScoringStatus:
    """Return how far the scoring is, and get it under way, unless this session stopped it."""
    if question in _stopped():
        found = ENGINE.status(question)
        is_stopping = found is not None and found.stopping
        return ScoringStatus(state=JobState.STOPPED, result=scored_so_far(question), stopping=is_stopping)
    try:
        return ask_scoring(question, engine=ENGINE, owner=owner())
    except BusyError as error:
        return ScoringStatus(state=JobState.FAILED, error=str(error))


def let_others_go(question: ClipScoring) -> None:
    """Stop the work on whatever else this session looked at; what was scored of it stays at hand."""
    videos = {each for each in _drawn() if each.scoring == question}
    ENGINE.release(owner(), keep={question, *videos})


def stop(question: ClipScoring) -> None:
    """Score no further."""
    _stopped().add(question)
    ENGINE.stop(question, owner=owner())


def again(question: ClipScoring) -> None:
    """Score the clip after all, from its beginning; what is at hand stays until there is more."""
    _stopped().discard(question)
    ENGINE.forget(question)


def is_at_work(scoring: ScoringStatus) -> bool:
    """Return whether there is something to look at again."""
    return scoring.active or scoring.stopping


def _stopped() -> set[ClipScoring]:
    found: set[ClipScoring] = st.session_state.setdefault(_STOPPED, set())
    return found


def draw(question: ClipVideo) -> DrawingStatus:
    """Return how far a video is that this session asked for; at hand, or idle, where it did not."""
    found = drawn_clip(question)
    if found is not None:
        return DrawingStatus(state=JobState.DONE, fraction=1.0, result=found)
    if question not in _drawn():
        return DrawingStatus(state=JobState.IDLE)
    try:
        return ask_video(question, engine=ENGINE, owner=owner())
    except BusyError as error:
        return DrawingStatus(state=JobState.FAILED, error=str(error))


def is_drawing(question: ClipScoring) -> bool:
    """Return whether a video of a clip is under way for this session."""
    return any(draw(each).active for each in _drawn() if each.scoring == question)


def ask_to_draw(question: ClipVideo) -> None:
    """Make a video from the next look on, whatever became of it before."""
    ENGINE.forget(question)
    _drawn().add(question)


def draw_no_more(question: ClipVideo) -> None:
    """Make a video no further."""
    _drawn().discard(question)
    ENGINE.stop(question, owner=owner())


def _drawn() -> set[ClipVideo]:
    found: set[ClipVideo] = st.session_state.setdefault(_DRAWN, set())
    return found
