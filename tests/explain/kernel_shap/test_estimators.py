"""Shapley values from all coalitions, against their definition."""

import numpy as np
import pytest

from tests.explain.kernel_shap.games import additive, by_subsets, scorer, table, unanimity
from xai_ad.explain.kernel_shap.estimators import all_coalitions, exact_values


@pytest.mark.parametrize("kind", [additive, unanimity, table])
@pytest.mark.parametrize("players", [1, 2, 3, 6, 8])
def test_values_are_the_mean_marginal_contributions(kind, players):
    game = kind(players)
    coalitions = all_coalitions(players)
    values = exact_values(coalitions, scorer(game)(coalitions))
    assert values == pytest.approx(by_subsets(game, players), abs=1e-12)


def test_the_order_of_the_coalitions_does_not_matter():
    coalitions = all_coalitions(6)
    scores = scorer(table(6))(coalitions)
    order = np.random.default_rng(0).permutation(64)
    assert exact_values(coalitions[order], scores[order]) == pytest.approx(
        exact_values(coalitions, scores), abs=1e-12
    )


def test_every_coalition_is_there_once():
    assert len(np.unique(all_coalitions(5), axis=0)) == 32
