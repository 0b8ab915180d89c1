"""Estimators on games whose values are known, at equal evaluations."""

import numpy as np
import pytest

from tests.benchmarks.games import additive, nearly_additive
from xai_ad.benchmarks import shapley_games
from xai_ad.benchmarks.shapley_games import known_game, play
from xai_ad.benchmarks.shapley_tables import masked_score
from xai_ad.errors import BenchmarkError
from xai_ad.explain import Fill
from xai_ad.explain.kernel_shap import Estimator
from xai_ad.explain.kernel_shap.enumeration import all_coalitions, exact_values


@pytest.mark.parametrize("estimator", set(Estimator) - {Estimator.SHAP})
def test_an_additive_games_values_are_found_by_whoever_keeps_all_players(estimator):
    game = additive(12)
    assert game.values == pytest.approx(np.arange(1.0, 13.0))
    found, _ = play(estimator, game, budget=64, seed=0)
    assert found.values == pytest.approx(game.values, abs=1e-6)


def test_shaps_default_keeps_ten_players():
    found, _ = play(Estimator.SHAP, additive(12), budget=64, seed=0)
    assert np.count_nonzero(found.values) <= 10


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("budget", [32, 128, 512])
def test_every_estimator_scores_as_many_coalitions_the_full_and_the_empty_one_counted(estimator, budget):
    _, scored = play(estimator, nearly_additive(14), budget=budget, seed=1)
    assert scored == budget


def test_an_estimator_that_spends_more_is_compared_with_nothing(monkeypatch):
    estimate = shapley_games.estimate_values

    def spendthrift(estimator, score, *, budget, **rest):
        return estimate(estimator, score, budget=budget + 2, **rest)

    monkeypatch.setattr(shapley_games, "estimate_values", spendthrift)
    with pytest.raises(BenchmarkError, match="odd_gp scored 34 coalitions of a budget of 32"):
        play(Estimator.ODD_GP, nearly_additive(12), budget=32, seed=0)


def test_up_to_some_players_values_are_exact(case):
    game = known_game(case, players=3, fill=Fill.MEAN)
    network, _ = masked_score(case, players=3, fill=Fill.MEAN)
    coalitions = all_coalitions(3)
    assert game.values == pytest.approx(exact_values(coalitions, network(coalitions)), rel=1e-6)
    assert game.values_error == 0
    assert game.values.sum() == pytest.approx(game.full - game.empty)


def test_for_more_players_they_are_the_mean_of_two_regressions_that_say_how_far_they_are_apart(
    case, monkeypatch, own_home
):
    monkeypatch.setattr(shapley_games, "MOST_PLAYERS", 4)
    monkeypatch.setattr(shapley_games, "REFERENCE_BUDGET", 20)
    game = known_game(case, players=5, fill=Fill.MEAN)
    network, _ = masked_score(case, players=5, fill=Fill.MEAN)
    coalitions = all_coalitions(5)
    exact = exact_values(coalitions, network(coalitions))
    halves = np.load(next(own_home.rglob("values-*.npy")))
    assert game.values == pytest.approx(halves.mean(axis=0), rel=1e-12)
    assert game.values == pytest.approx(exact, abs=0.3 * np.abs(exact).max())
    difference = np.square(halves[0] - halves[1]).sum() / 4
    assert game.values_error == pytest.approx(difference / np.square(game.values).sum())
    assert game.values_error > 0
    kept = known_game(case, players=5, fill=Fill.MEAN)
    assert kept.values.tolist() == game.values.tolist()


def test_with_budget_for_all_coalitions_the_two_regressions_agree(case, monkeypatch):
    monkeypatch.setattr(shapley_games, "MOST_PLAYERS", 2)
    exact = known_game(case, players=3, fill=Fill.MEAN)
    assert exact.values_error == pytest.approx(0, abs=1e-20)
