"""A limit to drag: two kinds of scores, and all that a limit between them does, counted in the browser as it moves."""

from typing import TypedDict

import streamlit as st

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = (
    "figures.js",
    "limit/counting.js",
    "limit/histogram.js",
    "limit/curves.js",
    "limit/tables.js",
    "limit/limit.js",
)


class PictureData(TypedDict):
    """A scored picture that is at hand: where its small image is, what it is called, and a page that shows it, or None."""

    url: str
    name: str
    link: str | None
    score: float
    label: int


class OtherData(TypedDict):
    """Another model's ROC curve, points of (false-alarm rate, recall), and what the model is called."""

    title: str
    roc: list[list[float]]


class ScoredData(TypedDict):
    """Scored images, as the URL of `LimitData` gives them: raw `scores`, `labels` (1 anomalous), `kinds` by place in `names`.

    `measures` says whether they took no part in placing the limit. `areas` are the classes' AUC-ROC and its interval's ends,
    or None. `about` says what these images are, `moved` what a limit chosen by them means; `elsewhere` which of them are not
    at hand as pictures.
    """

    id: str
    title: str
    measures: bool
    about: str
    moved: str
    elsewhere: str
    scores: list[float]
    labels: list[int]
    kinds: list[int]
    names: list[str]
    areas: list[list[float] | None]
    pictures: list[PictureData]
    other: OtherData | None


class WordsData(TypedDict):
    """How the subject's two kinds and a limit's mistakes are called."""

    normal: str
    abnormal: str
    passed: str
    flagged: str
    passed_ones: str
    flagged_ones: str
    rejected: str
    rejected_short: str
    caught: str
    precision: str
    recall: str
    by_kind: str
    alarms: str
    misses: str
    no_alarms: str
    no_misses: str
    active: str


class LimitData(TypedDict):
    """The raw `limit` in force, the id of its `calibration`, and where a list of `ScoredData` is, the first shown first."""

    calibration: str
    limit: float
    url: str
    words: WordsData


_limit = register("limit", SCRIPTS)


def limit(data: LimitData, *, key: str) -> None:
    """Mount the limit; where a person moved it to is `moved_limit` in the run that follows.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _limit(key=key, data=data, on_moved_change=lambda: None)  # else it has no state


class Moved(TypedDict):
    """Where a limit was moved to, raw, while which images were shown."""

    limit: float
    set: str


def moved_limit(key: str, calibration: str) -> Moved | None:
    """Return where the limit of a calibration was moved to, or None: where it was not, or back to where it is in force."""
    told = (st.session_state.get(key) or {}).get("moved")
    return moved_of(told, calibration)


def moved_of(told: object, calibration: str) -> Moved | None:
    """Read what a browser tells; what is of another calibration, or is no limit, is None.

    >>> moved_of({"calibration": "a", "limit": 0.5, "set": "measured"}, "a")
    {'limit': 0.5, 'set': 'measured'}
    >>> moved_of({"calibration": "a", "limit": -1, "set": "measured"}, "a")
    >>> moved_of({"calibration": "a", "limit": 0.5, "set": "measured"}, "b")
    """
    if not isinstance(told, dict) or told.get("calibration") != calibration:
        return None
    value, shown = told.get("limit"), told.get("set")
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
        return None
    return Moved(limit=float(value), set=str(shown))
