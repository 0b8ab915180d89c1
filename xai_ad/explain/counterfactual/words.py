"""What a counterfactual search may claim of its result, in words.

Only the exact search tries every rectangle of the grid, so only it may say that nothing smaller, or no single
rectangle, flips the verdict there.
"""

from typing import NamedTuple

from xai_ad.explain.choices import Search
from xai_ad.explain.counterfactual.swap import Found

NOTHING_TO_REPAIR = (
    "Already below the limit: there is nothing to repair. "
    "The direction 'transplant' asks instead what of it would make a normal picture fail."
)
NOT_TRIED = "the fast search does not try every rectangle."
STILL_NORMAL = "This image is itself below the limit."


def no_start(fill: str, times: float) -> str:
    """Say that nothing can be transplanted into an image that fails by itself."""
    return (
        f"The picture to paste into (the fill '{fill}') scores {times:.3g} times the limit: "
        "it fails before anything is pasted. Choose a fill that is normal by itself."
    )


ITSELF = "The frame itself has to go: no stretch of the others alone flips it."
BESIDE = "A stretch of the other frames alone flips it, too."
NO_TIME = (
    "The 'extent' time of CounterfactualSearch exchanges frames that a network sees together, and this one sees each by "
    "itself. Choose 'space', or a recurrent network."
)


class Claims(NamedTuple):
    """What is known of a result: two flags for programs, and a `note` or, where nothing flips, a `warning`."""

    nothing_smaller_flips: bool
    no_single_flips: bool
    note: str | None = None
    warning: str | None = None


def claims(found: Found, search: Search, *, most: int, rounded_within: float | None = None) -> Claims:
    """Return what may be claimed of a result.

    `most` is how many rectangles were allowed, `rounded_within` how far rounded scores were taken to lie from
    float32's, relative; None where none were rounded. What an exact search rules out it rules out by these scores.
    """
    exact, single = search is Search.EXACT, len(found.change) == 1
    flipped = _single(exact) if single else _together(found, exact)
    text = flipped if found.flipped else _nothing(exact, most)
    if exact and rounded_within is not None:
        text += f" This takes bfloat16 scores to err by {rounded_within:.0%} at most."
    return Claims(
        nothing_smaller_flips=exact and found.flipped and single,
        no_single_flips=exact and not (found.flipped and single),
        **{"note" if found.flipped else "warning": text},
    )


def time_claims(
    found: Found, *, holds_frame: bool, beside: bool, rounded_within: float | None = None
) -> Claims:
    """Return what may be claimed of a stretch of frames.

    `holds_frame` says whether the judged frame is one of it, `beside` whether a stretch without that frame flips it too.
    """
    if found.flipped:
        text = "No shorter stretch of frames flips it."
        if holds_frame:
            text += f" {BESIDE if beside else ITSELF}"
    else:
        text = "No stretch of frames flips it: what is shown came nearest."
    if rounded_within is not None:
        text += f" This takes bfloat16 scores to err by {rounded_within:.0%} at most."
    return Claims(
        nothing_smaller_flips=found.flipped,
        no_single_flips=not found.flipped,
        **{"note" if found.flipped else "warning": text},
    )


def _single(exact: bool) -> str:
    return (
        "Nothing smaller flips it on this grid." if exact else f"A smaller one may flip it, too: {NOT_TRIED}"
    )


def _together(found: Found, exact: bool) -> str:
    number = len(found.change)
    first = (
        "No single rectangle flips it on this grid"
        if exact
        else f"One alone may flip it, too: {NOT_TRIED[:-1]}"
    )
    pruned = (
        "None of them, and no row or column of cells at their sides, can be left out. "
        if found.exhaustive
        else ""
    )
    return f"{first}; these {number} do together. {pruned}Others may do with less: not every combination is tried."


def _nothing(exact: bool, most: int) -> str:
    together = f", nor were up to {most} together found that do" if most > 1 else ""
    if exact:
        return f"No single rectangle flips it on this grid{together}: what is shown came nearest."
    return f"Nothing was found that flips it{together}, but {NOT_TRIED} What is shown came nearest."
