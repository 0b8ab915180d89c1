"""The exact search against brute force, its guesses rounded or not."""

import numpy as np
import pytest

from tests.explain.counterfactual.games import KnownGame, bumpy, rough, smallest
from xai_ad.errors import Cancelled
from xai_ad.explain.choices import Direction
from xai_ad.explain.counterfactual.exact import PROBES, search_exactly
from xai_ad.explain.counterfactual.rectangles import Grid

GRID = Grid(5, 5, 5)


def game(direction, seed, **options):
    repair = direction is Direction.REPAIR
    score, _ = bumpy(5, seed, start=3.0 if repair else 0.2, sign=-1 if repair else 0.5)
    return KnownGame(5, score, direction=direction, **options)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("seed", range(8))
def test_the_smallest_with_the_largest_margin_is_found(direction, seed):
    known = game(direction, seed)
    found, guesses = search_exactly(known, GRID)
    expected = smallest(known, GRID)
    assert found.change == (GRID.rectangles[expected],)
    assert found.score == known.value(found.change)
    assert found.flipped
    assert found.exhaustive
    looked_at = int((GRID.areas <= GRID.areas[expected]).sum())
    assert np.isfinite(guesses).sum() == looked_at
    assert known.evaluations == looked_at + len(known.confirmed)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("noise", [0.02, 0.05, 0.15])
@pytest.mark.parametrize("seed", range(8))
def test_rounded_guesses_change_nothing_of_what_is_found(direction, seed, noise):
    known = game(direction, seed, noise=rough(noise, seed))
    found, _ = search_exactly(known, GRID)
    assert found.change == (GRID.rectangles[smallest(known, GRID)],)
    assert found.score == known.value(found.change)
    assert known.tolerance >= known.deviation
    assert len(known.confirmed) < len(GRID.rectangles)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("bias", [-0.2, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_guesses_that_all_err_to_one_side_are_found_out_before_they_rule_anything_out(direction, seed, bias):
    known = game(direction, seed, noise=lambda change: bias)
    found, _ = search_exactly(known, GRID)
    assert found.change == (GRID.rectangles[smallest(known, GRID)],)
    assert len(known.confirmed) >= PROBES


def test_a_guess_that_errs_more_than_thought_brings_back_what_was_passed_over():
    tiny, large = GRID.rectangles[3], GRID.groups[4][0]

    def score(cells):
        if cells.sum() == 1:
            return 0.9 if cells[0, 3] else 2.0
        return 0.8 if cells.sum() == large.area and cells[large.inside[1:]].all() else 2.0

    errors = {(tiny,): 0.3, (large,): 0.16}  # guessed 1.17, beyond the 5 % that are first allowed
    known = KnownGame(5, score, noise=lambda change: errors.get(change, 0.0))
    found, _ = search_exactly(known, GRID)
    assert found.change == (tiny,)
    assert (large,) in known.confirmed


def test_a_nearest_one_that_flips_against_all_expectation_brings_back_what_was_passed_over():
    tiny, large = GRID.rectangles[3], GRID.groups[4][0]
    values, errors = {tiny: 0.95, large: 0.9}, {(tiny,): 0.7, (large,): 0.6}  # guessed 1.62 and 1.44

    def score(cells):
        covered = [r for r in values if cells.sum() == r.area and cells[r.inside[1:]].all()]
        return values[covered[0]] if covered else 2.0

    known = KnownGame(5, score, noise=lambda change: errors.get(change, 0.0))
    found, _ = search_exactly(known, GRID)
    assert (found.change, found.score, found.flipped) == ((tiny,), 0.95, True)
    assert known.confirmed.count((large,)) == 1


def test_where_none_flips_all_were_tried_and_the_nearest_is_shown():
    known = KnownGame(5, lambda cells: 1.5 + abs(cells.sum() - 6) + 0.1 * cells[0, 0])
    found, guesses = search_exactly(known, GRID)
    assert not found.flipped
    assert found.exhaustive
    assert found.score == 1.5
    assert np.isfinite(guesses).all()
    assert known.evaluations == len(GRID.rectangles) + 1


@pytest.mark.parametrize(("direction", "flips"), [(Direction.REPAIR, True), (Direction.TRANSPLANT, False)])
def test_a_score_at_the_limit_is_normal(direction, flips):
    known = KnownGame(
        5, lambda cells: 1.0 if cells.sum() == 2 else 1 + 0.5 * known._sign, direction=direction
    )
    found, _ = search_exactly(known, GRID)
    assert found.flipped == flips


def test_a_confirmation_is_a_place_to_stop():
    known = KnownGame(5, lambda cells: 1.04, noise=lambda change: -0.02)
    heard = []

    def stop(fraction):
        heard.append(fraction)
        if len(known.confirmed) == 20:
            raise Cancelled

    with pytest.raises(Cancelled):
        search_exactly(known, GRID, stop)
    assert len(known.confirmed) == 20
    assert heard == sorted(heard)
