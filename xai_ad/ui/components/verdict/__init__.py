"""The verdict's card: word, score and limit, and the calibration's histogram."""

from typing import TypedDict

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("figures.js", "verdict/histogram.js", "verdict/verdict.js")


class BinData(TypedDict):
    """One bar of the calibration histogram: counts of scores in [start, end)."""

    start: float
    end: float
    normal: int
    abnormal: int


class VerdictData(TypedDict):
    """A decision: the word, the score beside the limit in one unit, and the calibration's histogram."""

    verdict: str
    abnormal: bool
    score: float
    limit: float
    score_label: str
    limit_label: str
    measure: str
    caption: str
    disclaimer: str
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
