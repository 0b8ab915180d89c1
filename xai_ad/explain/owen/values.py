"""Owen values of a tree's regions (Owen 1977): Shapley values that share what a region adds between its two halves."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.owen.tree import Tree
from xai_ad.types import Coalitions

ScoreCoalitions: TypeAlias = Callable[[Coalitions], NDArray[np.float64]]
"""Scores coalitions of places, (K, P) bool -> (K,)."""

TOGETHER = 4
"""How many parts are split at once: their halves fill a batch, at the price of an order that is not quite greedy."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """A region in one context, (P,) bool: what is present beside it.

    `without` and `beside` are the scores of the context alone and with the region; `weight` is the context's own.
    """

    region: int
    context: NDArray[np.bool_]
    without: float
    beside: float
    weight: float

    @property
    def worth(self) -> float:
        """What the region adds in this context, as far as it counts."""
        return self.weight * (self.beside - self.without)


def owen_values(tree: Tree, score: ScoreCoalitions, *, empty: float, full: float, budget: int) -> list[Part]:
    """Return the parts that are not split any further, whose worths add up to full - empty.

    The part that is worth most, whatever its sign, is split next: each of its two halves is scored alone and beside the
    other, the two contexts weigh half as much, and so the halves' worths add up to the whole's. A pixel has no halves.
    At most `budget` coalitions are scored.
    """
    waiting = [(0.0, 0)]
    whole = Part(
        region=2 * tree.pixels - 2,
        context=np.zeros(tree.pixels, dtype=np.bool_),
        without=empty,
        beside=full,
        weight=1.0,
    )
    parts, numbers, done = {0: whole}, itertools.count(1), []
    while waiting:
        taken = [parts.pop(heapq.heappop(waiting)[1]) for _ in range(min(TOGETHER, len(waiting)))]
        split = [part for part in taken if part.region >= tree.pixels][: budget // 2]
        done += [part for part in taken if part not in split]
        if not split:
            continue
        budget -= 2 * len(split)
        halves = [_halves(tree, part) for part in split]
        contexts = [context for pair in halves for _, context in pair]
        scores = score(np.stack(contexts)).reshape(-1, 2).tolist()
        for part, pair, alone in zip(split, halves, scores, strict=True):
            for half in _split(part, pair, alone):
                number = next(numbers)
                parts[number] = half
                heapq.heappush(waiting, (-abs(half.worth), number))
    return done


def spread(parts: list[Part], tree: Tree) -> NDArray[np.float64]:
    """Return each place's share, (P,): a part's worth evenly over its places."""
    values = np.zeros(tree.pixels)
    for part in parts:
        start, stop = tree.starts[part.region], tree.stops[part.region]
        values[start:stop] += part.worth / (stop - start)
    return values


def regions_of(parts: list[Part], tree: Tree) -> NDArray[np.int64]:
    """Return which undivided region each place lies in, (P,): within one, all places have one share."""
    begins = np.zeros(tree.pixels, dtype=np.int64)
    for part in parts:
        for border in (tree.starts[part.region], tree.stops[part.region]):
            begins[border % tree.pixels] = 1
    begins[0] = 0  # the first place begins region 0
    return np.cumsum(begins)


def _halves(tree: Tree, part: Part) -> list[tuple[int, NDArray[np.bool_]]]:
    """Return a part's two halves, each with the part's context and the half itself present."""
    found = []
    for half in tree.children[part.region - tree.pixels].tolist():
        context = part.context.copy()
        context[tree.starts[half] : tree.stops[half]] = True
        found.append((half, context))
    return found


def _split(part: Part, halves: list[tuple[int, NDArray[np.bool_]]], alone: list[float]) -> Iterator[Part]:
    """Yield each half without and with the other; `alone` are the scores of the context with one of them."""
    for (half, _), (_, other), own, others in zip(halves, halves[::-1], alone, alone[::-1], strict=True):
        yield Part(
            region=half, context=part.context, without=part.without, beside=own, weight=part.weight / 2
        )
        yield Part(region=half, context=other, without=others, beside=part.beside, weight=part.weight / 2)
