"""The verdict's card: word, whose picture it is of, score against the limit, and the calibration's histogram."""

from typing import TypedDict

from xai_ad.presentation.words import Look
from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("figures.js", "verdict/histogram.js", "verdict/verdict.js")


class BinData(TypedDict):
    """One bar of the calibration histogram: counts of scores in [start, end), in multiples of the limit.

    An `open` one, the last, counts what lies beyond its end as well.
    """

    start: float
    end: float
    normal: int
    abnormal: int
    open: bool


class FileData(TypedDict):
    """Whose verdict it is: the picture's file name, and its size in words."""

    name: str
    detail: str


class DetailData(TypedDict):
    """A row of the details: what it is, and its value in words."""

    label: str
    value: str


class VerdictData(TypedDict):
    """A verdict. `state` is one of `State`; `score`, `limit` and `interval` are in multiples of the limit.

    `headline` stands under the word; `advice` says what the cause may be and what to do, the first line in bold;
    `interval` is where the limit may as well lie, or None. Of a stranger neither score nor histogram is shown.
    """

    verdict: str
    state: str
    look: Look
    headline: str
    file: FileData
    score: float
    limit: float
    score_label: str
    interval: list[float] | None
    disclaimer: str
    advice: list[str]
    caption: str
    rates: str
    caution: str
    details: list[DetailData]
    bins: list[BinData]
    normal_word: str
    abnormal_word: str


_verdict = register("verdict", SCRIPTS)


def verdict(data: VerdictData, *, key: str) -> None:
    """Mount the verdict's card; under 1050 px of window width it is a band.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _verdict(key=key, data=data)
