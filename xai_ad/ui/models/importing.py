"""A model from a ZIP archive, checked before anything of it is kept."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_ad.errors import XaiAdError
from xai_ad.store import import_zip
from xai_ad.ui import address, state
from xai_ad.ui.picking.uploaders import empty, widget_of

_FILE, _NAME = "model_archive", "model_archive_name"
_POPOVER = "import_model"
_ABOUT = "importing"
LARGEST = 1024
"""Megabytes."""


def offer_import() -> None:
    """Draw what takes a model from an archive."""
    with (
        st.popover("Import", icon=":material/upload:", key=_POPOVER, on_change="rerun"),
        st.form("import_form", border=False, enter_to_submit=False),
    ):
        st.file_uploader(
            "A model that was exported as ZIP", "zip", key=widget_of(_FILE), max_upload_size=LARGEST
        )
        st.text_input("Name, where it is to have another one", key=_NAME)
        st.form_submit_button("Import it", icon=":material/upload:", on_click=_import, width="stretch")
        st.caption("It is checked first: known files alone, their hashes, and no code.")


def _import() -> None:
    file = st.session_state.get(widget_of(_FILE))
    if not isinstance(file, UploadedFile):
        state.warn("Choose a ZIP of a model first.", about=_ABOUT)
        return
    name = str(st.session_state.get(_NAME) or "").strip() or None
    try:
        stored = import_zip(file, name=name)
    except XaiAdError as error:
        state.warn(
            str(error).replace("Import it with --name.", "Import it under another name."), about=_ABOUT
        )
        return
    finally:
        empty(_FILE, [file])
        st.session_state[_POPOVER] = False  # neither the result nor what is wrong shall be hidden by it
    address.write(**{state.MODEL: stored.card.id, state.DATASET: stored.card.dataset, state.COMPARED: None})
    state.warn(f"{stored.card.id} is imported, and stands in every picker.", about=_ABOUT, kind="info")
