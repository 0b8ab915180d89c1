"""What a session remembers, beside its widgets: uploads, the chosen explanation, and what was stopped."""

import uuid
from collections.abc import Collection

import streamlit as st

from xai_ad.ui.photos import Photo
from xai_ad.ui.results import ResultKey

DATASET, MODEL, SAMPLE, METHOD = "dataset", "model", "sample", "method"
"""Keys that stand in the address too; all but `METHOD` belong to a widget."""
DEFAULT_METHOD = "kernel_shap"
"""Points at the defect more reliably than the maps that are ready at once; the server computes the first one early."""


def owner() -> str:
    """Return this session's name among the owners of jobs."""
    return str(st.session_state.setdefault("owner", uuid.uuid4().hex))


def uploads() -> dict[str, Photo]:
    """Return this session's latest upload for each dataset."""
    found: dict[str, Photo] = st.session_state.setdefault("uploads", {})
    return found


def normals() -> dict[str, Photo]:
    """Return this session's photograph of a normal part for each dataset."""
    found: dict[str, Photo] = st.session_state.setdefault("normals", {})
    return found


def stopped() -> set[ResultKey]:
    """Return the explanations that this session stopped."""
    found: set[ResultKey] = st.session_state.setdefault("stopped", set())
    return found


def warn(message: str) -> None:
    """Remember a message until the next full run has shown it."""
    st.session_state["notices"] = [*st.session_state.get("notices", []), message]


def show_notices() -> None:
    """Show what there is to say, once."""
    for message in st.session_state.pop("notices", []):
        st.error(message, icon=":material/error:")


def follow_method(valid: Collection[str]) -> None:
    """Take the chosen explanation from the address, where it names one; an unknown one is told."""
    asked = st.query_params.get(METHOD)
    if asked is None:
        return
    if asked in valid:
        st.session_state[METHOD] = asked
    else:
        del st.query_params[METHOD]
        warn(f"There is no explanation {asked!r}. Choose one of: {', '.join(valid)}.")


def chosen_method() -> str:
    """Return which explanation is shown large."""
    return str(st.session_state.get(METHOD, DEFAULT_METHOD))


def choose_method(method: str) -> None:
    """Show an explanation large, and say so in the address."""
    st.session_state[METHOD] = method
    st.query_params[METHOD] = method
