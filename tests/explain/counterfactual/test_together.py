"""Several rectangles together: disjoint, confirmed, and with nothing left that could be taken away."""

import itertools

import numpy as np
import pytest

from tests.explain.counterfactual.games import KnownGame, rough
from xai_ad.errors import Cancelled
from xai_ad.explain.choices import Direction
from xai_ad.explain.counterfactual.exact import search_exactly
from xai_ad.explain.counterfactual.rectangles import Grid, are_disjoint, total_area
from xai_ad.explain.counterfactual.swap import Found
from xai_ad.explain.counterfactual.together import TogetherSearch
from xai_ad.progress import silent

N = 5
GRID = Grid(N, N, N)


def patches(seed, number):
    """Return a score that some far cells bring down and every other cell brings up: no single rectangle flips it."""
    rng = np.random.default_rng(seed)
    defect = np.zeros((N, N), dtype=bool)
    for row, column in [(0, 0), (N - 1, N - 1), (0, N - 1)][:number]:
        defect[row, column] = True
        defect[row, min(max(column + rng.integers(-1, 2), 0), N - 1)] = True
    gain = 1.2 / defect.sum()

    def score(cells):
        return 2.0 - gain * cells[defect].sum() + 0.3 * cells[~defect].sum()

    return score, defect


def together(known, most, **options):
    single, guesses = search_exactly(known, GRID)
    assert not single.flipped
    start = known.shortfall(known.value(()))
    gains = start - known.shortfalls(guesses)
    options = {"shortlist": 32} | options
    return TogetherSearch(swap=known, grid=GRID, start=start, gains=gains, most=most, **options)


def smaller_changes(change):
    """Return every change whose rectangles lie within those of another, one of them less a side or altogether."""
    for place, rectangle in enumerate(change):
        rest = change[:place] + change[place + 1 :]
        yield rest
        for other in GRID.rectangles:
            within = (
                rectangle.top <= other.top
                and rectangle.left <= other.left
                and other.top + other.height <= rectangle.top + rectangle.height
                and other.left + other.width <= rectangle.left + rectangle.width
            )
            gone = rectangle.area - other.area
            if within and gone and gone in {rectangle.height, rectangle.width}:
                yield (*rest, other)


@pytest.mark.parametrize("noise", [None, rough(0.04)])
@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_found_flips_and_nothing_of_it_can_be_left_out(seed, number, noise):
    score, defect = patches(seed, number)
    known = KnownGame(N, score, noise=noise)
    found = together(known, most=3).run()
    assert found.flipped
    assert found.exhaustive
    assert 1 < len(found.change) <= 3
    assert all(are_disjoint(one, other) for one, other in itertools.combinations(found.change, 2))
    assert found.score == known.value(found.change) <= 1
    for smaller in smaller_changes(found.change):
        assert known.value(smaller) > 1
    assert total_area(found.change) <= defect.sum()


def test_two_rectangles_are_as_small_as_the_smallest_pair_by_brute_force():
    score, _ = patches(0, 2)
    known = KnownGame(N, score)
    pairs = (pair for pair in itertools.combinations(GRID.rectangles, 2) if are_disjoint(*pair))
    smallest = min(total_area(pair) for pair in pairs if known.value(pair) <= 1)
    assert total_area(together(known, most=2).run().change) == smallest


def test_what_is_not_needed_is_pruned():
    # Two corners are enough; what is grown takes more. All of it would cost too much.
    known = KnownGame(N, lambda cells: 2 - 1.3 * (cells[0, 0] & cells[4, 4]) + 0.02 * cells.sum())
    search = together(known, most=3)
    search.gains = np.where(GRID.areas == 4, 1.0, 0.0)
    found = search.run()
    assert found.flipped
    assert total_area(found.change) == 2
    assert len(found.change) == 2


def test_a_rectangle_that_is_not_needed_is_dropped():
    known = KnownGame(N, lambda cells: 2 - 1.3 * (cells[0, 0] & cells[4, 4]) + 0.02 * cells.sum())
    corners = [rectangle for rectangle in GRID.groups[0] if {rectangle.top, rectangle.left} <= {0, 4}]
    found = together(known, most=4)._prune(
        Found(change=tuple(corners), score=known.value(corners), flipped=True), silent
    )
    assert {(r.top, r.left) for r in found.change} == {(0, 0), (4, 4)}
    assert found.score == known.value(found.change)
    assert found.exhaustive


def test_what_flips_by_rounding_only_is_not_believed():
    known = KnownGame(
        N,
        lambda cells: 2 - 0.49 * cells[[0, 4], [0, 4]].sum() + 0.01 * cells.sum(),
        noise=lambda change: -0.04,
    )
    found = together(known, most=2).run()
    assert not found.flipped
    assert found.score == known.value(found.change) == pytest.approx(1.04)


def test_the_nearest_of_all_that_were_grown_is_kept():
    def score(cells):
        both, area = cells[0, 0] & cells[4, 4], cells.sum()
        gained = 0.6 * cells[[0, 4], [0, 4]].sum()
        return 2 - gained + (0.35 + 0.05 * area if both else -0.01 * min(area, 3))

    known = KnownGame(N, score)  # by itself a large rectangle gains more, beside another a small one does
    search = together(known, most=2)
    assert len(search._promising()) > 1
    assert search.run().score == pytest.approx(2 - 1.2 + 0.35 + 0.1)


def test_transplants_go_together_too():
    known = KnownGame(
        N,
        lambda cells: 0.4 + 0.4 * cells[[0, 4], [0, 4]].sum() - 0.05 * cells.sum(),
        direction=Direction.TRANSPLANT,
    )
    found = together(known, most=2).run()
    assert found.flipped
    assert sorted((r.top, r.left) for r in found.change) == [(0, 0), (4, 4)]


@pytest.mark.parametrize("left", range(12))
def test_the_pictures_allowed_are_not_exceeded(left):
    score, _ = patches(0, 3)
    known = KnownGame(N, score)
    search = together(known, most=3, shortlist=4)
    search.last = known.evaluations + left
    found = search.run()
    assert known.evaluations <= search.last
    assert found is None or found.score == known.value(found.change)
    assert found is None or not found.exhaustive or left > 10


def test_the_nearest_is_returned_where_nothing_flips():
    known = KnownGame(N, lambda cells: 3 - 0.5 * cells[[0, 4], [0, 4]].sum() + 0.01 * cells.sum())
    found = together(known, most=3).run()
    assert not found.flipped
    assert found.score == pytest.approx(2.02)


def test_where_nothing_gains_there_is_nothing_to_add():
    known = KnownGame(N, lambda cells: 2 + cells.sum())
    assert together(known, most=3).run() is None


def test_pruning_can_be_stopped():
    score, _ = patches(0, 2)
    search = together(KnownGame(N, score), most=2)

    def stop(fraction):
        if fraction == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        search.run(stop)
