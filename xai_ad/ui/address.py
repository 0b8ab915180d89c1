"""The address of a page: everything that it shows is asked for there, and stands there, defaults included.

A run begins with `follow`; what a page shows it takes from `asked`, so that the browser's Back and Forward bring back
what was seen. What a person chooses is written at once (`choose`, `write`; `None` takes a key out); what a run shows because
nothing else was asked for is noted (`note`), and the browser writes it into the address without a step in its history
(`keep`). The session, not the browser, holds what was chosen last: a run may come with an address that is older.
"""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xai_ad.ui.components.address import address

_KEY = "address_held"
_REMEMBERED = 64


@dataclass
class _Address:
    """What a session holds: the address, those that it had, and what the page's run noted, and the run before it.

    All of it is of one page, whose name `page` is: the one that was run last.
    """

    held: dict[str, str]
    page: str = ""
    noted: dict[str, str] = field(default_factory=dict)
    noted_before: dict[str, str] = field(default_factory=dict)
    past: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def hold(self, query: dict[str, str]) -> None:
        """Take over an address."""
        self.held = query
        self.past.append(query)

    def turn_to(self, page: str, received: dict[str, str], carried: Collection[str]) -> None:
        """Begin with another page; without an address of its own it takes along what is under some keys."""
        shown = {**self.held, **self.noted}
        self.page = page
        self.past.clear()
        self.noted, self.noted_before = {}, {}
        self.past.append(received)  # runs come with it until the browser has the whole address
        self.hold(received or {key: shown[key] for key in carried if key in shown})

    def note(self, key: str, value: str | None) -> None:
        """Remember what the page shows for a key."""
        if value is None:
            self.noted.pop(key, None)
            self.noted_before.pop(key, None)
        else:
            self.noted[key] = value


def follow(carried: Collection[str] = ()) -> None:
    """Begin a run: take over the browser's address where a person went to it, and forget what was noted.

    A person goes to an address by opening it, by Back and Forward, or by a link from another page. Any other run comes
    from the page itself; if its address is one that this session has left, a newer one is still on its way to the
    browser. A page that is gone to by its tab has no address: it takes over what was shown under the `carried` keys.
    """
    received = st.query_params.to_dict()
    of_session = _of_session()
    context = get_script_run_ctx()
    page = context.page_script_hash if context else ""
    if page != of_session.page:
        of_session.turn_to(page, received, carried)
    elif _has_gone() or received not in of_session.past:
        of_session.hold(received)
        of_session.noted = {}  # of another address
    of_session.noted, of_session.noted_before = {}, of_session.noted


def asked(key: str) -> str | None:
    """Return what the address asks for under a key, or None."""
    return _of_session().held.get(key)


def shown(keys: Collection[str]) -> dict[str, str]:
    """Return what the page shows, under those of some keys that it shows anything for."""
    of_session = _of_session()
    every = {**of_session.noted_before, **of_session.held, **of_session.noted}
    return {key: every[key] for key in keys if key in every}


def write(**values: str | None) -> None:
    """Write what was chosen into the address, as one step of the browser's history; None takes a key out."""
    writer()(**values)


def choose(**values: str | None) -> None:
    """Write what a person chose in a widget.

    Nothing is chosen where Back or Forward led: a widget that has not heard of the last run yet reports a value of before
    it, which looks like a choice.
    """
    if not _has_gone():
        write(**values)


def writer() -> Callable[..., None]:
    """Return `write` for what must not be lost, once it has begun, where a quicker run cuts this one short.

    The session holds the address before anything else is done; `keep` sees to a browser that did not hear of it.
    """
    of_session = _of_session()

    def write_whole(**values: str | None) -> None:
        wanted = {**of_session.noted_before, **of_session.held, **of_session.noted, **values}
        new = {key: value for key, value in wanted.items() if value is not None}
        is_other = new != of_session.held
        if is_other:
            of_session.hold(new)
        for key, value in values.items():
            of_session.note(key, value)
        if is_other:
            st.query_params.from_dict(new)

    return write_whole


def note(key: str, value: str | None) -> None:
    """Remember that the page shows this for a key; None, that it shows nothing."""
    _of_session().note(key, value)


def keep() -> None:
    """Draw the button "Copy link", which keeps the browser's address complete."""
    of_session = _of_session()
    read = of_session.held
    complete = {**read, **of_session.noted}
    if complete not in of_session.past:
        of_session.past.append(complete)  # the browser's, once it has what was noted
    address(complete, has_wrong=any(complete[key] != value for key, value in read.items()), key="address")


def _has_gone() -> bool:
    """Return whether Back or Forward led to this run."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _of_session() -> _Address:
    """Return the session's, a new one with the browser's address."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _Address(held={})
    found: _Address = st.session_state[_KEY]
    return found
