"""The address of a page: everything that it shows is asked for there, and stands there, defaults included.

A run begins with `follow`; what a page shows it takes from `asked`, so that the browser's Back and Forward bring back
what was seen. What a person chooses is written at once (`write`, `None` takes a key out); what a run shows because
nothing else was asked for is noted (`note`), and the browser writes it into the address without a step in its history
(`keep`). The session, not the browser, holds what was chosen last: a run may come with an address that is older.
"""

from collections import deque

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xai_ad.ui.components.address import address

_HELD, _PAST, _NOTED = "address_held", "address_past", "address_noted"
_REMEMBERED = 64


def follow() -> None:
    """Begin a run: take over the browser's address where a person went to it, and forget what was noted.

    A person goes to an address by opening it, or by Back and Forward. Any other run comes from the page itself; if its
    address is one that this session has left, a newer one is still on its way to the browser.
    """
    received = st.query_params.to_dict()
    context = get_script_run_ctx()
    went = context is not None and context.is_history_navigation
    if _HELD not in st.session_state or went or received not in _past():
        _hold(received)
    st.session_state[_NOTED] = {}


def asked(key: str) -> str | None:
    """Return what the address asks for under a key, or None."""
    return _held().get(key)


def write(**values: str | None) -> None:
    """Write what was chosen into the address, as one step of the browser's history; None takes a key out."""
    wanted = {**_held(), **shown(), **values}
    new = {key: value for key, value in wanted.items() if value is not None}
    if new != _held():
        _hold(new)
        st.query_params.from_dict(new)
    for key, value in values.items():
        note(key, value)


def note(key: str, value: str | None) -> None:
    """Remember that the page shows this for a key; None, that it shows nothing."""
    noted: dict[str, str] = st.session_state.setdefault(_NOTED, {})
    if value is None:
        noted.pop(key, None)
    else:
        noted[key] = value


def shown() -> dict[str, str]:
    """Return all that was noted in this run."""
    return dict(st.session_state.get(_NOTED, {}))


def keep() -> None:
    """Draw the button "Copy link", which keeps the browser's address complete."""
    complete = {**_held(), **shown()}
    if complete not in _past():
        _past().append(complete)  # the browser's, once it has what was noted
    address(shown(), read=_held(), key="address")


def _held() -> dict[str, str]:
    held: dict[str, str] = st.session_state.get(_HELD, {})
    return held


def _hold(query: dict[str, str]) -> None:
    st.session_state[_HELD] = query
    _past().append(query)


def _past() -> deque[dict[str, str]]:
    past: deque[dict[str, str]] = st.session_state.setdefault(_PAST, deque(maxlen=_REMEMBERED))
    return past
