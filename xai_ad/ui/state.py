"""What a session remembers, beside its widgets: uploads, the chosen explanation, and what was stopped."""

import time
from collections.abc import Collection

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xai_ad.explain import Direction
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.request import Request
from xai_ad.presentation.words import as_markdown

DATASET, MODEL, SAMPLE, METHOD, DIRECTION = "dataset", "model", "sample", "method", "direction"
"""Keys of the address, which says what is asked: the first three belong to widgets, and only `SAMPLE` is bound to its own."""
LONGEST_MESSAGE = 400
NOTICE_SECONDS = 10.0
DEFAULT_METHOD = "kernel_shap"
"""Points at the defect more reliably than the maps that are ready at once; the server computes the first one early."""


def owner() -> str:
    """Return this session's name among the owners of jobs: by it the server knows whether its browser is there."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def uploads() -> dict[str, ImageFile]:
    """Return this session's latest upload for each dataset."""
    found: dict[str, ImageFile] = st.session_state.setdefault("uploads", {})
    return found


def normals() -> dict[str, ImageFile]:
    """Return this session's image of a normal part for each dataset."""
    found: dict[str, ImageFile] = st.session_state.setdefault("normals", {})
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
    """Return which verdict this session's counterfactuals flip: the address says so where it is not the usual one."""
    return Direction(st.query_params.get(DIRECTION, Direction.REPAIR))


def choose_direction(chosen: Direction) -> None:
    """Let counterfactuals flip that verdict from now on."""
    if chosen is Direction.REPAIR:
        del st.query_params[DIRECTION]
    else:
        st.query_params[DIRECTION] = str(chosen)


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
    """Take the chosen explanation from the address, where it names one; an unknown one is reported."""
    asked = _asked_of(METHOD, "explanation", valid)
    if asked is not None:
        st.session_state[METHOD] = asked


def follow_direction() -> None:
    """Report a direction in the address that does not exist."""
    _asked_of(DIRECTION, "direction", [str(one) for one in Direction])


def _asked_of(key: str, noun: str, valid: Collection[str]) -> str | None:
    """Return what the address names, or None; an unknown name is reported and taken out of it."""
    asked = st.query_params.get(key)
    if asked is None or asked in valid:
        return asked
    del st.query_params[key]
    warn(f"There is no {noun} {asked!r}. Choose one of: {', '.join(valid)}.")
    return None


def chosen_method() -> str:
    """Return which explanation is shown large."""
    return str(st.session_state.get(METHOD, DEFAULT_METHOD))


def choose_method(method: str) -> None:
    """Show an explanation large, and say so in the address."""
    st.session_state[METHOD] = method
    st.query_params[METHOD] = method
