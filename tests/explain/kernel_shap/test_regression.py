"""The paired regression, against games whose values are known."""

import numpy as np
import pytest

from tests.explain.kernel_shap.games import additive, by_subsets, table, unanimity
from xai_ad.explain.kernel_shap.regression import choose_coalitions, shapley_values


def estimate(game, players, budget, seed=0):
    design = choose_coalitions(players, budget, seed=seed)
    scores = np.array([game(set(np.flatnonzero(coalition).tolist())) for coalition in design.coalitions])
    return shapley_values(design, scores, empty=game(set()), full=game(set(range(players))))


@pytest.mark.parametrize("kind", [additive, unanimity, table])
@pytest.mark.parametrize("players", [1, 2, 3, 6, 8])
def test_values_are_exact_where_the_budget_holds_every_coalition(kind, players):
    game = kind(players)
    assert choose_coalitions(players, 2**players, seed=0).exact
    assert estimate(game, players, 2**players) == pytest.approx(by_subsets(game, players), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_an_additive_game_is_returned_exactly_from_few_coalitions(seed):
    game = additive(9)
    assert estimate(game, 9, 40, seed) == pytest.approx(by_subsets(game, 9), abs=1e-10)


def test_pairs_are_blind_to_games_that_are_even():
    # A game of pairwise terms only: after pairing, its even part is gone and the linear part is found exactly.
    strengths = np.random.default_rng(4).normal(size=(8, 8))

    def game(coalition):
        signs = np.array([1.0 if player in coalition else -1.0 for player in range(8)])
        return signs @ strengths @ signs + signs.sum()

    assert estimate(game, 8, 60) == pytest.approx(by_subsets(game, 8), abs=1e-10)


def test_estimates_come_nearer_with_the_budget():
    game, truth = table(8), by_subsets(table(8), 8)

    def error(budget):
        return np.mean([np.square(estimate(game, 8, budget, seed) - truth).sum() for seed in range(20)])

    assert error(200) < error(100) / 2 < error(40) / 4


@pytest.mark.parametrize("players", [2, 3, 5, 8, 13, 31])
@pytest.mark.parametrize("budget", [8, 9, 40, 200, 512])
def test_a_design_is_paired_without_repeats_and_within_its_budget(players, budget):
    design = choose_coalitions(players, budget, seed=1)
    rows = {coalition.tobytes() for coalition in design.coalitions}
    assert len(rows) == len(design.coalitions) <= budget - 2
    assert len(design.coalitions) >= min(budget - 3, 2**players - 2)
    assert all((~coalition).tobytes() in rows for coalition in design.coalitions)
    assert not {0, players} & set(design.coalitions.sum(axis=1).tolist())
    assert design.weights.sum() == pytest.approx(1)
    assert (design.weights > 0).all()


def test_sizes_are_drawn_by_kernel_weight():
    players, drawn = 20, np.zeros(21)
    for seed in range(60):
        design = choose_coalitions(players, 102, seed=seed)
        sizes = design.coalitions.sum(axis=1)
        drawn += np.bincount(sizes, weights=design.weights, minlength=21) / 60
    expected = np.array([0, *(1 / (size * (20 - size)) for size in range(1, 20)), 0])
    assert drawn == pytest.approx(expected / expected.sum(), abs=4e-3)


def test_underdetermined_values_still_add_up_and_favour_nobody():
    values = estimate(lambda coalition: float(len(coalition) == 12), 12, 8)
    assert values == pytest.approx(np.full(12, 1 / 12), abs=0.5)
    assert values.sum() == pytest.approx(1, abs=1e-12)
