"""Previous and Next, as buttons and as arrow keys: the browser counts, and the page moves by the sum."""

from collections.abc import Callable
from typing import TypedDict

import streamlit as st

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("stepper/stepper.js",)


class StepperData(TypedDict):
    """The names that are stepped through, and the place of the shown one, or -1.

    `mount` and `seen` say up to which count of which browser page's presses the place holds.
    """

    names: list[str]
    place: int
    mount: str
    seen: int


_stepper = register("stepper", SCRIPTS)


def stepper(names: list[str], place: int, *, key: str, on_step: Callable[[int], None]) -> None:
    """Mount the buttons, which own the page's Left and Right keys outside of fields, menus and the viewer.

    However fast they are pressed, `on_step` is called with the sum of all steps that were not yet moved by. The name
    that is stepped to shows at once.
    """
    mount, seen = _moved(key)
    data = StepperData(names=names, place=place, mount=mount, seen=seen)
    require_plain(data)
    _stepper(key=key, data=data, width="content", on_steps_change=lambda: _move(key, on_step))


def _moved(key: str) -> tuple[str, int]:
    """Return which page of which browser was heard last, and how many steps of its were moved by."""
    moved: tuple[str, int] = st.session_state.get(f"{key}_moved", ("", 0))
    return moved


def _move(key: str, on_step: Callable[[int], None]) -> None:
    told = st.session_state[key].get("steps")
    by = unmoved(_moved(key), told)
    if by is not None:
        st.session_state[f"{key}_moved"] = (told["mount"], told["total"])
        on_step(by)


def unmoved(moved: tuple[str, int], told: object) -> int | None:
    """Return by how much to move where a browser's page tells its `total`, or None for what is no such message.

    >>> unmoved(("a", 3), {"mount": "a", "total": 10})
    7
    >>> unmoved(("a", 3), {"mount": "reloaded", "total": -1})
    -1
    """
    if not isinstance(told, dict):
        return None
    mount, total = told.get("mount"), told.get("total")
    if not isinstance(mount, str) or not isinstance(total, int):
        return None
    return total - (moved[1] if moved[0] == mount else 0)
