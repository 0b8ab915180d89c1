"""Conformal p-values and what is flagged by them, against enumeration, the definition word by word, and SciPy."""

import itertools

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.conformal import discoveries, fewest_discoveries, p_values


def test_a_p_value_counts_the_normal_scores_at_least_as_high():
    rng = np.random.default_rng(0)
    scores, normals = rng.integers(0, 9, 50) / 4, rng.integers(0, 9, 20) / 4  # with many ties
    expected = [(1 + sum(normal >= score for normal in normals)) / 21 for score in scores]
    assert p_values(scores, normals).tolist() == expected


def test_of_all_orders_no_more_than_alpha_have_a_p_value_of_at_most_alpha():
    """Exactly as many: whichever of five exchangeable scores is the new one."""
    found = [
        float(p_values(np.array([new]), np.array(normals))[0])
        for new, *normals in itertools.permutations([1.0, 2.0, 3.0, 4.0, 5.0])
    ]
    for rank in range(1, 6):
        assert np.mean(np.array(found) <= rank / 5) == rank / 5


def test_without_normal_scores_there_is_no_p_value():
    with pytest.raises(InvalidInputError, match="at least one normal score"):
        p_values(np.array([1.0]), np.array([]))


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_flagged_is_what_the_definition_and_scipy_flag(seed, rate):
    rng = np.random.default_rng(seed)
    values = np.round(rng.beta(0.3, 1.0, 30), 2).clip(0.01, 1)  # with ties
    k = max((k for k in range(1, 31) if sorted(values)[k - 1] <= k / 30 * rate), default=0)
    chosen = discoveries(values, rate)
    assert chosen.sum() >= k
    assert sorted(values[chosen]) == sorted(values)[: chosen.sum()]
    assert chosen.tolist() == (false_discovery_control(values) <= rate + 1e-12).tolist()


def test_on_average_no_more_than_the_rate_of_those_flagged_are_normal():
    rng, shares = np.random.default_rng(3), []
    for _ in range(400):
        normals, good, bad = rng.normal(size=60), rng.normal(size=20), rng.normal(3, 1, 10)
        flags = discoveries(p_values(np.concatenate([good, bad]), normals), 0.2)
        shares.append(flags[:20].sum() / max(flags.sum(), 1))
    assert 0.08 < np.mean(shares) <= 0.2 * 20 / 30 + 0.015


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_a_rate_is_a_share(rate):
    with pytest.raises(InvalidInputError, match=r"between 0 and 1\. Got"):
        discoveries(np.array([0.5]), rate)


def test_of_nothing_nothing_is_flagged():
    assert discoveries(np.array([]), 0.1).tolist() == []


@pytest.mark.parametrize(("normals", "rate"), [(9, 0.1), (8, 0.1), (99, 0.05), (30, 0.3)])
def test_so_many_of_the_least_p_values_are_flagged_and_no_fewer(normals, rate):
    least = 1 / (normals + 1)
    flagged = [
        discoveries(np.where(np.arange(20) < count, least, 1.0), rate).sum() == count
        for count in range(1, 21)
    ]
    expected = flagged.index(True) + 1 if any(flagged) else 21
    assert fewest_discoveries(20, normals, rate) == expected
