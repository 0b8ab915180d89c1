"""The partition tree, against one that looks at every pair of regions at every step."""

import itertools

import numpy as np
import pytest
import torch

from xai_ad.explain.owen.tree import joined, partition_tree


def regions_of(tree):
    """Return the pixels of every region, as sets of (row, column)."""
    where = {int(place): at for at, place in np.ndenumerate(tree.places)}
    return [
        frozenset(where[place] for place in range(start, stop))
        for start, stop in zip(tree.starts.tolist(), tree.stops.tolist(), strict=True)
    ]


def touching(one, other):
    return any(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in itertools.product(one, other))


def cost(region, image):
    colours = np.array([image[:, row, column] for row, column in region])
    perimeter = sum(
        (row + down, column + right) not in region
        for row, column in region
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0))
    )
    return (np.ptp(colours, axis=0) ** 2).sum() * len(region) * perimeter**0.5


def slowly(image):
    """Return the unions in the order in which they are made."""
    alive = [frozenset([at]) for at in np.ndindex(*image.shape[1:])]
    made = []
    while len(alive) > 1:
        pairs = [pair for pair in itertools.combinations(alive, 2) if touching(*pair)]
        one, other = min(pairs, key=lambda pair: cost(pair[0] | pair[1], image))
        alive = [each for each in alive if each not in {one, other}] + [one | other]
        made.append(one | other)
    return made


@pytest.mark.parametrize("channels", [1, 3])
def test_the_cheapest_union_is_made_first(channels):
    image = torch.from_numpy(np.random.default_rng(3).uniform(size=(channels, 4, 5)))
    assert regions_of(partition_tree(image))[20:] == slowly(image.numpy())


def test_every_region_is_its_two_children_and_the_last_is_everything():
    tree = partition_tree(torch.rand(3, 6, 7, generator=torch.Generator().manual_seed(0)))
    regions = regions_of(tree)
    for region, (one, other) in zip(regions[42:], tree.children, strict=True):
        assert regions[one] | regions[other] == region
        assert not regions[one] & regions[other]
    assert len(regions[-1]) == 42
    assert all(len(region) == 1 for region in regions[:42])


def test_what_is_of_one_colour_is_one_region():
    image = torch.zeros(1, 8, 8)
    image[0, 2:5, 3:7] = 1.0
    square = frozenset(itertools.product(range(2, 5), range(3, 7)))
    assert square in regions_of(partition_tree(image))


def test_one_pixel_is_a_tree():
    tree = partition_tree(torch.zeros(3, 1, 1))
    assert (tree.pixels, tree.starts.tolist(), tree.stops.tolist()) == (1, [0], [1])


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_joined_trees_keep_their_regions_and_have_the_first_for_a_half(count):
    rng = torch.Generator().manual_seed(2)
    trees = [partition_tree(torch.rand(1, 3, 4, generator=rng)) for _ in range(count)]
    tree = joined(trees)
    regions = regions_of(tree)
    assert tree.places.shape == (count, 3, 4)
    assert len(regions) == 2 * 12 * count - 1
    for region, (one, other) in zip(regions[12 * count :], tree.children, strict=True):
        assert regions[one] | regions[other] == region
        assert not regions[one] & regions[other]
    for number, each in enumerate(trees):
        assert {frozenset((number, *at) for at in region) for region in regions_of(each)} <= set(regions)
    assert len(regions[-1]) == 12 * count
    if count > 1:
        assert regions[tree.children[-1][0]] == {(0, *at) for at in np.ndindex(3, 4)}
