"""A clip's scores over time, how far they are, and which frame is shown."""

import json

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from xai_ad.inspection.clip_files import ClipFile
from xai_ad.inspection.clip_scoring import ClipScoring, ScoredClip, ScoringStatus, scored_so_far
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.models import OpenModel
from xai_ad.presentation.clips import (
    AbnormalStretch,
    abnormal_stretches,
    all_above,
    extremes,
    progress_words,
    runs_of,
    summary,
)
from xai_ad.presentation.words import as_markdown
from xai_ad.ui import address, state
from xai_ad.ui.components.curve import (
    CurveData,
    DrawnData,
    MomentsData,
    SeriesData,
    curve,
    follow_jumps,
    up_to,
)
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.video import work
from xai_ad.ui.video.downloads import offer_clip_downloads

_CURVE = "curve"
_POLL = 1.0
_DIGITS = 5
ABOUT = (
    "Score in multiples of the limit; above it, shaded. Click to go to a frame, or step with the arrow keys."
)
ABOUT_REGULARITY = (
    "The thesis's regularity (Eq. 4.1): each clip's own lowest error becomes 1 and its highest 0, smoothed. So some frame "
    "of every clip looks irregular: it compares frames of one clip, and is no verdict."
)


def follow_jump() -> bool:
    """Go to the frame that was clicked or stepped to last; return whether that is news."""
    write = address.writer()
    return follow_jumps(_CURVE, lambda frame: write(**{state.FRAME: str(frame)}))


def follow_frame(clip: ClipFile, scored: ScoredClip) -> int:
    """Return the frame that the address asks for, else the highest one; what cannot be shown is reported."""
    judged, text = scored.judged, address.asked(state.FRAME)
    asked = int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None
    if asked is not None and scored.place_of(asked) is not None:
        state.retract(state.FRAME)
        address.note(state.FRAME, str(asked))
        return asked
    shown = int(judged.numbers[judged.worst])
    if text is not None:
        state.warn(
            _no_frame(clip, scored, text, asked, shown),
            about=state.FRAME,
            kind="error" if scored.is_whole else "info",
        )
    may_come = asked is not None and not scored.is_whole and asked > int(judged.numbers[-1])
    address.note(state.FRAME, text if may_come and text else str(shown))
    return shown


def await_first_scores(question: ClipScoring) -> None:
    """Say how far the work is while there is nothing to show yet."""
    st.fragment(_await, run_every=0.5 if work.is_at_work(work.work_on(question)) else None)(question)


def show_timeline(
    question: ClipScoring, model: OpenModel, number: int, moments: MomentsData | None = None
) -> None:
    """Draw the curve and how far the scoring is; while it goes on, look again once a second."""
    active = work.is_at_work(work.work_on(question)) or work.is_drawing(question)
    st.fragment(_draw, run_every=_POLL if active else None)(question, model, number, moments, active)


def _await(question: ClipScoring) -> None:
    scoring = work.work_on(question)
    if scored_so_far(question) is not None:
        st.rerun()
    with st.container(border=True, key="awaited"):
        if scoring.state is JobState.FAILED:
            state.show_error(scoring.error or "")
            st.button(
                "Try again", icon=":material/replay:", key="again", on_click=work.again, args=(question,)
            )
        elif scoring.state is JobState.STOPPED:
            st.markdown(f"{as_markdown(question.clip.name)} was stopped before a frame was scored.")
            st.button(
                "Score it", icon=":material/replay:", key="again", on_click=work.again, args=(question,)
            )
        else:
            waits = scoring.state is JobState.WAITING
            doing = "Waiting for other clips" if waits else "Reading the first frames"
            st.markdown(f":material/progress_activity: {doing}: {as_markdown(question.clip.name)}")
            st.button(
                "Stop", icon=":material/stop_circle:", key="stop_clip", on_click=work.stop, args=(question,)
            )


def _draw(
    question: ClipScoring, model: OpenModel, number: int, moments: MomentsData | None, was_active: bool
) -> None:
    if follow_jump():
        st.rerun()
    scoring, scored = work.work_on(question), scored_so_far(question)
    if scored is None:  # too many others were scored since
        st.rerun()
    stretches = _stretches(scored, model)
    data = _curve_data(question, scored, model, number, stretches)
    data["moments"] = moments
    curve(data, key=_CURVE)
    _say(question, scoring, scored, model, stretches)
    active = work.is_at_work(scoring) or work.is_drawing(question)
    if was_active != active or _came(scored, number):
        st.rerun()


def _came(scored: ScoredClip, number: int) -> bool:
    """Return whether the frame that the address asks for has been scored since another was shown in its place."""
    text = address.asked(state.FRAME)
    return (
        text is not None and text != str(number) and text.isdigit() and scored.place_of(int(text)) is not None
    )


def _say(
    question: ClipScoring,
    scoring: ScoringStatus,
    scored: ScoredClip,
    model: OpenModel,
    stretches: list[AbnormalStretch],
) -> None:
    judged = scored.judged
    with st.container(horizontal=True, vertical_alignment="center", key="clip_status"):
        if work.is_at_work(scoring):
            _say_progress(question, scoring, scored)
        else:
            times = float(judged.scores[judged.worst]) / model.record.calibration.threshold
            highest = int(judged.numbers[judged.worst])
            st.markdown(
                summary(stretches, len(judged.numbers), highest=highest, times=times), width="content"
            )
            if not scored.is_whole:
                st.button(
                    "Score all of it",
                    icon=":material/replay:",
                    key="again",
                    on_click=work.again,
                    args=(question,),
                )
        st.space("stretch")
        offer_clip_downloads(question, scored, model)
    if scoring.state is JobState.FAILED:
        state.show_error(scoring.error or "")
    if judged.broken and not work.is_at_work(scoring):
        st.warning(as_markdown(question.clip.said(judged.broken)), icon=":material/warning:")
    stands_out = all_above(stretches, len(judged.numbers)) if scored.is_whole else None
    for note in [*scored.notes, *([stands_out] if stands_out else [])]:
        st.caption(f":material/info: {as_markdown(question.clip.said(note))}")


def _say_progress(question: ClipScoring, scoring: ScoringStatus, scored: ScoredClip) -> None:
    if scoring.stopping:
        st.markdown(":material/progress_activity: Stopping", width="content")
        return
    words = progress_words(len(scored.judged.numbers), scored.expected, scored.seconds_left())
    if scoring.state is JobState.WAITING:
        words = f"Waiting for other clips; {words}"
    st.markdown(f":material/progress_activity: {words}", width="content")
    st.button("Stop", icon=":material/stop_circle:", key="stop_clip", on_click=work.stop, args=(question,))


def _no_frame(clip: ClipFile, scored: ScoredClip, text: str, asked: int | None, shown: int) -> str:
    numbers = scored.judged.numbers
    if asked is not None and not scored.is_whole and asked > int(numbers[-1]):
        if scored.is_stopped:
            return f"{clip.name} was stopped before frame {asked}. Shown is frame {shown}."
        return f"Frame {asked} is shown once {clip.name} is scored that far. Until then: frame {shown}."
    quoted = text if len(text) <= 20 else f"{text[:20]}..."
    span = f"from {int(numbers[0])} to {int(numbers[-1])}"
    return f"{clip.name} has no frame {quoted!r}; its frames' numbers are {span}. Shown is frame {shown}, the highest."


def _stretches(scored: ScoredClip, model: OpenModel) -> list[AbnormalStretch]:
    judged = scored.judged
    return abnormal_stretches(judged.numbers, judged.scores, model.record.calibration.threshold)


def _curve_data(
    question: ClipScoring, scored: ScoredClip, model: OpenModel, number: int, stretches: list[AbnormalStretch]
) -> CurveData:
    judged, limit = scored.judged, model.record.calibration.threshold
    place = scored.place_of(number)
    url = LAYERS.put_once(
        ("curve", question, len(judged.numbers), scored.is_whole),
        lambda: Layer(content=_drawn(scored, limit, stretches), media_type="application/json"),
    )
    mount, presses = up_to(_CURVE)
    first = int(judged.numbers[0])
    expected = first + scored.expected - 1 if scored.expected and not scored.is_whole else 0
    return CurveData(
        clip=f"{question.sha256} {question.model}",
        clip_name=question.clip.name,
        url=url,
        frame=number,
        value=0.0 if place is None else float(judged.scores[place]) / limit,
        last=max(int(judged.numbers[-1]), expected),
        about=ABOUT,
        about_regularity=ABOUT_REGULARITY,
        moments=None,
        mount=mount,
        presses=presses,
    )


def _drawn(scored: ScoredClip, limit: float, stretches: list[AbnormalStretch]) -> bytes:
    judged = scored.judged
    times = judged.scores / limit
    data = DrawnData(
        count=len(judged.numbers),
        highest=float(times.max()),
        scores=_series(judged.numbers, times),
        regularity=_series(judged.numbers, judged.regularity),
        runs=runs_of(judged.numbers),
        stretches=[[each.first, each.last, each.highest] for each in stretches],
    )
    return json.dumps(data, separators=(",", ":")).encode()


def _series(numbers: NDArray[np.int64], values: NDArray[np.float64]) -> SeriesData:
    kept = extremes(values)
    return SeriesData(
        numbers=numbers[kept].tolist(),
        values=[float(f"{value:.{_DIGITS}g}") for value in values[kept].tolist()],
    )
