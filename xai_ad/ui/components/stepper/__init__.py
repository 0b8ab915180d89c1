"""Previous and Next, as buttons and as arrow keys: the browser counts, and the page moves by the sum."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict

import streamlit as st

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("stepper/stepper.js",)


class StepperData(TypedDict):
    """The names that are stepped through, and the place of the shown one, or -1.

    `mount`, `presses` and `total` say up to which press of which browser page, and up to which sum, the place holds.
    """

    names: list[str]
    place: int
    mount: str
    presses: int
    total: int


_stepper = register("stepper", SCRIPTS)


@dataclass
class Moved:
    """Up to which press of which browser page a session has moved, and the sum of the steps until then."""

    mount: str = ""
    presses: int = 0
    total: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def follow(self, told: object, move: Callable[[int], None]) -> None:
        """Move by the steps that a browser's page tells and that were not yet moved by; ignore any other message.

        >>> moved, steps = Moved("a", presses=3, total=3), []
        >>> moved.follow({"mount": "a", "presses": 10, "total": 8}, steps.append)
        >>> moved.follow({"mount": "a", "presses": 4, "total": 4}, steps.append)  # it was overtaken
        >>> moved.follow({"mount": "reloaded", "presses": 1, "total": -1}, steps.append)
        >>> steps
        [5, -1]
        """
        if not isinstance(told, dict):
            return
        mount, presses, total = told.get("mount"), told.get("presses"), told.get("total")
        if not isinstance(mount, str) or not isinstance(presses, int) or not isinstance(total, int):
            return
        with self._lock:
            if mount != self.mount:
                self.mount, self.presses, self.total = mount, 0, 0
            if presses <= self.presses:
                return
            by = total - self.total
            self.presses, self.total = presses, total
            move(by)


def follow_steps(key: str, move: Callable[[int], None]) -> None:
    """Let a run move by the steps that were pressed since the last move, before it draws what is stepped through.

    Presses quicker than runs cut runs short, callbacks included, wherever they look into the session next. So `move`
    has to write where the page stands before it does anything else: the steps then count as moved, once and for good.
    """
    state = st.session_state.get(key)
    _moved(key).follow(state and state.get("steps"), move)


def stepper(names: list[str], place: int, *, key: str) -> None:
    """Mount the buttons, which own the page's Left and Right keys outside of fields, menus and the viewer.

    The name that is stepped to shows at once; a run moves by `follow_steps`.
    """
    moved = _moved(key)
    data = StepperData(names=names, place=place, mount=moved.mount, presses=moved.presses, total=moved.total)
    require_plain(data)
    _stepper(key=key, data=data, width="content", on_steps_change=lambda: None)  # else it has no state


def _moved(key: str) -> Moved:
    moved: Moved = st.session_state.setdefault(f"{key}_moved", Moved())
    return moved
