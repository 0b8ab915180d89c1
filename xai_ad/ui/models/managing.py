"""What can be done with a stored model: another name, and its end, which asks first."""

import streamlit as st

from xai_ad.errors import XaiAdError
from xai_ad.presentation.words import as_markdown
from xai_ad.store import StoredModel, delete_model, rename_model
from xai_ad.ui import address, state

_NEW_NAME, _SURE = "new_model_name", "sure_to_delete"
_ABOUT = "managing"


def offer_management(stored: StoredModel) -> None:
    """Draw what can be done with a model; one that came with the package keeps its name, and stays."""
    with st.popover("Manage", icon=":material/settings:", key="manage_model"):
        if stored.is_shipped:
            st.caption(
                "It came with xai_ad: its name and its files stay as they are. A limit of yours is kept apart."
            )
            return
        _offer_name(stored)
        _offer_end(stored)


def _offer_name(stored: StoredModel) -> None:
    with st.form("rename_form", border=False, enter_to_submit=False):
        st.text_input("New name", stored.card.id, key=f"{_NEW_NAME}_{stored.card.id}")
        st.form_submit_button(
            "Rename", icon=":material/edit:", on_click=_rename, args=(stored,), width="stretch"
        )


def _offer_end(stored: StoredModel) -> None:
    sure = st.checkbox(
        f"Delete {as_markdown(stored.card.id)} for good, with its limits", key=f"{_SURE}_{stored.card.id}"
    )
    st.button(
        "Delete",
        icon=":material/delete:",
        key="delete_model",
        disabled=not sure,
        on_click=_delete,
        args=(stored,),
        width="stretch",
    )


def _rename(stored: StoredModel) -> None:
    wanted = str(st.session_state[f"{_NEW_NAME}_{stored.card.id}"]).strip()
    try:
        renamed = rename_model(stored, wanted)
    except XaiAdError as error:
        state.warn(str(error), about=_ABOUT)
        return
    address.write(**{state.MODEL: renamed.card.id})
    state.warn(f"{stored.card.id} is called {renamed.card.id} from now on.", about=_ABOUT, kind="info")


def _delete(stored: StoredModel) -> None:
    try:
        delete_model(stored)
    except XaiAdError as error:
        state.warn(str(error), about=_ABOUT)
        return
    address.write(**{state.MODEL: None, state.DATASET: None, state.COMPARED: None})
    state.warn(f"{stored.card.id} is deleted.", about=_ABOUT, kind="info")
