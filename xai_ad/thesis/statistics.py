"""What a few seeds allow to say: means, spreads, and intervals of paired differences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

CONFIDENCE = 0.95


class Verdict(StrEnum):
    """What the seeds say of a claim."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Figures over seeds: each, their mean, and their standard deviation, None for a single one."""

    values: tuple[float, ...]
    mean: float
    spread: float | None


def summarise(values: Sequence[float]) -> Summary:
    """Return the mean of at least one figure and the sample standard deviation (n - 1) of at least two."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Summary(values=tuple(values), mean=float(np.mean(values)), spread=spread)


def lower_bound(differences: Sequence[float], *, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided lower confidence bound of the mean of paired differences, by Student's t.

    -inf for fewer than two differences: one seed says nothing about the next.
    """
    from scipy.stats import t

    count = len(differences)
    if count < 2:
        return -math.inf
    error = float(np.std(differences, ddof=1)) / math.sqrt(count)
    return float(np.mean(differences)) - float(t.ppf(confidence, count - 1)) * error


def judge(comparisons: Sequence[Sequence[float]], *, confidence: float = CONFIDENCE) -> Verdict:
    """Judge the claim that the mean of every comparison's paired differences is above zero.

    Yes where each comparison's lower bound is (an intersection-union test: no correction is needed). No where, at
    the level shared among the comparisons, some comparison's mean is below zero. Else undecided.
    """
    if all(lower_bound(differences, confidence=confidence) > 0 for differences in comparisons):
        return Verdict.YES
    shared = 1 - (1 - confidence) / len(comparisons)
    for differences in comparisons:
        if lower_bound([-difference for difference in differences], confidence=shared) > 0:
            return Verdict.NO
    return Verdict.UNDECIDED
