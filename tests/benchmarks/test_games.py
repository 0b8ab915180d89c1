"""Estimators on games whose values are known, at equal evaluations."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.benchmarks.games import additive, by_orders, members, nearly_additive, table
from xai_ad.benchmarks import games
from xai_ad.benchmarks.games import kept, known_game, named_game, play
from xai_ad.explain import Fill
from xai_ad.explain.kernel_shap import Estimator
from xai_ad.explain.kernel_shap.estimators import all_coalitions, exact_values
from xai_ad.explain.masking import MaskedScore
from xai_ad.explain.segments import Slic


@pytest.mark.parametrize("estimator", [one for one in Estimator if one is not Estimator.SHAP])
def test_an_additive_games_values_are_found_by_whoever_keeps_all_players(estimator):
    game = additive(12)
    assert game.values == pytest.approx(np.arange(1.0, 13.0))
    found = play(estimator, game, budget=64, seed=0)
    assert found.values == pytest.approx(game.values, abs=1e-6)


def test_shaps_default_keeps_ten_players():
    found = play(Estimator.SHAP, additive(12), budget=64, seed=0)
    assert np.count_nonzero(found.values) <= 10


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("budget", [32, 128, 512])
def test_every_estimator_scores_as_many_coalitions_the_full_and_the_empty_one_counted(estimator, budget):
    game, scored = nearly_additive(14), {bytes(14), bytes([1] * 14)}

    def counted(coalitions):
        scored.update(coalition.tobytes() for coalition in coalitions)
        return game.score(coalitions)

    play(estimator, replace(game, score=counted), budget=budget, seed=1)
    assert len(scored) == budget


def test_up_to_some_players_values_are_exact(case):
    game = known_game(case, players=3, fill=Fill.MEAN)
    network, _ = named_game(case, players=3, fill=Fill.MEAN)
    coalitions = all_coalitions(3)
    assert game.values == pytest.approx(exact_values(coalitions, network.score(coalitions)), rel=1e-6)
    assert game.values_error == 0
    assert game.values.sum() == pytest.approx(game.full - game.empty)


def test_for_more_players_they_are_the_mean_of_two_regressions_that_say_how_far_they_are_apart(
    case, monkeypatch, own_home
):
    monkeypatch.setattr(games, "MOST_PLAYERS", 4)
    monkeypatch.setattr(games, "REFERENCE_BUDGET", 20)
    game = known_game(case, players=5, fill=Fill.MEAN)
    network, _ = named_game(case, players=5, fill=Fill.MEAN)
    coalitions = all_coalitions(5)
    exact = exact_values(coalitions, network.score(coalitions))
    halves = np.load(next(own_home.rglob("values-*.npy")))
    assert game.values == pytest.approx(halves.mean(axis=0), rel=1e-12)
    assert game.values == pytest.approx(exact, abs=0.3 * np.abs(exact).max())
    difference = np.square(halves[0] - halves[1]).sum() / 4
    assert game.values_error == pytest.approx(difference / np.square(game.values).sum())
    assert game.values_error > 0
    again = known_game(case, players=5, fill=Fill.MEAN)
    assert again.values.tolist() == game.values.tolist()


def test_with_budget_for_all_coalitions_the_two_regressions_agree(case, monkeypatch):
    monkeypatch.setattr(games, "MOST_PLAYERS", 2)
    exact = known_game(case, players=3, fill=Fill.MEAN)
    assert exact.values_error == pytest.approx(0, abs=1e-20)


PLAYERS = 3


def unanimity(present):
    return float({0, 2} <= present)


def random_worth(present):
    return float(np.random.default_rng(sum(2**player for player in present)).normal())


@pytest.mark.parametrize("worth", [unanimity, random_worth])
def test_values_are_the_marginal_contributions_averaged_over_all_orders(worth):
    assert table(worth, 5).values == pytest.approx(by_orders(worth, 5), abs=1e-12)


def test_a_coalition_is_found_by_its_members():
    game = table(random_worth, 4)
    coalitions = np.array([[True, False, True, True], [False, True, False, False]])
    assert game.score(coalitions).tolist() == [random_worth({0, 2, 3}), random_worth({1})]
    assert (game.empty, game.full) == (random_worth(set()), random_worth({0, 1, 2, 3}))


@pytest.fixture
def forwards(monkeypatch):
    """Count the coalitions that are scored by a network."""
    seen = []
    score = MaskedScore.__call__

    def counted(self, coalitions, *rest):
        seen.append(len(coalitions))
        return score(self, coalitions, *rest)

    monkeypatch.setattr(MaskedScore, "__call__", counted)
    return seen


def test_a_table_holds_what_the_classifier_makes_of_each_coalition(case):
    game = known_game(case, players=PLAYERS, fill=Fill.MEAN)
    classifier, image = case.load()
    segments = torch.from_numpy(Slic(n_segments=PLAYERS)(image))
    colour = image.mean(dim=(1, 2), keepdim=True).expand_as(image)
    for index in range(2**PLAYERS):
        kept = torch.isin(segments, torch.tensor(sorted(members(index, PLAYERS)), dtype=torch.int64))
        alone = float(classifier(torch.where(kept, image, colour)[None])[0])
        assert game.score(all_coalitions(PLAYERS))[index] == pytest.approx(alone, rel=1e-5)


def test_a_table_is_paid_for_once_and_kept_outside_the_project(case, forwards, own_home):
    first = known_game(case, players=PLAYERS, fill=Fill.MEAN)
    again = known_game(case, players=PLAYERS, fill=Fill.MEAN)
    assert forwards == [2**PLAYERS]
    assert again.values.tolist() == first.values.tolist()
    assert [path.parent for path in own_home.rglob("*.npy")] == [own_home / "benchmarks"]


def test_another_fill_or_cut_is_another_game(case, forwards):
    known_game(case, players=PLAYERS, fill=Fill.MEAN)
    known_game(case, players=PLAYERS, fill=Fill.BLACK)
    known_game(case, players=2, fill=Fill.MEAN)
    assert forwards == [8, 8, 4]


@pytest.mark.parametrize("damaged", [b"", b"no array", b"\x93NUMPY"])
def test_a_damaged_table_is_made_anew(case, forwards, own_home, damaged):
    whole = known_game(case, players=PLAYERS, fill=Fill.MEAN)
    next(own_home.rglob("*.npy")).write_bytes(damaged)
    assert known_game(case, players=PLAYERS, fill=Fill.MEAN).values.tolist() == whole.values.tolist()
    assert forwards == [8, 8]


@pytest.mark.parametrize("other", [[1.0, np.nan], [1.0, 2.0, 3.0]])
def test_an_array_of_another_shape_or_with_gaps_is_not_taken(other):
    kept("some", (len(other),), lambda: np.array(other))
    assert kept("some", (2,), lambda: np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
    assert kept("some", (2,), lambda: np.array([5.0, 6.0])).tolist() == [1.0, 2.0]
