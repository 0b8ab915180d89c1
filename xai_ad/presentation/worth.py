"""What a method was measured to be worth on a model's own images, in words."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.specs import Subject
from xai_ad.presentation.words import percent
from xai_ad.store import MeasuredExplanations, MeasuredMethod
from xai_ad.store.measured import figure_of

BY_CHANCE = 0.5
"""The pixel AUC-ROC of a map that knows nothing."""
ERRORS = 1.645
"""By how many standard errors a mean must exceed chance to be no noise: 95 % sure."""
PLACES = {
    Subject.PART: "defects",
    Subject.LESION: "atypical parts",
    Subject.SCENE: "abnormal objects",
}
"""What masks mark."""


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What is known of a method on these images: a few words for a panel, and a sentence for its notes.

    `is_noise` where it was measured to be no better than chance: the sentence is then a warning.
    """

    method: str
    short: str
    sentence: str
    is_noise: bool


def worth_of(
    measured: MeasuredExplanations, method: str, subject: Subject, *, of: str | None = None
) -> Worth | None:
    """Return what was measured of a method, or None where it was not; `of` names another model that it was measured with."""
    found = measured.method(method)
    if found is None:
        return None
    place = found.figure("localisation")
    noise = is_noise(measured, found)
    images = f"{len(measured.images)} pictures that set no limit"
    borrowed = f" Measured with the model {of}." if of else ""
    if place is not None:
        value = f"{place.mean:.2f}"
        if noise:
            short = f"noise here: {value}"
            said = f"Noise on these pictures: {value} (pixel AUC-ROC), and chance is 0.50; {images}."
        else:
            short = f"places {PLACES[subject]}: {value}"
            said = f"Places {PLACES[subject]} with {value} (pixel AUC-ROC; chance is 0.50; {images}).{_against(measured, found)}"
        return Worth(method=method, short=short, sentence=said + borrowed, is_noise=noise)
    takes, chance = found.figure("faithfulness"), figure_of(measured.by_chance)
    if takes is None or chance is None:
        return None
    share, random = percent(takes.mean), percent(chance.mean)
    if noise:
        short = "noise here"
        said = (
            f"Noise on these pictures: making its strongest places normal takes {share} off the score, "
            f"places at random {random}; {images}."
        )
    else:
        short = f"takes {share} off the score"
        said = f"Making its strongest places normal takes {share} off the score, places at random {random}; {images}."
    return Worth(method=method, short=short, sentence=said + borrowed, is_noise=noise)


def _against(measured: MeasuredExplanations, method: MeasuredMethod) -> str:
    """Say of what is well placed that the score does not depend on it, where it was measured so."""
    if _exceeds(np.array(method.faithfulness) - np.array(measured.by_chance)):
        return ""
    return " Yet making its strongest places normal lowers the score no more than places at random do."


def is_noise(measured: MeasuredExplanations, method: MeasuredMethod) -> bool:
    """Return whether a method was measured to be no better than chance, on the mean of all images.

    By where it points where there are masks, else by what it takes off the score against a random order.
    """
    if method.localisation:
        return not _exceeds(np.array(method.localisation) - BY_CHANCE)
    return not _exceeds(np.array(method.faithfulness) - np.array(measured.by_chance))


def _exceeds(differences: NDArray[np.float64]) -> bool:
    """Whether the mean of paired differences, (N,), is above 0 by more than chance allows."""
    error = float(differences.std(ddof=1)) / sqrt(len(differences)) if len(differences) > 1 else 0.0
    return float(differences.mean()) > ERRORS * error
