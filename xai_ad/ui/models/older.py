"""A model's limits, the one in force and those that can be restored."""

import streamlit as st

from xai_ad.errors import XaiAdError
from xai_ad.inspection.limits import Limit, limits_of, restore_limit
from xai_ad.inspection.model_sheets import KnownModel
from xai_ad.presentation.limits import limit_line
from xai_ad.presentation.words import as_markdown
from xai_ad.store import StoredModel, load_calibrations
from xai_ad.ui import state


def show_limits(known: KnownModel) -> None:
    """Draw every limit that the model has, and the buttons that restore one; nothing where it has a single one."""
    limits = limits_of(known.stored)
    if len(limits) < 2:
        return
    records = {record.id: record for record in load_calibrations(known.stored)}
    with st.container(key="limits"):
        st.subheader("Its limits", anchor=False)
        st.caption("Each with what it does among the pictures that it was placed by: no measurement.")
        for place, limit in enumerate(limits):
            line = limit_line(records[limit.id], known.record, known.stored.card.subject)
            with st.container(horizontal=True, vertical_alignment="center", key=f"limit_{place}"):
                said = f"  \n*{as_markdown(line.said)}*" if line.said else ""
                st.markdown(
                    f"**{as_markdown(line.title)}**  \n{as_markdown(line.figures)}{said}", width="stretch"
                )
                if limit.is_active:
                    st.badge("in force", icon=":material/check:", color="blue")
                else:
                    st.button(
                        "Restore",
                        icon=":material/history:",
                        key=f"restore_{limit.id}",
                        on_click=_restore,
                        args=(known.stored, limit),
                    )


def _restore(stored: StoredModel, limit: Limit) -> None:
    try:
        restore_limit(stored, limit.id)
    except XaiAdError as error:
        state.warn(str(error), about="limit")
    else:
        state.warn(
            f"{stored.card.id} is judged by another of its limits from now on.", about="limit", kind="info"
        )
