"""The binary partition tree of a picture (Salembier and Garrido 2000): its regions, each made of two smaller ones."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.types import Image


@dataclass(frozen=True, kw_only=True, eq=False)
class Tree:
    """A binary tree over P pixels; every region is a run of places, from its `starts` to its `stops`, (2P - 1,) each.

    `places` holds each pixel's place, (H, W), or (S, H, W) of the trees of S pictures joined. The first P regions are the
    pixels; `children`, (P - 1, 2), are the two that each of the others is made of, and the last one is the whole picture.
    """

    places: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    children: NDArray[np.int64]

    @property
    def pixels(self) -> int:
        """How many pixels there are, P."""
        return self.places.size


def partition_tree(image: Image) -> Tree:
    """Merge neighbouring regions of an image, (C, H, W), pixels first, until one is left.

    Those merge first whose union has the smallest range of colours, squared, times its area, times the root of its
    perimeter (Rashid et al. 2026): what is of one colour, small and compact. The same image always gives the same tree.
    """
    height, width = image.shape[-2:]
    pixels = height * width
    children = np.array(list(_merges(image)), dtype=np.int64).reshape(-1, 2)
    sizes = np.ones(2 * pixels - 1, dtype=np.int64)
    for region, (one, other) in enumerate(children.tolist(), start=pixels):
        sizes[region] = sizes[one] + sizes[other]
    starts = np.zeros(2 * pixels - 1, dtype=np.int64)
    for region in range(2 * pixels - 2, pixels - 1, -1):
        one, other = children[region - pixels]
        starts[one], starts[other] = starts[region], starts[region] + sizes[one]
    places = starts[:pixels].reshape(height, width)
    return Tree(places=places, starts=starts, stops=starts + sizes, children=children)


def joined(trees: Sequence[Tree]) -> Tree:
    """Return one tree of S pictures of one size: its halves are the first, and all others, which are joined one by one."""
    count, pixels = len(trees), trees[0].pixels
    leaves, inner = np.arange(pixels), np.arange(pixels - 1)
    names = [  # (2P - 1,) each: what a tree's regions are called in the whole
        np.concatenate([number * pixels + leaves, count * pixels + number * (pixels - 1) + inner])
        for number in range(count)
    ]
    roots = [int(name[-1]) for name in names]
    following, last = count * (2 * pixels - 1), roots[min(1, count - 1)]
    joins = []
    for root in roots[2:]:
        joins.append((last, root))
        following, last = following + 1, following
    if count > 1:
        joins.append((roots[0], last))
    children = [name[tree.children] for name, tree in zip(names, trees, strict=True)]
    spans = []
    for ends in ("starts", "stops"):
        own = [getattr(tree, ends) + number * pixels for number, tree in enumerate(trees)]
        spans.append(np.concatenate([*(each[:pixels] for each in own), *(each[pixels:] for each in own)]))
    starts, stops = (list(span) for span in spans)
    for one, other in joins:
        starts.append(starts[one])
        stops.append(stops[other])
    return Tree(
        places=np.stack([tree.places + number * pixels for number, tree in enumerate(trees)]),
        starts=np.array(starts),
        stops=np.array(stops),
        children=np.concatenate([*children, np.array(joins, dtype=np.int64).reshape(-1, 2)]),
    )


def _merges(image: Image) -> Iterator[tuple[int, int]]:
    """Yield which two regions merge next; what they make has the next number, from P on.

    Plain lists and dictionaries: single numbers are looked up several times as fast as in arrays.
    """
    height, width = image.shape[-2:]
    pixels = height * width
    colours = image.detach().cpu().double().flatten(1).numpy().T.tolist()  # P lists of C
    low, high = dict(enumerate(colours)), dict(enumerate(colours))
    area, perimeter = dict.fromkeys(range(pixels), 1), dict.fromkeys(range(pixels), 4)
    borders = _borders(height, width)

    def cost(one: int, other: int, border: int) -> float:
        spread = sum(
            (max(a, b) - min(c, d)) ** 2
            for a, b, c, d in zip(high[one], high[other], low[one], low[other], strict=True)
        )
        around = perimeter[one] + perimeter[other] - 2 * border
        return float(spread * (area[one] + area[other]) * around**0.5)

    heap = [
        (cost(one, other, border), one, other)
        for one, beside in borders.items()
        for other, border in beside.items()
        if one < other
    ]
    heapq.heapify(heap)
    for made in range(pixels, 2 * pixels - 1):
        _, one, other = heapq.heappop(heap)
        while one not in borders or other not in borders:  # one of them has become part of another by now
            _, one, other = heapq.heappop(heap)
        yield one, other
        perimeter[made] = perimeter.pop(one) + perimeter.pop(other) - 2 * borders[one][other]
        area[made] = area.pop(one) + area.pop(other)
        low[made] = [min(pair) for pair in zip(low.pop(one), low.pop(other), strict=True)]
        high[made] = [max(pair) for pair in zip(high.pop(one), high.pop(other), strict=True)]
        around: dict[int, int] = {}
        for gone, edges in ((one, borders.pop(one)), (other, borders.pop(other))):
            for beside in edges.keys() & borders.keys():
                around[beside] = around.get(beside, 0) + edges[beside]
                del borders[beside][gone]
        borders[made] = around
        for beside, border in around.items():
            borders[beside][made] = border
            heapq.heappush(heap, (cost(beside, made, border), beside, made))


def _borders(height: int, width: int) -> dict[int, dict[int, int]]:
    """Return how long an edge each pixel shares with each of its neighbours."""
    numbers = np.arange(height * width).reshape(height, width)
    found: dict[int, dict[int, int]] = {pixel: {} for pixel in range(height * width)}
    for one, other in ((numbers[:, :-1], numbers[:, 1:]), (numbers[:-1], numbers[1:])):
        for first, second in zip(one.ravel().tolist(), other.ravel().tolist(), strict=True):
            found[first][second] = found[second][first] = 1
    return found
