"""The stored designs, and how they are dealt out and continued."""

import numpy as np
import pytest

from tests.explain.kernel_shap.games import monomials, sets_of, value_of
from xai_ad.explain.kernel_shap.leverage import canonical, leverage_pairs
from xai_ad.explain.kernel_shap.optimal import (
    PLAYERS,
    choose_pairs,
    greedy_design,
    store_designs,
    stored_design,
    stored_pairs,
)


@pytest.mark.parametrize("players", [3, 4, 9, 10])
def test_a_stored_design_is_what_its_generator_makes(players):
    assert np.array_equal(stored_design(players), greedy_design(players, stored_pairs(players)))


def test_a_larger_design_begins_as_its_generator_begins():
    assert np.array_equal(stored_design(16)[:40], greedy_design(16, 40))


@pytest.mark.parametrize("players", PLAYERS)
def test_every_stored_design_is_of_distinct_pairs(players):
    design = stored_design(players)
    assert design.shape == (min(512, (2 ** (players - 1) - 1) // 2), players)
    assert len({row.tobytes() for row in canonical(design)}) == len(design)
    assert not {0, players} & set(design.sum(axis=1).tolist())


def test_designs_are_stored_as_they_are_read(tmp_path):
    store_designs(tmp_path / "designs.npz", range(3, 6))
    with np.load(tmp_path / "designs.npz") as stored:
        again = np.unpackbits(stored["5"], axis=1, count=5).astype(bool)
    assert np.array_equal(again, stored_design(5))


def summed_variance(pairs, players):
    """Return the values' summed posterior variance in the design's own process, by its monomials."""
    rho = 0.1
    sets = sets_of(players, range(1, players + 1, 2))
    prior = np.array([rho ** len(members) if len(members) > 1 else 0.0 for members in sets])
    prior /= prior.sum()
    prior[:players] = 1e4 / players
    seen = monomials(np.concatenate([pairs, np.ones((1, players), dtype=bool)]), sets)
    values = value_of(sets, players)
    covariance = seen * prior @ seen.T
    crossed = seen * prior @ values
    return np.trace(values.T * prior @ values - crossed.T @ np.linalg.solve(covariance, crossed))


def test_the_greedy_choice_lowers_the_variance_most():
    players, design = 6, greedy_design(6, 12)
    everything = leverage_pairs(players, 31, rng=np.random.default_rng(0))
    for taken in range(12):
        first = design[:taken]
        reached = summed_variance(design[: taken + 1], players)
        known = {row.tobytes() for row in canonical(first)}
        best = min(
            summed_variance(np.concatenate([first, pair[None]]), players)
            for pair in everything
            if pair.tobytes() not in known
        )
        assert reached <= best * (1 + 1e-6)


@pytest.mark.parametrize(
    ("count", "recorded", "times"), [(15, 2.5752, 2.9), (31, 0.40611, 3.4), (63, 0.054625, 5.2)]
)
def test_a_design_leaves_no_more_doubt_than_it_did_and_far_less_than_pairs_by_leverage(
    count, recorded, times
):
    sampled = [
        summed_variance(leverage_pairs(10, count, rng=np.random.default_rng(seed)), 10) for seed in range(9)
    ]
    reached = summed_variance(stored_design(10)[:count], 10)
    assert reached <= recorded * (1 + 1e-4)
    assert reached * times < np.median(sampled)


@pytest.mark.parametrize("players", [3, 5, 8, 13, 31, 64, 70])
@pytest.mark.parametrize("count", [2, 3, 40, 700])
def test_chosen_pairs_are_distinct_and_as_many_as_asked_for(players, count):
    pairs = choose_pairs(players, count, seed=1)
    assert len({row.tobytes() for row in canonical(pairs)}) == len(pairs)
    assert len(pairs) == min(count, 2 ** (players - 1) - 1)
    assert not {0, players} & set(pairs.sum(axis=1).tolist())


def test_a_seed_deals_the_players_out_anew_and_always_alike():
    pairs = choose_pairs(12, 50, seed=4)
    assert np.array_equal(pairs, choose_pairs(12, 50, seed=4))
    assert not np.array_equal(pairs, choose_pairs(12, 50, seed=5))
    assert np.array_equal(pairs.sum(axis=1), choose_pairs(12, 50, seed=5).sum(axis=1))


def test_a_larger_budget_continues_a_smaller_one():
    assert np.array_equal(choose_pairs(20, 300, seed=2)[:80], choose_pairs(20, 80, seed=2))
