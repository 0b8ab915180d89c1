"""KernelSHAP against Shapley values by their definition."""

import itertools
import math
import warnings

import numpy as np
import pytest

from xai_ad.explain import Fill, KernelShap
from xai_ad.explain.kernel_shap import choose_coalitions, shapley_values
from xai_ad.explain.masking import MaskingGame


def by_subsets(game, players):
    """Return each player's mean marginal contribution, weighted over all subsets of the others."""
    values = np.zeros(players)
    for player in range(players):
        others = [other for other in range(players) if other != player]
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for subset in itertools.combinations(others, size):
                values[player] += weight * (game({*subset, player}) - game(set(subset)))
    return values


def estimate(game, players, budget, seed=0):
    design = choose_coalitions(players, budget, seed=seed)
    scores = np.array([game(set(np.flatnonzero(coalition).tolist())) for coalition in design.coalitions])
    return shapley_values(design, scores, empty=game(set()), full=game(set(range(players))))


def additive(players):
    worths = np.random.default_rng(1).normal(size=players)
    return lambda coalition: 3.0 + sum(worths[player] for player in coalition)


def unanimity(players):
    needed = set(range(0, players, 2))
    return lambda coalition: float(needed <= coalition)


def table(players):
    drawn = np.random.default_rng(2).normal(size=2**players)
    return lambda coalition: drawn[sum(2**player for player in coalition)]


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


def test_estimates_agree_with_the_library_shap():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's colour maps use what matplotlib is about to drop
        import shap

    players, game = 6, table(6)

    def play(rows):
        return np.array([game(set(np.flatnonzero(row).tolist())) for row in rows])

    explainer = shap.KernelExplainer(play, np.zeros((1, players)))
    theirs = explainer.shap_values(np.ones((1, players)), nsamples=1000, l1_reg=0, silent=True)[0]
    assert estimate(game, players, 64) == pytest.approx(theirs, abs=1e-8)


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


@pytest.mark.parametrize("fill", [Fill.AUTO, Fill.MEAN])
def test_the_explanation_is_the_masking_games_shapley_values(classifier, image, fill):
    found = KernelShap(budget=300, n_segments=6, fill=fill).explain(classifier, image)
    game = MaskingGame(classifier, image, n_segments=6, fill=fill)
    assert found.diagnostics["exact"] is True
    assert 3 <= game.players <= 8

    def worth(coalition):
        return game.score(np.isin(np.arange(game.players), list(coalition))[None])[0]

    for segment, value in enumerate(by_subsets(worth, game.players)):
        inside = found.relevance[game.segments == segment]
        assert inside.sum(dtype=np.float64) == pytest.approx(value, rel=1e-3, abs=1e-7)
        assert np.ptp(inside) == 0
    assert found.baseline == game.empty
    assert abs(found.residual) < 1e-6 * max(found.score, found.baseline)
