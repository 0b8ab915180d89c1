"""What a limit promises, held against chance itself."""

import numpy as np
import pytest

from xai_ad.training.calibration import quantile_rank, quantile_threshold
from xai_ad.training.promises import Promise, false_alarms, offered


@pytest.mark.parametrize("promise", [each for each in Promise if each.quantile is not None])
def test_a_promise_is_offered_exactly_where_its_quantile_can_be_taken(promise):
    quantile_rank(promise.needs, promise.quantile)
    with pytest.raises(ValueError, match="allow"):
        quantile_rank(promise.needs - 1, promise.quantile)
    assert promise in offered(promise.needs)
    assert promise not in offered(promise.needs - 1)


def test_nothing_but_balance_is_offered_for_few():
    assert offered(1) == (Promise.BALANCED,)
    assert offered(10**6) == tuple(Promise)


@pytest.mark.parametrize(("count", "quantile"), [(19, 0.95), (99, 0.99), (150, 0.9)])
def test_the_share_of_false_alarms_is_what_new_pictures_show(count, quantile):
    rng = np.random.default_rng(5)
    scores = rng.random((4000, count))  # of uniform scores, what lies above a limit is 1 less it
    shares = np.array([1 - quantile_threshold(row, quantile) for row in scores])
    found = false_alarms(count, quantile)
    assert found.expected == pytest.approx(shares.mean(), abs=3 * shares.std() / 4000**0.5)
    assert (shares < found.low).mean() == pytest.approx(0.05, abs=0.012)
    assert (shares > found.high).mean() == pytest.approx(0.05, abs=0.012)
    assert found.expected <= 1 - quantile + 1e-12


def test_a_quantile_that_is_too_large_is_taken_as_the_largest():
    assert false_alarms(4, 0.99).expected == pytest.approx(1 / 5)
