"""The odd process's posterior, against the same regression on explicit monomials and against games drawn from it."""

import numpy as np
import pytest
from scipy.special import stdtrit

from tests.explain.kernel_shap.games import (
    additive,
    by_subsets,
    drawn_game,
    looked_up,
    monomials,
    scorer,
    sets_of,
    value_of,
)
from xai_ad.explain.choices import Estimator
from xai_ad.explain.kernel_shap.estimators import CALIBRATION, estimate_values, process_values
from xai_ad.explain.kernel_shap.kernel import SPREAD
from xai_ad.explain.kernel_shap.odd_gp import INTERACTIONS, JITTER, PRIOR_WEIGHT, posterior
from xai_ad.explain.kernel_shap.optimal import choose_pairs


def observed(score, pairs):
    return (score(pairs) - score(~pairs)) / 2


def literal(pairs, differences, total):
    """Return values, variances and freedom by weighted least squares on all odd monomials, in their own words."""
    players = pairs.shape[1]
    single, more = sets_of(players, [1]), sets_of(players, range(3, players + 1, 2))
    prior = np.array([(SPREAD / players) ** len(members) for members in more])
    prior /= prior.sum()
    seen = np.concatenate([pairs, np.ones((1, players), dtype=bool)])
    differences = np.append(differences, total / 2)
    linear, interactions = monomials(seen, single), monomials(seen, more)
    noise = np.diag([JITTER] * len(pairs) + [0.0])
    covariance = interactions * prior @ interactions.T + noise
    weight = np.linalg.inv(covariance)
    precision = linear.T @ weight @ linear
    effects = np.linalg.solve(precision, linear.T @ weight @ differences)
    rest = differences - linear @ effects
    # Each coefficient given the scores, and what the values are of the coefficients.
    gain = (prior[:, None] * interactions.T) @ weight  # (T, N)
    to_values = value_of(more, players)
    values = value_of(single, players).T @ effects + to_values.T @ gain @ rest
    of_more = np.diag(prior) - gain @ interactions * prior
    through = value_of(single, players).T - to_values.T @ gain @ linear
    covariances = to_values.T @ of_more @ to_values + through @ np.linalg.solve(precision, through.T)
    freedom = len(seen) - players
    expected = PRIOR_WEIGHT * INTERACTIONS * np.mean(differences[:-1] ** 2)
    scale = (expected + rest @ weight @ rest) / (PRIOR_WEIGHT + freedom)
    return values, scale * np.diag(covariances), PRIOR_WEIGHT + freedom


@pytest.mark.parametrize(("players", "count"), [(4, 5), (5, 9), (6, 12), (7, 40), (8, 30)])
def test_the_posterior_is_the_regression_on_all_odd_monomials(players, count):
    score = looked_up(np.random.default_rng(0).normal(size=2**players), players)
    pairs = choose_pairs(players, count, seed=0)
    total = 0.7
    found = posterior(pairs, observed(score, pairs), total=total)
    values, variances, freedom = literal(pairs, observed(score, pairs), total)
    assert found.values == pytest.approx(values, rel=1e-5, abs=1e-6)
    assert found.variances == pytest.approx(variances, rel=1e-5, abs=1e-7)
    assert found.freedom == freedom


@pytest.mark.parametrize(("players", "count"), [(3, 2), (9, 3), (9, 20), (50, 10), (50, 255), (80, 100)])
def test_values_add_up_whatever_the_scores_are(players, count):
    pairs = choose_pairs(players, count, seed=0)
    differences = np.random.default_rng(1).normal(size=len(pairs))
    assert posterior(pairs, differences, total=4.2).values.sum() == pytest.approx(4.2, abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("players", "budget"), [(9, 24), (9, 300), (30, 70)])
def test_an_additive_game_is_returned_exactly_from_few_coalitions(players, budget, seed):
    game = additive(players)
    ends = {"empty": game(set()), "full": game(set(range(players)))}
    found = estimate_values(Estimator.ODD_GP, scorer(game), players=players, budget=budget, seed=seed, **ends)
    worths = [game({player}) - game(set()) for player in range(players)]
    assert found.values == pytest.approx(worths, abs=1e-9)


def test_even_games_are_invisible():
    strengths = np.random.default_rng(4).normal(size=(8, 8))

    def game(coalition):
        signs = np.array([1.0 if player in coalition else -1.0 for player in range(8)])
        return signs @ strengths @ signs + signs.sum()

    ends = {"empty": game(set()), "full": game(set(range(8)))}
    found = estimate_values(Estimator.ODD_GP, scorer(game), players=8, budget=40, seed=0, **ends)
    assert found.values == pytest.approx(by_subsets(game, 8), abs=1e-9)


def test_a_predicted_pair_is_what_the_process_would_have_seen():
    score = looked_up(drawn_game(8, SPREAD / 8, np.random.default_rng(0))[0], 8)
    pairs = choose_pairs(8, 100, seed=0)
    total = float(2 * observed(score, np.ones((1, 8), dtype=bool))[0])
    found = posterior(pairs[:90], observed(score, pairs[:90]), total=total)
    assert found.predict(pairs[:90]) == pytest.approx(observed(score, pairs[:90]), abs=1e-5)
    # To see what one expects is no news.
    expected = np.concatenate([observed(score, pairs[:90]), found.predict(pairs[90:])])
    assert posterior(pairs, expected, total=total).values == pytest.approx(found.values, abs=1e-6)


@pytest.mark.parametrize("budget", [24, 32, 64, 128, 256])
def test_intervals_hold_the_values_of_games_drawn_from_the_process_as_often_as_they_say(budget):
    players, games = 9, 200
    rng = np.random.default_rng(budget)
    held = []
    for seed in range(games):
        # As strong as the process expects interactions to be, and as uncertain of it.
        strength = np.sqrt(PRIOR_WEIGHT / rng.chisquare(PRIOR_WEIGHT))
        scores, values = drawn_game(players, SPREAD / players, rng, share=INTERACTIONS, interactions=strength)
        pairs = choose_pairs(players, budget // 2 - 1, seed=seed)
        found = posterior(pairs, observed(looked_up(scores, players), pairs), total=scores[-1] - scores[0])
        reach = stdtrit(found.freedom, 0.95) * np.sqrt(found.variances)
        held.append(np.abs(found.values - values) <= reach)
    # A game's values are held together or missed together: the mean's standard error is that of the games' shares.
    shares = np.mean(held, axis=1)
    assert abs(shares.mean() - 0.9) < 3 * shares.std() / np.sqrt(games)


def test_standard_errors_and_intervals_are_the_posteriors_shortened_by_what_calibration_showed():
    pairs = choose_pairs(9, 20, seed=0)
    differences = np.random.default_rng(0).normal(size=20)
    bare = posterior(pairs, differences, total=1.0)
    found = process_values(pairs, differences, total=1.0)
    assert found.standard_errors == pytest.approx(CALIBRATION * np.sqrt(bare.variances))
    reach = stdtrit(20 + 1 - 9 + PRIOR_WEIGHT, 0.95) * found.standard_errors
    assert found.low == pytest.approx(found.values - reach)
    assert found.high == pytest.approx(found.values + reach)


def test_a_game_without_differences_has_no_values_and_no_doubt():
    pairs = choose_pairs(10, 30, seed=0)
    found = process_values(pairs, np.zeros(30), total=0.0)
    assert not found.values.any()
    assert not found.standard_errors.any()


def test_intervals_are_wide_where_pairs_are_fewer_than_players():
    scores, values = drawn_game(9, SPREAD / 9, np.random.default_rng(0))
    score = looked_up(scores, 9)
    pairs = choose_pairs(9, 4, seed=0)
    found = process_values(pairs, observed(score, pairs), total=float(scores[-1] - scores[0]))
    assert ((found.low <= values) & (values <= found.high)).mean() >= 0.9
    assert found.standard_errors.max() > 0.3 * np.abs(values).mean()
