"""Which moment mattered, as it is said and written."""

import itertools

import numpy as np
import pytest
import torch

from tests.explain.test_moments import attribution
from xai_ad.detector.calibration import Calibration
from xai_ad.explain.choices import Direction, Extent, Search
from xai_ad.explain.results import Counterfactual, Rectangle
from xai_ad.presentation.moments import (
    MOST,
    exchange_in_words,
    main_stretch,
    moment_in_words,
    moment_records,
)
from xai_ad.presentation.notes import findings
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
    assert said(9, 0, 0, 0, 0, 1, 0, 0) == "Most of it (90 %) lies in frame 57, not in frame 62 itself."


def test_what_pushes_towards_normal_is_told_beside_what_pushes_towards_abnormal():
    assert said(0, 0, 1, 4, 5, -15, 0, 0) == (
        "What pushes towards abnormal lies mostly (90 %) in frames 60 to 61, not in frame 62 itself; "
        "what pushes towards normal, 1.5 times as much, lies mostly (100 %) in frame 62 itself."
    )
    assert said(1, 1, 1, 1, 1, -1, 1, 1).startswith(
        "What pushes towards abnormal is spread over the frames 57 to 64;"
    )
    assert said(9, 0, 0, 0, 0, 1, 0, -0.5) == "Most of it (90 %) lies in frame 57, not in frame 62 itself."


def test_no_moment_is_said_to_be_none():
    assert said(1, 1, 1, 1, 1, 1, 1, 1) == "It is spread over the frames 57 to 64: no moment stands out."
    assert said(*[0.0] * 8) == "None of the frames pushes either way."
    assert said(*[0.0] * 7, -1) == (
        "All in all no frame pushes towards abnormal; what pushes towards normal lies mostly (100 %) in frame 64, "
        "not in frame 62 itself."
    )
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


def exchange(first, frames, *, flipped=True, direction=Direction.REPAIR, extent=Extent.TIME):
    return Counterfactual(
        method="counterfactual",
        direction=direction,
        search=Search.EXACT,
        rectangles=(Rectangle(top=0, left=0, height=2, width=2, first=first, frames=frames),),
        pixels=torch.zeros(8, 1, 2, 2).numpy(),
        score=2.0,
        score_before=2.0,
        score_after=0.5,
        flipped=flipped,
        area=frames / 8,
        evaluations=1,
        extent=extent,
    )


def test_exchanged_frames_are_told_by_their_numbers():
    def told(*span, **options):
        return exchange_in_words(exchange(*span, **options), tuple(NUMBERS))

    assert told(4, 3) == "Exchanging frames 61 to 63 for normal ones makes it pass."
    assert told(5, 1) == "Exchanging frame 62 for normal ones makes it pass."
    assert told(0, 8).startswith("It passes only with all of the frames 57 to 64 exchanged")
    assert told(4, 3, flipped=False) == (
        "No stretch of the frames 57 to 64 makes it pass; frames 61 to 63 came nearest."
    )
    assert (
        told(4, 1, direction=Direction.TRANSPLANT) == "Pasting frame 61 among normal frames makes those fail."
    )
    assert told(4, 3, flipped=False, direction=Direction.TRANSPLANT).startswith(
        "No stretch of the frames 57 to 64 makes it fail"
    )
    assert told(0, 8, extent=Extent.SPACE) is None


def test_exchanged_frames_are_counted_on_the_page():
    calibration = Calibration(threshold=1.0, score_max=4.0, map_scale=1.0)
    for change in (
        exchange(3, 5),
        exchange(0, 8),
    ):  # half a picture and more is no place; of frames that says nothing
        found = findings(change, calibration)
        frames = change.rectangles[0].frames
        assert (
            found[0]
            == f"Replacing {frames} of its 8 frames brings the score from 2.00 to 0.500 of the limit."
        )
