"""KernelSHAP of an image."""

import numpy as np
import pytest

from tests.explain.kernel_shap.games import by_subsets
from xai_ad.errors import InvalidInputError
from xai_ad.explain import Fill, KernelShap
from xai_ad.explain.kernel_shap import Estimator, estimate_values
from xai_ad.explain.masking import MaskingGame
from xai_ad.explain.results import diagnostics


@pytest.mark.parametrize("fill", [Fill.AUTO, Fill.MEAN])
def test_the_explanation_is_the_masking_games_shapley_values(classifier, image, fill):
    found = KernelShap(budget=300, n_segments=6, fill=fill).explain(classifier, image)
    game = MaskingGame(classifier, image, n_segments=6, fill=fill)
    assert diagnostics(found)["exact"] is True
    assert 3 <= game.players <= 8

    def worth(coalition):
        return game.score(np.isin(np.arange(game.players), list(coalition))[None])[0]

    values = by_subsets(worth, game.players)
    assert found.by_segment.values == pytest.approx(values, rel=1e-3, abs=1e-7)
    assert not found.by_segment.standard_errors.any()
    assert np.array_equal(found.by_segment.low, found.by_segment.values)
    for segment, value in enumerate(values):
        inside = found.relevance[0][game.segments == segment]
        assert inside.sum(dtype=np.float64) == pytest.approx(value, rel=1e-3, abs=1e-7)
        assert np.ptp(inside) == 0
    assert found.baseline == game.empty
    assert abs(found.residual) < 1e-6 * max(found.score, found.baseline)


@pytest.mark.parametrize("estimator", Estimator)
def test_every_estimator_explains_within_its_budget_and_adds_up(classifier, image, estimator):
    found = KernelShap(budget=60, n_segments=14, estimator=estimator).explain(classifier, image)
    assert diagnostics(found)["estimator"] == estimator
    assert diagnostics(found)["exact"] is False
    assert found.evaluations <= 60
    assert abs(found.residual) < 1e-6 * max(found.score, found.baseline)


def test_intervals_lie_about_the_values_and_unsure_segments_are_counted(classifier, image):
    found = KernelShap(budget=60, n_segments=14).explain(classifier, image)
    by_segment = found.by_segment
    assert (by_segment.low < by_segment.values).all()
    assert (by_segment.values < by_segment.high).all()
    unsure = np.unique(by_segment.segments[by_segment.unsure_pixels])
    assert diagnostics(found)["unsure_segments"] == len(unsure)
    assert np.array_equal(unsure, np.flatnonzero(by_segment.unsure))


@pytest.mark.parametrize("budget", [8, 9, 16])
def test_the_smallest_budgets_give_an_explanation(classifier, image, budget):
    found = KernelShap(budget=budget, n_segments=30).explain(classifier, image)
    assert found.evaluations <= budget
    assert np.isfinite(found.relevance).all()
    assert (found.by_segment.standard_errors > 0).all()


@pytest.mark.parametrize("estimator", [Estimator.ODD_GP, Estimator.REGRESSION])
def test_two_segments_share_equally_where_the_budget_does_not_hold_their_four_coalitions(estimator):
    found = estimate_values(
        estimator,
        lambda coalitions: np.ones(len(coalitions)),
        players=2,
        empty=1.0,
        full=4.0,
        budget=3,
        seed=0,
    )
    assert found.values == pytest.approx([1.5, 1.5])
    assert not found.exact


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": 7}, r"'budget' of KernelShap must be an int in \[8, 100000\]. Got 7"),
        ({"budget": 10**6}, r"in \[8, 100000\]. Got 1000000"),
        ({"estimator": "lasso"}, "one of: odd_gp, regression, shap, shap_no_l1. Got 'lasso'"),
        ({"n_segments": 1}, "'n_segments' of KernelShap"),
        ({"seed": -1}, "'seed' of KernelShap"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(InvalidInputError, match=message):
        KernelShap(**options)
