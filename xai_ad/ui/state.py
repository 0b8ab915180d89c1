"""What a session remembers, beside its widgets: uploads, the chosen explanation, and what was stopped."""

import time
from collections.abc import Collection

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xai_ad.explain import Direction
from xai_ad.inspection.photos import Photo
from xai_ad.inspection.request import Request
from xai_ad.presentation.words import as_markdown

DATASET, MODEL, SAMPLE, METHOD = "dataset", "model", "sample", "method"
"""Keys that stand in the address too; all but `METHOD` belong to a widget. Only `SAMPLE` is bound to it."""
LONGEST_MESSAGE = 400
NOTICE_SECONDS = 10.0
DEFAULT_METHOD = "kernel_shap"
"""Points at the defect more reliably than the maps that are ready at once; the server computes the first one early."""


def owner() -> str:
    """Return this session's name among the owners of jobs: by it the server knows whether its browser is there."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def uploads() -> dict[str, Photo]:
    """Return this session's latest upload for each dataset."""
    found: dict[str, Photo] = st.session_state.setdefault("uploads", {})
    return found


def normals() -> dict[str, Photo]:
    """Return this session's photograph of a normal part for each dataset."""
    found: dict[str, Photo] = st.session_state.setdefault("normals", {})
    return found


def stopped() -> set[Request]:
    """Return the explanations that this session stopped."""
    found: set[Request] = st.session_state.setdefault("stopped", set())
    return found


def wanted() -> set[Request]:
    """Return the explanations that this session asked for beyond those that a page computes by itself."""
    found: set[Request] = st.session_state.setdefault("wanted", set())
    return found


def direction() -> Direction:
    """Return which verdict this session's counterfactuals flip."""
    return Direction(st.session_state.get("direction_chosen", Direction.REPAIR))


def choose_direction(chosen: Direction) -> None:
    """Let counterfactuals flip that verdict from now on."""
    st.session_state["direction_chosen"] = chosen


def warn(message: str) -> None:
    """Remember a message for `NOTICE_SECONDS`: the run that shows it first may be cut short by another."""
    told: dict[str, float] = st.session_state.setdefault("notices", {})
    told[message] = time.monotonic()


def show_notices() -> None:
    """Show what there is to say."""
    told: dict[str, float] = st.session_state.get("notices", {})
    for message, when in list(told.items()):
        if time.monotonic() - when > NOTICE_SECONDS:
            del told[message]
        else:
            show_error(message)


def show_error(message: str) -> None:
    """Show a message as it is: it may quote an address or a file, which must not be read as Markdown."""
    text = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]} ..."
    st.error(as_markdown(text), icon=":material/error:")


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
