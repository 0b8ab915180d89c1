"""The shap library on the same game."""

import warnings

import numpy as np
import pytest

from tests.explain.kernel_shap.games import additive, by_subsets, scorer, table
from xai_ad.explain.kernel_shap import Estimator, estimate_values
from xai_ad.explain.kernel_shap.library import library_values


def noting(game, seen):
    def score(coalitions):
        seen.update(row.tobytes() for row in coalitions)
        return scorer(game)(coalitions)

    return score


def estimate(estimator, game, players, budget, *, seen=None, seed=0):
    score = scorer(game) if seen is None else noting(game, seen)
    ends = {"empty": game(set()), "full": game(set(range(players)))}
    return estimate_values(estimator, score, players=players, budget=budget, seed=seed, **ends)


@pytest.mark.parametrize("ours", [Estimator.ODD_GP, Estimator.REGRESSION])
@pytest.mark.parametrize("players", [3, 6, 7])
def test_ours_agree_with_the_library_where_all_coalitions_fit(ours, players):
    theirs = estimate(Estimator.SHAP_NO_L1, table(players), players, 2**players)
    found = estimate(ours, table(players), players, 2**players)
    assert found.exact
    assert theirs.exact
    assert found.values == pytest.approx(theirs.values, abs=1e-8)
    assert found.values == pytest.approx(by_subsets(table(players), players), abs=1e-12)


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize(("players", "budget"), [(2, 6), (3, 6), (11, 40), (11, 41), (14, 128)])
def test_every_estimator_spends_its_budget_and_no_more(estimator, players, budget):
    seen = {np.zeros(players, dtype=bool).tobytes(), np.ones(players, dtype=bool).tobytes()}
    found = estimate(estimator, table(players), players, budget, seen=seen)
    assert len(seen) <= min(budget, 2**players)
    assert len(seen) >= min(budget - 1, 2**players)
    assert found.values.shape == (players,)
    assert np.isfinite(found.values).all()
    assert found.exact == (2**players <= budget)


def test_the_librarys_default_keeps_ten_segments_and_its_other_form_all():
    default = estimate(Estimator.SHAP, additive(13), 13, 120)
    assert np.count_nonzero(default.values) == 10
    assert default.standard_errors is None
    everything = estimate(Estimator.SHAP_NO_L1, additive(13), 13, 120)
    assert everything.values == pytest.approx(by_singles(additive(13), 13), abs=1e-9)


def by_singles(game, players):
    return [game({player}) - game(set()) for player in range(players)]


def test_a_seed_decides_what_the_library_draws_and_global_numbers_stay():
    np.random.seed(5)  # noqa: NPY002  # the state that the library uses
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = estimate(Estimator.SHAP_NO_L1, table(11), 11, 100, seed=1)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(6)  # noqa: NPY002
    assert np.array_equal(first.values, estimate(Estimator.SHAP_NO_L1, table(11), 11, 100, seed=1).values)
    assert not np.array_equal(first.values, estimate(Estimator.SHAP_NO_L1, table(11), 11, 100, seed=2).values)


def test_what_another_thread_says_of_warnings_meanwhile_stays():
    def score(coalitions):
        warnings.filterwarnings("ignore", message="said meanwhile")
        return coalitions.sum(axis=1).astype(float)

    library_values(score, players=20, budget=64, seed=0, options={})
    assert any(rule[1] is not None and rule[1].pattern == "said meanwhile" for rule in warnings.filters)
