"""What stands where there is no clip to show: which one is asked for."""

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.presentation.words import as_markdown
from xai_ad.store import ModelCard
from xai_ad.ui import state
from xai_ad.ui.video.uploads import PROMPT, ask_for_clips


def ask_for_clip(card: ModelCard, *, missing: str | None) -> None:
    """Ask for a clip; `missing` is the name of an upload that was asked for and is not here."""
    spec = dataset_spec(card.dataset, subject=card.subject)
    with st.container(border=True, key="prompt"):
        if missing is not None:
            state.show_error(
                f"The upload {missing} is no longer here: uploads stay in the session that made them. "
                "Upload it again, or choose another clip."
            )
        st.subheader("Upload a clip to inspect")
        st.markdown(
            f"The model judges every frame. It knows **{as_markdown(spec.title)}** and expects {spec.photograph}."
        )
        ask_for_clips(key=PROMPT)
