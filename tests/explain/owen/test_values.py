"""Owen values, against the mean over all orders in which the halves of every region stay together."""

import numpy as np
import pytest
import torch

from xai_ad.explain.owen.tree import partition_tree
from xai_ad.explain.owen.values import owen_values, regions_of, spread

PLACES = 6


@pytest.fixture
def tree():
    return partition_tree(torch.rand(3, 2, 3, generator=torch.Generator().manual_seed(5)))


@pytest.fixture
def table():
    return np.random.default_rng(1).normal(size=2**PLACES)


def scores_in(table, asked=None):
    def score(coalitions):
        if asked is not None:
            asked.append(len(coalitions))
        return table[coalitions @ (1 << np.arange(PLACES))]

    return score


def orders(tree, region):
    """Return every order of a region's places in which no region's places are torn apart."""
    if region < tree.pixels:
        return [[int(tree.starts[region])]]
    one, other = (orders(tree, child) for child in tree.children[region - tree.pixels].tolist())
    return [first + second for first in one for second in other] + [
        second + first for first in one for second in other
    ]


def exact(tree, table):
    found, every = np.zeros(PLACES), orders(tree, 2 * PLACES - 2)
    for order in every:
        present = 0
        for place in order:
            found[place] += table[present | 1 << place] - table[present]
            present |= 1 << place
    return found / len(every)


def test_with_budget_enough_they_are_the_mean_over_all_orders(tree, table):
    parts = owen_values(tree, scores_in(table), empty=table[0], full=table[-1], budget=10_000)
    assert spread(parts, tree) == pytest.approx(exact(tree, table), abs=1e-12)


@pytest.mark.parametrize("budget", [0, 1, 2, 7, 20])
def test_whatever_the_budget_they_add_up_and_no_more_is_scored(tree, table, budget):
    asked = []
    parts = owen_values(tree, scores_in(table, asked), empty=table[0], full=table[-1], budget=budget)
    assert spread(parts, tree).sum() == pytest.approx(table[-1] - table[0])
    assert sum(asked) <= budget
    assert sum(asked) == budget - budget % 2


def test_what_is_not_split_is_shared_evenly(tree, table):
    values = spread(owen_values(tree, scores_in(table), empty=table[0], full=table[-1], budget=2), tree)
    first, second = (slice(tree.starts[child], tree.stops[child]) for child in tree.children[-1])
    alone = [np.zeros(PLACES, dtype=bool) for _ in range(2)]
    alone[0][first] = alone[1][second] = True
    with_first, with_second = scores_in(table)(np.stack(alone))
    worth = (with_first - table[0] + table[-1] - with_second) / 2
    assert values[first] == pytest.approx(worth / (first.stop - first.start))
    assert values.sum() == pytest.approx(table[-1] - table[0])


def test_the_part_that_is_worth_most_is_split_first(tree):
    counted = tree.children[-1][
        1
    ]  # the score is the number of this half's places, the other half is worth nothing
    inside = np.zeros(PLACES)
    inside[tree.starts[counted] : tree.stops[counted]] = 1.0
    seen = []

    def score(coalitions):
        seen.append(coalitions)
        return coalitions @ inside

    owen_values(tree, score, empty=0.0, full=inside.sum(), budget=4)
    other = tree.children[-1][0]
    for coalition in seen[1]:
        beside = coalition[tree.starts[other] : tree.stops[other]]
        assert beside.all() or not beside.any()


def test_within_an_undivided_region_all_shares_are_one(tree, table):
    parts = owen_values(tree, scores_in(table), empty=table[0], full=table[-1], budget=6)
    regions, values = regions_of(parts, tree), spread(parts, tree)
    assert regions[0] == 0
    assert set(np.diff(regions)) <= {0, 1}
    for region in range(regions.max() + 1):
        assert np.ptp(values[regions == region]) == pytest.approx(0, abs=1e-12)
    undivided = owen_values(tree, scores_in(table), empty=table[0], full=table[-1], budget=0)
    assert regions_of(undivided, tree).tolist() == [0] * PLACES
