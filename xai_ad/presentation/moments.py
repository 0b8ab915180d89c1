"""Which moment mattered, in words and as JSON: in which of a clip's frames the evidence for one of them lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.choices import Direction, Extent
from xai_ad.explain.moments import moments
from xai_ad.explain.results import Attribution, Counterfactual, Explanation
from xai_ad.presentation.words import percent

MOST = 2 / 3
"""The share of what pushes towards abnormal that a stretch of frames has to hold for most of it to lie there."""
SLIGHT = 0.1
"""What pushes towards normal is told of from this share of what pushes towards abnormal on."""
NO_MOMENT = 0.5
"""A stretch of more than this share of the frames is no moment."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Consecutive frames of a window, by their places from the `first` on, and the `share` of the evidence they hold."""

    first: int
    frames: int
    share: float


def main_stretch(values: NDArray[np.float64]) -> Stretch | None:
    """Return the shortest run of frames' values, (T,), that holds `MOST` of the positive ones; None where none is.

    Of several as short, the one that holds most.

    >>> main_stretch(np.array([0.0, 1.0, 5.0, 4.0, -3.0]))
    Stretch(first=2, frames=2, share=0.9)
    """
    positive = np.maximum(values, 0.0)
    total = float(positive.sum())
    if total <= 0:
        return None
    before = np.concatenate([[0.0], np.cumsum(positive)])  # (T + 1,)
    for frames in range(1, len(values) + 1):
        shares = (before[frames:] - before[:-frames]) / total  # (T - frames + 1,)
        first = int(shares.argmax())
        if shares[first] >= MOST or frames == len(values):
            return Stretch(first=first, frames=frames, share=float(shares[first]))
    return None


def frames_in_words(numbers: Sequence[int]) -> str:
    """Return frames by their numbers, as a sentence has them.

    >>> frames_in_words([61, 62, 63]), frames_in_words([61])
    ('frames 61 to 63', 'frame 61')
    """
    low, high = min(numbers), max(numbers)
    return f"frame {low}" if low == high else f"frames {low} to {high}"


def moment_in_words(values: NDArray[np.float64], numbers: Sequence[int], *, explained: int) -> str | None:
    """Say in which frames most of the evidence lies; None of a picture.

    `values`, (T,), are a window's moments, `numbers` its frames', and `explained` the number of the one that is explained.
    Values are signed: where more than `SLIGHT` of them pushes towards normal, it says where that lies, and how much it is.
    """
    if len(values) == 1:
        return None
    known = np.unique(numbers)  # a short run's frames are seen twice
    sums = np.array([values[np.equal(numbers, number)].sum() for number in known])
    for_abnormal, for_normal = main_stretch(sums), main_stretch(-sums)
    if for_normal is None:
        return (
            "None of the frames pushes either way."
            if for_abnormal is None
            else _most(for_abnormal, known, explained)
        )
    if for_abnormal is None:
        lies = _mostly(for_normal, known, explained)
        return f"All in all no frame pushes towards abnormal; what pushes towards normal {lies}."
    times = -float(np.minimum(sums, 0.0).sum()) / float(np.maximum(sums, 0.0).sum())
    if times <= SLIGHT:
        return _most(for_abnormal, known, explained)
    return (
        f"What pushes towards abnormal {_mostly(for_abnormal, known, explained)}; what pushes towards normal, "
        f"{times:.2g} times as much, {_mostly(for_normal, known, explained)}."
    )


def _most(found: Stretch, known: NDArray[np.int64], explained: int) -> str:
    if found.frames > NO_MOMENT * len(known):
        return f"It is spread over the {frames_in_words(known.tolist())}: no moment stands out."
    return f"Most of it ({percent(found.share)}) lies in {_place(found, known, explained)}."


def _mostly(found: Stretch, known: NDArray[np.int64], explained: int) -> str:
    if found.frames > NO_MOMENT * len(known):
        return f"is spread over the {frames_in_words(known.tolist())}"
    return f"lies mostly ({percent(found.share)}) in {_place(found, known, explained)}"


def _place(found: Stretch, known: NDArray[np.int64], explained: int) -> str:
    """Name a stretch's frames, and say whether the explained one is among them."""
    inside = known[found.first : found.first + found.frames].tolist()
    if explained not in inside:
        return f"{frames_in_words(inside)}, not in frame {explained} itself"
    return frames_in_words(inside) + (" itself" if len(inside) == 1 else "")


def exchange_in_words(change: Counterfactual, numbers: Sequence[int]) -> str | None:
    """Say which frames of a window, by their `numbers`, flip the verdict where they are exchanged; None of rectangles."""
    if change.extent is not Extent.TIME or not change.rectangles:
        return None
    (stretch,) = change.rectangles
    inside = frames_in_words(numbers[stretch.first : stretch.first + stretch.frames])
    repair = change.direction is Direction.REPAIR
    if not change.flipped:
        return f"No stretch of the {frames_in_words(numbers)} makes it {'pass' if repair else 'fail'}; {inside} came nearest."
    if not repair:
        return f"Pasting {inside} among normal frames makes those fail."
    if stretch.frames == len(numbers):
        return f"It passes only with all of the {inside} exchanged for normal ones: no moment stands out."
    return f"Exchanging {inside} for normal ones makes it pass."


def moment_records(explanation: Explanation, numbers: Sequence[int]) -> list[dict[str, Any]] | None:
    """Return each frame's number and its share of the raw score, in the window's order; None where there is one frame.

    Exchanged rectangles have no such shares: None too.
    """
    if not isinstance(explanation, Attribution) or len(values := moments(explanation)) == 1:
        return None
    return [
        {"frame": number, "relevance": value} for number, value in zip(numbers, values.tolist(), strict=True)
    ]
