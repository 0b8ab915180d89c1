"""How far an explanation of one image can be trusted: what of the score goes with what it marks, and whether it holds.

*Faithfulness* (deletion curve, Petsiuk et al. 2018; pixel flipping, Bach et al. 2015): the highest evidence is replaced by
normal content step by step, and what counts is the area under the fall of the score, between that of a random order, 0,
and that of an ideal one, 1. *Stability*: the rank correlation of a map with that of a repeated run, and how much of the
strongest evidence both share (robustness, Alvarez-Melis and Jaakkola 2018). *Dependence on the weights*: the rank
correlation with the map of a network whose weights are shuffled (Adebayo et al. 2018).

A map is (H, W), or a window's (T, H, W), in any unit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.agreement import rank_correlations
from xai_ad.metrics.localisation import Map, evidence_in, strongest
from xai_ad.types import Mask

STEPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
"""The shares of an image that are replaced, the highest evidence first."""
CELLS = 6
"""Orders that an explanation is compared with are of the cells of a grid with so many to a side: scattered pixels are
noise that no network knows."""


def taken_away(values: Map, fraction: float) -> Mask:
    """Return the highest pixels that are evidence, at most that fraction of all; of equal ones the first."""
    evidence = evidence_in(values)
    order = np.argsort(-evidence.ravel(), kind="stable")[: round(fraction * evidence.size)]
    found = np.zeros(evidence.size, dtype=bool)
    found[order] = evidence.ravel()[order] > 0
    return found.reshape(evidence.shape)


def fall(score: float, empty: float, without: Sequence[float]) -> tuple[float, ...]:
    """Return the share of the score above the empty image's that is gone at each step; `without` are the scores left.

    1 where all of it is gone, 0 where none is, below 0 where what was taken away held the score down. Raises
    `InvalidInputError` where the image scores no higher than the empty one.
    """
    if not score > empty:
        raise InvalidInputError(
            f"The image must score above the empty one to lose a share of it. Got {score!r} and {empty!r}."
        )
    return tuple((score - left) / (score - empty) for left in without)


def area(falls: Sequence[float], steps: Sequence[float] = STEPS) -> float:
    """Return the mean height of a fall over all shares from 0, where it is 0, to the last step (trapezoidal rule).

    >>> area((1.0, 1.0), steps=(0.25, 0.5))
    0.75
    """
    if len(falls) != len(steps):
        raise InvalidInputError(f"A fall needs a value for each of {len(steps)} steps. Got {len(falls)}.")
    return float(np.trapezoid([0.0, *falls], [0.0, *steps]) / steps[-1])


def relative_area(own: float, by_chance: float, ideal: float) -> float | None:
    """Return where an area lies between that of a random order, 0, and that of the ideal one, 1; None where these are one.

    Below 0 an order is worse than chance; above 1 it is better than the order that is taken for ideal.
    """
    if not ideal > by_chance:
        return None
    return (own - by_chance) / (ideal - by_chance)


def random_map(shape: tuple[int, ...], rng: np.random.Generator, cells: int = CELLS) -> Map:
    """Return a map of a shape, (..., H, W), whose evidence is the cells of a grid in random order."""
    return ordered_map(rng.permutation(cells * cells), shape)


def ordered_map(order: NDArray[np.integer], shape: tuple[int, ...]) -> Map:
    """Return a map of a shape, (..., H, W), whose highest evidence is the first cell in an order, (C * C,), and so on.

    Cells are numbered row by row.

    >>> ordered_map(np.array([1, 0, 2, 3]), (2, 2)).tolist()
    [[3.0, 4.0], [2.0, 1.0]]
    """
    heights = np.empty(len(order))
    heights[order] = np.arange(len(order), 0, -1)
    cells = cell_labels(shape, round(len(order) ** 0.5))
    return np.asarray(heights[cells])


def cell_labels(shape: tuple[int, ...], cells: int = CELLS) -> NDArray[np.int64]:
    """Return which cell of a grid with so many to a side each pixel lies in, of a shape (..., H, W); frames are alike."""
    rows, columns = (np.arange(side) * cells // side for side in shape[-2:])
    return np.broadcast_to(rows[:, None] * cells + columns, shape).astype(np.int64)


def rank_correlation(one: Map, other: Map) -> float:
    """Return Spearman's correlation of two maps, pixel by pixel, equal values sharing their mean rank; 0 where one is flat."""
    if one.shape != other.shape:
        raise InvalidInputError(
            f"Two maps must have one shape to compare. Got {one.shape} and {other.shape}."
        )
    return float(rank_correlations(np.stack([one.ravel(), other.ravel()]))[0, 1])


def shared_strongest(one: Map, other: Map) -> float:
    """Return how much of the smaller one's strongest evidence the other's holds, 0 to 1; without any, 1 if neither has."""
    first, second = strongest(one), strongest(other)
    if not first.any() or not second.any():
        return float(not first.any() and not second.any())
    return float((first & second).sum() / min(first.sum(), second.sum()))
