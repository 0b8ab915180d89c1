"""What every uploader of a page does, whatever it takes: it is followed, emptied, and its files are let go.

Each look into the session may be where a run is cut short. `empty` comes last, so that the next run finds what this one
did not take; what takes files has to change nothing where it takes them twice.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def widget_of(key: str) -> str:
    """Return the key of an uploader's widget: a new one each time, so that what was read leaves its list."""
    round_of = st.session_state.get(f"{key}_round", 0)
    return f"{key}_{round_of}" if round_of else key


def brought(key: str) -> list[UploadedFile]:
    """Return the files that were uploaded and not taken; one that was released comes back deleted, and is left out."""
    return [file for file in st.session_state.get(widget_of(key)) or [] if isinstance(file, UploadedFile)]


def empty(key: str, files: Sequence[UploadedFile]) -> None:
    """Clear an uploader whose files were taken."""
    st.session_state[f"{key}_round"] = st.session_state.get(f"{key}_round", 0) + 1
    release(files)


def release(files: Sequence[UploadedFile]) -> None:
    """Let the server forget files that were read: the session keeps what it shows of them, within bounds."""
    context = get_script_run_ctx()
    manager = context and context.uploaded_file_mgr
    if context is None or not isinstance(manager, MemoryUploadedFileManager):
        return
    for file in files:
        manager.remove_file(context.session_id, file.file_id)
