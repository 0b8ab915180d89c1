"""What a method was measured to be worth on a model's own images, in words."""

from dataclasses import dataclass

from xai_ad.data.specs import Subject
from xai_ad.presentation.words import percent
from xai_ad.store import MeasuredExplanations

BY_CHANCE = 0.5
"""The pixel AUC-ROC of a map that knows nothing."""
HOLDS = 0.5
"""The rank correlation with a repeated run below which a map does not hold."""
OWES = 0.5
"""The rank correlation with its own map of shuffled weights from which on a map owes little to what the network learnt."""
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
    place, takes = (measured.figure(method, name) for name in ("localisation", "faithfulness"))
    images = f"{len(measured.images)} pictures that set no limit"
    noise = is_noise(measured, method)
    if place is not None:
        value = f"{place.value:.2f}"
        short = f"noise here: {value}" if noise else f"places {PLACES[subject]}: {value}"
        said = (
            f"Noise on these pictures: {value} (pixel AUC-ROC), and chance is 0.50; {images}."
            if noise
            else f"Places {PLACES[subject]} with {value} (pixel AUC-ROC; chance is 0.50; {images})."
        )
        if not noise and takes is not None and not takes.is_above_zero:
            said += (
                " Yet making its strongest places normal lowers the score no more than places at random do."
            )
    elif takes is not None:
        share = percent(takes.value)
        short = "noise here" if noise else f"{share} as faithful as can be"
        said = (
            f"Noise on these pictures: making its strongest places normal lowers the score no more than places at random do; {images}."
            if noise
            else (
                f"Making its strongest places normal lowers the score {share} of the way from places at random to the "
                f"best order known; {images}."
            )
        )
    else:
        return None
    sentences = [said, *doubts(measured, method)]
    if of:
        sentences.append(f"Measured with the model {of}.")
    return Worth(method=method, short=short, sentence=" ".join(sentences), is_noise=noise)


def is_noise(measured: MeasuredExplanations, method: str) -> bool:
    """Return whether a method was measured to be no better than chance: its 90 % interval reaches down to it.

    By where it points where there are masks, else by what it takes off the score against a random order.
    """
    place, takes = (measured.figure(method, name) for name in ("localisation", "faithfulness"))
    if place is not None:
        return place.low <= BY_CHANCE
    return takes is not None and not takes.is_above_zero


def doubts(measured: MeasuredExplanations, method: str) -> list[str]:
    """Return in words why a method's map is not to be trusted first: it does not hold, or owes little to the weights."""
    found = []
    noise, seed, weights = (measured.figure(method, name) for name in ("noise", "seed", "randomised"))
    if noise is not None and noise.value < HOLDS:
        found.append(
            f"Noise that nobody sees changes its map: the two correlate by {noise.value:.2f} (of 1, by rank)."
        )
    if seed is not None and seed.value < HOLDS:
        found.append(f"Another seed changes its map: the two correlate by {seed.value:.2f} (of 1, by rank).")
    if weights is not None and weights.value >= OWES:
        found.append(
            f"Of a network with shuffled weights its map is much the same, a correlation of {weights.value:.2f}: "
            "it shows little of what the network learnt."
        )
    return found
