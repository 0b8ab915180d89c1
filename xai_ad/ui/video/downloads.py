"""What can be taken away of a whole clip."""

import streamlit as st

from xai_ad.inspection.clip_scoring import ClipScoring, ScoredClip
from xai_ad.inspection.clips import frames_csv
from xai_ad.inspection.files import stem_of
from xai_ad.inspection.models import OpenModel
from xai_ad.ui.showing.files import CSV, offer_file


def offer_clip_downloads(question: ClipScoring, scored: ScoredClip, model: OpenModel) -> None:
    """Offer the clip's files; they are made when they are asked for."""
    stem = f"{stem_of(question.clip.name, 'clip')}.{model.card.id}"
    with st.popover("Download the clip", icon=":material/download:"):
        calibration = model.record.calibration
        offer_file("Frames", "CSV", lambda: frames_csv(scored.judged, calibration), f"{stem}.frames.csv", CSV)
