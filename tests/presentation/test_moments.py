"""Which moment mattered, as it is said and written."""

import itertools

import numpy as np
import pytest
import torch

from tests.explain.test_moments import attribution
from xai_ad.explain.choices import Direction, Search
from xai_ad.explain.results import Counterfactual
from xai_ad.presentation.moments import MOST, main_stretch, moment_in_words, moment_records
from xai_ad.presentation.words import NARROW

NUMBERS = range(57, 65)


def said(*values, explained=62, numbers=NUMBERS):
    words = moment_in_words(np.array(values, dtype=np.float64), list(numbers), explained=explained)
    return words.replace(NARROW, " ") if words else words


@pytest.mark.parametrize("seed", range(20))
def test_the_main_stretch_is_the_shortest_of_all_that_hold_most(seed):
    values = np.random.default_rng(seed).normal(size=8)
    found = main_stretch(values)
    positive = np.maximum(values, 0)

    def share(first, frames):
        return positive[first : first + frames].sum() / positive.sum()

    every = [
        (frames, first) for frames, first in itertools.product(range(1, 9), range(8)) if first + frames <= 8
    ]
    holding = [(frames, -share(first, frames)) for frames, first in every if share(first, frames) >= MOST]
    assert (found.frames, found.share) == (min(holding)[0], pytest.approx(-min(holding)[1]))
    assert share(found.first, found.frames) == pytest.approx(found.share)


def test_a_moment_is_told_by_its_frames_numbers():
    assert said(0, 0, 0, 0, 3, 5, 2, 0) == "Most of it (80 %) lies in frames 61 to 62."
    assert said(0, 0, 0, 0, 1, 8, 1, 0) == "Most of it (80 %) lies in frame 62 itself."
    assert said(9, 0, 0, 0, 0, 1, 0, -4) == "Most of it (90 %) lies in frame 57, not in frame 62 itself."


def test_no_moment_is_said_to_be_none():
    assert said(1, 1, 1, 1, 1, 1, 1, 1) == "It is spread over the frames 57 to 64: no moment stands out."
    assert said(*[0.0] * 7, -1) == "In none of the frames does anything push towards abnormal."
    assert said(3.0, numbers=[62]) is None


def test_frames_of_a_short_run_that_are_seen_twice_count_once():
    numbers = [0, 1, 2, 3, 2, 1, 0, 1]
    assert (
        said(0, 0, 5, 1, 4, 0, 0, 0, numbers=numbers, explained=2)
        == "Most of it (90 %) lies in frame 2 itself."
    )


def test_the_record_has_every_frame_by_its_number():
    relevance = np.zeros((3, 2, 2), dtype=np.float32)
    relevance[1] = [[0.5, 0.25], [0, -0.25]]
    assert moment_records(attribution(relevance), (7, 8, 9)) == [
        {"frame": 7, "relevance": 0.0},
        {"frame": 8, "relevance": 0.5},
        {"frame": 9, "relevance": 0.0},
    ]


def test_pictures_and_rectangles_have_no_moments():
    assert moment_records(attribution(np.ones((1, 2, 2))), (0,)) is None
    change = Counterfactual(
        method="counterfactual",
        direction=Direction.REPAIR,
        search=Search.EXACT,
        rectangles=(),
        pixels=torch.zeros(2, 1, 2, 2).numpy(),
        score=1.0,
        score_before=1.0,
        score_after=1.0,
        flipped=False,
        area=0.0,
        evaluations=1,
    )
    assert moment_records(change, (0, 1)) is None
