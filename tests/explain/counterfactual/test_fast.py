"""The fast search: what it costs, what it finds."""

import numpy as np
import pytest
from scipy.stats import norm

from tests.explain.counterfactual.games import KnownGame, bumpy, rough, smallest
from xai_ad.explain.choices import Direction
from xai_ad.explain.counterfactual.fast import BATCH, MOST, FastSearch, allowed
from xai_ad.explain.counterfactual.rectangles import Grid
from xai_ad.explain.results import Rectangle

GRID = Grid(8, 8, 8)
WHOLE = GRID.rectangles[-1:]


def search(known, grid=GRID, last=None):
    last = allowed(len(grid.rectangles)) if last is None else last
    whole = known.value((grid.rectangles[-1],))
    return FastSearch(known, grid, start=known.value(()), whole=whole, last=last)


def game(direction, seed, **options):
    repair = direction is Direction.REPAIR
    score, gains = bumpy(8, seed, start=3.0 if repair else 0.2, sign=-1 if repair else 0.5)
    # What the error maps say is not what the cells do.
    hint = gains * np.random.default_rng(seed).uniform(0.5, 1.5, size=gains.shape)
    return KnownGame(8, score, direction=direction, gains=hint, **options)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("seed", range(6))
def test_it_finds_the_area_that_brute_force_finds(direction, seed):
    known = game(direction, seed)
    found = search(known).run()
    assert found.flipped
    assert found.score == known.value(found.change)
    assert found.change[0].area == GRID.areas[smallest(known, GRID)]


@pytest.mark.parametrize("noise", [None, rough(0.03), rough(0.3)])
@pytest.mark.parametrize("last", [3, 5, 10, 33, 129])
@pytest.mark.parametrize("limit", [1.0, -1.0])
def test_it_never_scores_more_than_it_may_nor_reports_what_was_not_confirmed(noise, last, limit):
    known = game(Direction.REPAIR, 1, noise=noise)
    known.limit = 1.0
    if limit < 0:  # nothing flips
        known._score = lambda cells: 2.0 + cells.mean()
    found = search(known, last=last).run()
    assert known.evaluations <= last
    assert found.score == known.value(found.change)
    assert found.flipped == (found.score <= 1)
    assert not found.exhaustive


@pytest.mark.parametrize("seed", range(4))
def test_the_next_to_be_scored_has_the_largest_expected_improvement(seed):
    fast = search(game(Direction.REPAIR, seed))
    fast._guess([3, 500])
    mean, deviation = fast.surrogate.mean, np.sqrt(fast.surrogate.variance)
    open_ones = range(len(GRID.rectangles) - 1)  # the whole flips and has 64 cells
    improvements = [norm.cdf(-mean[i] / deviation[i]) * (64 - GRID.areas[i]) for i in open_ones]
    assert fast._choose() == np.argsort(improvements)[::-1][:BATCH].tolist()


def test_what_flips_by_rounding_only_is_not_believed():
    expected = Rectangle(top=2, left=2, height=2, width=3)

    def score(cells):
        return 1.02 if cells.sum() < 6 else 0.9 if cells[2:4, 2:5].all() else 1.5

    def noise(change):
        return -0.04 if sum(r.area for r in change) < 6 else 0.0  # everything small seems to flip

    gains = np.zeros((8, 8))
    gains[2:4, 2:5] = 0.4
    known = KnownGame(8, score, noise=noise, gains=gains)
    found = search(known, last=400).run()
    assert found.flipped
    assert found.change == (expected,)


def test_the_nearest_is_reported_where_nothing_flips():
    known = KnownGame(8, lambda cells: 2 - 0.5 * cells[:4, :4].mean() + 0.9 * cells[4:].mean())
    found = search(known).run()
    assert not found.flipped
    nearest = min(known.seen + known.confirmed, key=known.value)
    assert known.value(found.change) == known.value(nearest)


def test_the_search_for_the_nearest_goes_on_however_far_the_flip_is():
    known = KnownGame(8, lambda cells: 50 - cells[:4, :4].mean())
    found = search(known).run()
    assert found.score == 49
    assert known.evaluations == allowed(len(GRID.rectangles))


def test_the_whole_is_known_without_being_scored():
    known = KnownGame(8, lambda cells: 3.0 - 2.5 * cells.all())
    found = search(known).run()
    assert found.change == tuple(WHOLE)
    assert tuple(WHOLE) not in known.seen + known.confirmed


@pytest.mark.parametrize(("grid", "pictures"), [(4, 10), (8, 129), (12, MOST), (16, MOST)])
def test_a_tenth_of_the_rectangles_is_allowed_and_no_more_than_fit_the_memory(grid, pictures):
    assert allowed(len(Grid(grid, grid, grid).rectangles)) == pictures


def test_progress_never_falls():
    heard = []
    search(game(Direction.REPAIR, 0)).run(heard.append)
    assert heard == sorted(heard)
    assert 0 < heard[0] < heard[-1] <= 1
