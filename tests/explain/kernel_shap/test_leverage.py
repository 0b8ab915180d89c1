"""Pairs sampled by leverage."""

import numpy as np
import pytest

from xai_ad.explain.kernel_shap.leverage import all_pairs, canonical, leverage_pairs


def names(pairs):
    return {row.tobytes() for row in canonical(pairs)}


@pytest.mark.parametrize("players", [2, 3, 5, 12, 17, 18, 40, 90])
def test_pairs_are_distinct_and_never_the_grand_one(players):
    pairs = leverage_pairs(players, 300, rng=np.random.default_rng(0))
    assert len(names(pairs)) == len(pairs) == min(300, 2 ** (players - 1) - 1)
    assert not {0, players} & set(pairs.sum(axis=1).tolist())


@pytest.mark.parametrize("players", [9, 24])
def test_pairs_known_already_are_not_drawn_again_whichever_side_of_them_is_given(players):
    known = leverage_pairs(players, 100, rng=np.random.default_rng(1))
    flipped = np.where(np.arange(100)[:, None] % 2 == 0, known, ~known)
    more = leverage_pairs(players, 150, rng=np.random.default_rng(1), without=flipped)
    assert len(more) == 150
    assert not names(more) & names(known)


def test_all_pairs_are_there_once():
    pairs = all_pairs(6)
    assert len(names(pairs)) == len(pairs) == 31


@pytest.mark.parametrize("players", [17, 41])
def test_sizes_that_have_enough_pairs_are_drawn_alike(players):
    counts = np.zeros(players // 2 + 1)
    for seed in range(20):
        sizes = leverage_pairs(players, 200, rng=np.random.default_rng(seed)).sum(axis=1)
        counts += np.bincount(np.minimum(sizes, players - sizes), minlength=players // 2 + 1)
    plentiful = counts[4:]
    # 20 x 200 pairs, a few hundred of each size: a size's share errs by some 6 %.
    assert plentiful == pytest.approx(np.full(len(plentiful), plentiful.mean()), rel=0.2)


def test_players_are_in_it_about_equally_often():
    pairs = leverage_pairs(30, 3000, rng=np.random.default_rng(3))
    # As signs towards player 0: no player keeps company with another.
    signs = np.where(pairs, 1.0, -1.0)
    small = signs * np.where(pairs.sum(axis=1) <= 15, 1.0, -1.0)[:, None]
    shares = (small > 0).mean(axis=0)
    assert np.ptp(shares) < 0.03
