"""What the pages say: the verdict's words, and plain sentences about figures."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import State
from xai_ad.detector.scores import Score

NARROW = "\N{NO-BREAK SPACE}"
TIMES = "\N{MULTIPLICATION SIGN}"
NO_DIAGNOSIS = "Not a diagnosis."
"""What stands beside every verdict on a lesion."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How to speak of one kind of subject."""

    normal: str
    abnormal: str
    normal_images: str
    abnormal_images: str
    disclaimer: str = ""


WORDING = {
    Subject.PART: Wording(
        normal="PASS",
        abnormal="FAIL",
        normal_images="good calibration parts",
        abnormal_images="defective calibration parts",
    ),
    Subject.LESION: Wording(
        normal="TYPICAL",
        abnormal="ATYPICAL",
        normal_images="typical calibration lesions",
        abnormal_images="atypical calibration lesions",
        disclaimer="A reconstruction error, not a diagnosis.",
    ),
    Subject.SCENE: Wording(
        normal="NORMAL",
        abnormal="ABNORMAL",
        normal_images="normal calibration frames",
        abnormal_images="abnormal calibration frames",
    ),
}

LOOK_AT_IT = "LOOK AT IT"
CANNOT_JUDGE = "CANNOT JUDGE"

HEADLINES = {
    State.BORDERLINE: "too close to the limit to call",
    State.STRANGER: "not like the training pictures",
}
"""What stands beside a verdict's word where that is neither side of the limit."""

MEASURES = {
    Score.SQUARED_ERROR: "the squared error of the rebuilt picture, averaged over it",
    Score.ABSOLUTE_ERROR: "the absolute error of the rebuilt picture, averaged over it",
    Score.COMPOUND: f"squared error and loss of structure (1{NARROW}\N{MINUS SIGN}{NARROW}SSIM), averaged over the picture",
    Score.SSIM: f"the loss of structure (1{NARROW}\N{MINUS SIGN}{NARROW}SSIM) in the worst 1{NARROW}% of the picture",
    Score.WORST_PATCH: "the absolute error of the rebuilt picture, averaged over its worst patch",
}
"""What each score measures, in words."""

SCORES = {
    Score.SQUARED_ERROR: "Squared error",
    Score.ABSOLUTE_ERROR: "Absolute error",
    Score.COMPOUND: "Squared error and structure",
    Score.SSIM: "Structure (SSIM)",
    Score.WORST_PATCH: "Absolute error, worst patch",
}
"""What each score is called."""


Look: TypeAlias = Literal["pass", "fail", "typical", "atypical", "borderline", "stranger"]
"""Which icon and colour a verdict has: `typical` and `atypical` are neutral ones, for what is neither good nor bad."""


def look_of(state: State, subject: Subject) -> Look:
    """Return a verdict's look."""
    if state is State.STRANGER:
        return "stranger"
    if state is State.BORDERLINE:
        return "borderline"
    if subject is Subject.LESION:
        return "atypical" if state is State.ANOMALOUS else "typical"
    return "fail" if state is State.ANOMALOUS else "pass"


def verdict_word(state: State, wording: Wording) -> str:
    """Return the one word of a verdict."""
    words = {
        State.NORMAL: wording.normal,
        State.ANOMALOUS: wording.abnormal,
        State.BORDERLINE: LOOK_AT_IT,
        State.STRANGER: CANNOT_JUDGE,
    }
    return words[state]


def as_markdown(text: str) -> str:
    r"""Return a text so that Markdown shows it as it is.

    >>> print(as_markdown("a_b*c"))
    a\_b\*c
    """
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:^])", r"\\\1", text)


def figure(value: float) -> str:
    """Return a number to three significant digits, without an exponent where it can be read.

    >>> figure(0.12345), figure(12.345), figure(1234.5), figure(0.5)
    ('0.123', '12.3', '1234', '0.500')
    """
    size = abs(value)
    digits = f"{size:.0f}" if size >= 999.5 else f"{size:#.3g}"
    return ("\N{MINUS SIGN}" if value < 0 else "") + digits.rstrip(".")


def percent(share: float) -> str:
    """Return a share as whole percent, and small ones truthfully.

    >>> [percent(share).replace(NARROW, " ") for share in (0.974, 0.0, 0.002)]
    ['97 %', '0 %', 'under 1 %']
    """
    if 0 < share < 0.01:
        return f"under 1{NARROW}%"
    sign = "\N{MINUS SIGN}" if share <= -0.005 else ""
    return f"{sign}{abs(share) * 100:.0f}{NARROW}%"


def listed(names: list[str]) -> str:
    """Join names as a sentence does.

    >>> listed(["LIME", "KernelSHAP", "LRP"])
    'LIME, KernelSHAP and LRP'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
