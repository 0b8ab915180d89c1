"""The process's covariances, against its monomials written out."""

import numpy as np
import pytest

from tests.explain.kernel_shap.games import monomials, sets_of, value_of
from xai_ad.explain.kernel_shap.estimators import all_coalitions
from xai_ad.explain.kernel_shap.kernel import odd_kernel


@pytest.mark.parametrize("players", [3, 4, 6, 7])
@pytest.mark.parametrize("linear", [0.0, 5.0])
def test_covariances_are_sums_over_monomials(players, linear):
    rho = 0.3
    sets = sets_of(players, range(1, players + 1, 2))
    variances = np.array([rho ** len(members) if len(members) > 1 else 0.0 for members in sets])
    variances /= variances.sum()
    variances[:players] = linear / players
    coalitions = all_coalitions(players)
    features = monomials(coalitions, sets)
    values = value_of(sets, players)

    kernel = odd_kernel(players, rho=rho, linear=linear)
    assert kernel.between(coalitions, coalitions) == pytest.approx(
        features * variances @ features.T, abs=1e-12
    )
    assert kernel.with_values(coalitions) == pytest.approx(features * variances @ values, abs=1e-12)
    assert kernel.variance == pytest.approx((values[:, 0] ** 2) @ variances, rel=1e-12)


def test_many_players_are_tabulated_without_overflow():
    kernel = odd_kernel(900, rho=1.5 / 900)
    assert np.isfinite(kernel.pairs).all()
    assert np.isfinite(kernel.values).all()
    assert kernel.pairs[0] == pytest.approx(1)
