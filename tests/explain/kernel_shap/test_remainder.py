"""Pairs beyond those that the process holds."""

import numpy as np
import pytest

from tests.explain.kernel_shap.games import drawn_game, looked_up
from xai_ad.explain.kernel_shap.estimators import process_values
from xai_ad.explain.kernel_shap.leverage import all_pairs, leverage_pairs
from xai_ad.explain.kernel_shap.optimal import choose_pairs
from xai_ad.explain.kernel_shap.remainder import regressed, shares_drawn


def test_the_regression_on_all_pairs_returns_the_values():
    scores, values = drawn_game(9, 0.4, np.random.default_rng(0))
    pairs = all_pairs(9)
    score = looked_up(scores, 9)
    total = scores[-1] - scores[0]
    # An equal share for everyone leaves a game whose values sum to zero.
    equal = (2 * pairs.sum(axis=1) - 9) * total / 18
    found, _ = regressed(pairs, (score(pairs) - score(~pairs)) / 2 - equal)
    assert found + total / 9 == pytest.approx(values, abs=1e-10)


def test_the_regressions_variances_are_those_of_its_errors():
    scores, values = drawn_game(12, 0.6, np.random.default_rng(1), share=1e6)
    score = looked_up(scores, 12)
    total = scores[-1] - scores[0]
    errors, claimed = [], []
    for seed in range(200):
        pairs = leverage_pairs(12, 120, rng=np.random.default_rng(seed))
        equal = (2 * pairs.sum(axis=1) - 12) * total / 24
        found, variances = regressed(pairs, (score(pairs) - score(~pairs)) / 2 - equal)
        errors.append(found + total / 12 - values)
        claimed.append(variances)
    assert np.mean(np.square(errors)) == pytest.approx(np.mean(claimed), rel=0.3)


def test_pairs_are_counted_of_more_players_than_a_float_has_coalitions_for():
    counts = np.zeros(551, dtype=np.int64)
    counts[1], counts[550] = 275, 9  # C(1100, 550) is above 10^308
    assert shares_drawn(counts, 1100)[[1, 549, 550]].tolist() == [0.25, 0.0, 0.0]


@pytest.mark.parametrize("rho", [0.1, 0.8])
def test_more_pairs_than_the_process_holds_make_it_better(rho):
    before, after = [], []
    for seed in range(12):
        scores, values = drawn_game(10, rho, np.random.default_rng(seed))
        score = looked_up(scores, 10)
        pairs = choose_pairs(10, 400, seed=seed)
        differences = (score(pairs) - score(~pairs)) / 2
        total = scores[-1] - scores[0]
        held = process_values(pairs[:60], differences[:60], total=total)
        both = process_values(pairs, differences, total=total, most=60)
        before.append(np.square(held.values - values).sum())
        after.append(np.square(both.values - values).sum())
        assert both.values.sum() == pytest.approx(total, abs=1e-8)
        assert (both.standard_errors < held.standard_errors).all()
    assert np.mean(after) < np.mean(before)
