"""The game of rectangles on a real network, each picture built and scored on its own."""

import numpy as np
import pytest
import torch

from xai_ad.detector.scores import Score
from xai_ad.explain.base import raw_score
from xai_ad.explain.choices import Direction
from xai_ad.explain.counterfactual.rectangles import Grid
from xai_ad.explain.counterfactual.swap import CAUTION, EXACT_TOLERANCE, ROUNDED_TOLERANCE, Swap
from xai_ad.explain.results import Rectangle
from xai_ad.machine.execution import Execution, Precision

CHANGES = [
    (Rectangle(top=0, left=4, height=8, width=4),),
    (Rectangle(top=0, left=4, height=8, width=4), Rectangle(top=12, left=0, height=4, width=16)),
    (),
]


def execution(precision=Precision.FLOAT32):
    return Execution(precision=precision, batch_size=2)


@pytest.fixture
def normal():
    return torch.full((3, 16, 16), 0.45)


@pytest.fixture
def make_swap(classifier, image, normal):
    def make(direction, classifier=classifier, **options):
        pictures = (image, normal) if direction is Direction.REPAIR else (normal, image)
        return Swap(classifier, *pictures, direction=direction, **options)

    return make


def changed(start, content, change):
    mixed = start.clone()
    for r in change:
        place = (slice(None), slice(r.top, r.top + r.height), slice(r.left, r.left + r.width))
        mixed[place] = content[place]
    return mixed


@pytest.mark.parametrize("direction", Direction)
def test_scores_are_those_of_the_changed_pictures(classifier, image, normal, make_swap, direction):
    swap = make_swap(direction, execution=execution())
    start, content = (image, normal) if direction is Direction.REPAIR else (normal, image)
    expected = [raw_score(classifier, changed(start, content, change)) for change in CHANGES]
    assert swap.guess_together(CHANGES) == pytest.approx(expected, rel=1e-5)
    assert [swap.confirm(change) for change in CHANGES] == expected
    rectangles = Grid(16, 16, 4).rectangles[::9]
    each = [raw_score(classifier, changed(start, content, (rectangle,))) for rectangle in rectangles]
    assert swap.guess(rectangles) == pytest.approx(each, rel=1e-5)
    assert swap.evaluations == 2 * len(CHANGES) + len(rectangles)


@pytest.mark.parametrize("direction", Direction)
def test_a_negative_shortfall_is_a_flip(make_swap, direction):
    swap = make_swap(direction)
    for share in (0.5, 0.99, 1.0, 1.01, 2.0):
        passes = share <= 1
        assert swap.flips(share * swap.limit) == (passes == (direction is Direction.REPAIR))
        assert (swap.shortfall(share * swap.limit) < 0) == (swap.flips(share * swap.limit) and share != 1)
        assert abs(swap.shortfall(share * swap.limit)) == pytest.approx(abs(share - 1))


@pytest.mark.parametrize("direction", Direction)
def test_no_true_score_lies_beyond_its_best_case(make_swap, direction):
    swap = make_swap(direction, execution=execution(Precision.BFLOAT16))
    true = swap.limit * np.linspace(0.2, 3, 50)
    for error in (-1, -0.5, 0, 0.5, 1):
        guesses = true * (1 + error * swap.tolerance)
        assert (swap.best_cases(guesses) <= swap.shortfalls(true) + 1e-12).all()


def test_the_tolerance_grows_with_what_confirmations_show(make_swap):
    change = CHANGES[0]
    assert make_swap(Direction.REPAIR, execution=execution()).tolerance == EXACT_TOLERANCE
    swap = make_swap(Direction.REPAIR, execution=execution(Precision.BFLOAT16))
    assert swap.tolerance == ROUNDED_TOLERANCE
    score = swap.confirm(change)
    swap.confirm(change, 1.1 * score)
    assert swap.tolerance == pytest.approx(CAUTION * 0.1)
    swap.confirm(change, score)
    assert swap.tolerance == pytest.approx(CAUTION * 0.1)


@pytest.mark.parametrize("score", Score)
@pytest.mark.parametrize("direction", Direction)
def test_the_error_maps_add_up_to_the_difference_of_the_scores(make_classifier, make_swap, score, direction):
    classifier = make_classifier(score=score)
    swap = make_swap(direction, classifier)
    start, whole = (swap.confirm(change) for change in ((), (Grid(16, 16, 1).rectangles[0],)))
    expected = swap.shortfall(start) - swap.shortfall(whole)
    spent = swap.evaluations
    assert swap.pixel_gains().sum() == pytest.approx(expected, rel=1e-4)
    assert swap.evaluations == spent + 2


def test_a_rounded_game_learns_how_far_its_guesses_err(classifier, image, normal, make_swap):
    swap = make_swap(Direction.REPAIR, execution=execution(Precision.BFLOAT16))
    rectangles = Grid(16, 16, 4).rectangles[::9]
    guessed = make_swap(Direction.REPAIR, execution=execution(Precision.BFLOAT16)).guess(rectangles)
    exact = [raw_score(classifier, changed(image, normal, (rectangle,))) for rectangle in rectangles]
    swap.learn(rectangles)
    assert swap.deviation == pytest.approx(np.abs(guessed / exact - 1).max(), abs=1e-5)
    assert swap.deviation > 1e-4
    assert swap.evaluations == 2 * len(rectangles)
