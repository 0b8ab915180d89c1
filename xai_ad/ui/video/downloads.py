"""What can be taken away of a whole clip: its frames as a table, and an annotated video that is made on demand."""

import streamlit as st

from xai_ad.inspection.clip_scoring import ClipScoring, ScoredClip
from xai_ad.inspection.clip_video import ClipVideo, DrawnClip, clip_video
from xai_ad.inspection.clips import frames_csv
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.files import stem_of
from xai_ad.inspection.models import OpenModel
from xai_ad.presentation.words import percent
from xai_ad.ui import state
from xai_ad.ui.giving import Given, give
from xai_ad.ui.showing.files import CSV, offer_file
from xai_ad.ui.video import work

_MP4 = "video/mp4"


def offer_clip_downloads(question: ClipScoring, scored: ScoredClip, model: OpenModel) -> None:
    """Offer the clip's files; they are made when they are asked for."""
    stem = f"{stem_of(question.clip.name, 'clip')}.{model.card.id}"
    calibration = model.record.calibration
    with st.popover("Download the clip", icon=":material/download:"):
        offer_file("Frames", "CSV", lambda: frames_csv(scored.judged, calibration), f"{stem}.frames.csv", CSV)
        _offer_video(clip_video(question, scored), f"{stem}.mp4")


def _offer_video(question: ClipVideo, name: str) -> None:
    drawing = work.draw(question)
    if drawing.result is not None:
        _give(drawing.result, name)
    elif drawing.active:
        st.markdown(f":material/progress_activity: Drawing the video, {percent(drawing.fraction)}")
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key="stop_video",
            on_click=work.draw_no_more,
            args=(question,),
        )
    else:
        if drawing.state is JobState.FAILED:
            state.show_error(drawing.error or "")
        st.button(
            f"Make the video (MP4) of {question.count:,} frames",
            icon=":material/movie:",
            key="make_video",
            on_click=work.ask_to_draw,
            args=(question,),
            width="stretch",
        )
        st.caption("Every frame with its verdict, the residual where it is abnormal, and the curve.")


def _give(drawn: DrawnClip, name: str) -> None:
    url = give(Given(path=drawn.path, name=name, media_type=_MP4, kept_by=drawn))
    st.link_button("Video (MP4)", url, icon=":material/download:", width="stretch")
