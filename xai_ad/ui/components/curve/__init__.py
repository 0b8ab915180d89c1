"""A clip's scores over time, through which a person steps or clicks: the browser moves at once, and the page follows."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict

import streamlit as st

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("figures.js", "curve/steps.js", "curve/plot.js", "curve/curve.js")


class SeriesData(TypedDict):
    """A line's points, by frames' numbers, in order. Of a long clip they are its extremes."""

    numbers: list[int]
    values: list[float]


class DrawnData(TypedDict):
    """What is drawn, as the URL of `CurveData` gives it: `count` frames, their scores in multiples of the limit.

    `runs` are the frames that were scored, [first, last] each; `stretches` those above the limit, [first, last, highest].
    """

    count: int
    highest: float
    scores: SeriesData
    regularity: SeriesData
    runs: list[list[int]]
    stretches: list[list[int]]


class MomentsData(TypedDict):
    """What each of some frames adds to the score, in multiples of the limit, and a title that says so."""

    title: str
    frames: list[int]
    values: list[float]


class CurveData(TypedDict):
    """The curve of the clip `clip`, whose `url` gives its `DrawnData`, and the frame that is shown with its exact value.

    `last` is the number of its last frame, as far as that is known. `mount` and `presses` say up to which press of which
    browser page the frame holds.
    """

    clip: str
    clip_name: str
    url: str
    frame: int
    value: float
    last: int
    about: str
    about_regularity: str
    moments: MomentsData | None
    mount: str
    presses: int


_curve = register("curve", SCRIPTS)


@dataclass
class Jumped:
    """Up to which press of which browser page a session has followed."""

    mount: str = ""
    presses: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def follow(self, told: object, jump: Callable[[int], None]) -> bool:
        """Go to the frame that a browser's page tells, once; ignore any other message. Return whether it was new.

        >>> jumped, frames = Jumped(), []
        >>> jumped.follow({"mount": "a", "presses": 2, "frame": 7}, frames.append)
        True
        >>> jumped.follow({"mount": "a", "presses": 1, "frame": 6}, frames.append)  # it was overtaken
        False
        >>> jumped.follow({"mount": "reloaded", "presses": 1, "frame": 9}, frames.append)
        True
        >>> frames
        [7, 9]
        """
        if not isinstance(told, dict):
            return False
        mount, presses, frame = told.get("mount"), told.get("presses"), told.get("frame")
        if not isinstance(mount, str) or not isinstance(presses, int) or not isinstance(frame, int):
            return False
        with self._lock:
            if mount != self.mount:
                self.mount, self.presses = mount, 0
            if presses <= self.presses:
                return False
            self.presses = presses
            jump(frame)
            return True


def follow_jumps(key: str, jump: Callable[[int], None]) -> bool:
    """Let a run go to the frame that was asked for last, before it draws one; return whether that is another.

    Presses quicker than runs cut runs short wherever they look into the session next. So `jump` has to write where the
    page stands before it does anything else.
    """
    state = st.session_state.get(key)
    jumped = _jumped(key)
    return jumped.follow(state and state.get("jump"), jump)


def up_to(key: str) -> tuple[str, int]:
    """Return up to which press of which browser page this session has followed."""
    jumped = _jumped(key)
    return jumped.mount, jumped.presses


def curve(data: CurveData, *, key: str) -> None:
    """Mount the curve, which owns the page's Left and Right keys outside of fields, menus and the viewer.

    A press reruns the script (the fragment, inside one), which follows it by `follow_jumps`.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _curve(key=key, data=data, on_jump_change=lambda: None)  # else it has no state


def _jumped(key: str) -> Jumped:
    found: Jumped = st.session_state.setdefault(f"{key}_jumped", Jumped())
    return found
