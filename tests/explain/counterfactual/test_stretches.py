"""Stretches of time that flip a frame's verdict, against every stretch scored by hand."""

import itertools

import pytest
import torch

from tests.clip_networks import SIDE, predicting_network, random_pixels, rebuilding_network
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.errors import InvalidInputError
from xai_ad.explain import CounterfactualSearch, Direction, Extent, Fill
from xai_ad.explain.counterfactual import words
from xai_ad.explain.counterfactual.stretches import Stretches
from xai_ad.explain.results import Rectangle
from xai_ad.machine.execution import Precision

FRAME = 5
EVERY = [(first, length) for length in range(1, 9) for first in range(9 - length)]
WINDOW = random_pixels(8).float() / 255
NORMAL = torch.full((1, SIDE, SIDE), 0.5)


def detector_of(network, threshold):
    calibration = Calibration(threshold=threshold, score_max=1.0, map_scale=1.0)
    return AnomalyClassifier(network(), calibration, References(mean=NORMAL))


def scores_by_hand(network, direction):
    """Return the frame's score with each stretch exchanged, by its first frame and length."""
    detector = detector_of(network, 1.0)
    fill = NORMAL.expand_as(WINDOW)
    start, content = (WINDOW, fill) if direction is Direction.REPAIR else (fill, WINDOW)
    found = {}
    for first, length in EVERY:
        changed = start.clone()
        changed[first : first + length] = content[first : first + length]
        with torch.inference_mode():
            found[first, length] = float(detector(changed[None])[0, FRAME])
    with torch.inference_mode():
        before, other = (float(detector(part[None])[0, FRAME]) for part in (start, content))
    return before, other, found


def search(network, threshold, **options):
    options = {"extent": Extent.TIME, "fill": Fill.DATASET_MEAN, **options}
    return CounterfactualSearch(**options).explain(detector_of(network, threshold), WINDOW, frame=FRAME)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("network", [rebuilding_network, predicting_network])
@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.BFLOAT16])
def test_the_shortest_stretch_that_flips_is_found_of_several_the_one_with_the_largest_margin(
    network, direction, share, precision
):
    before, other, scores = scores_by_hand(network, direction)
    assert (before > other) is (direction is Direction.REPAIR)
    threshold = before + share * (other - before)
    found = search(network, threshold, direction=direction, precision=precision)
    flipping = [
        (length, score if direction is Direction.REPAIR else -score, first)
        for (first, length), score in scores.items()
        if (score <= threshold) == (direction is Direction.REPAIR)
    ]
    assert found.flipped is bool(flipping)
    length, score, first = min(flipping)
    (stretch,) = found.rectangles
    assert stretch == Rectangle(top=0, left=0, height=SIDE, width=SIDE, first=first, frames=length)
    assert found.score_after == pytest.approx(abs(score), rel=1e-5)
    assert found.area == length / 8
    assert found.findings.nothing_smaller_flips
    beside = any(not first <= FRAME < first + length for length, _, first in flipping)
    assert found.findings.others_flip is beside
    holds = first <= FRAME < first + length
    assert (words.ITSELF in found.note) is (holds and not beside)
    assert (words.BESIDE in found.note) is (holds and beside)
    assert found.evaluations <= 36 + 36 + 40


def test_where_none_flips_it_is_said_and_the_nearest_is_shown():
    """A fill that fails by itself makes nothing pass."""
    _, _, scores = scores_by_hand(rebuilding_network, Direction.REPAIR)
    found = search(rebuilding_network, min(scores.values()) / 2)
    assert not found.flipped
    assert found.warning.startswith("No stretch of frames flips it")
    (stretch,) = found.rectangles
    assert found.score_after == pytest.approx(min(scores.values()), rel=1e-5)
    assert scores[stretch.first, stretch.frames] == pytest.approx(found.score_after, rel=1e-5)
    assert found.findings.no_single_flips
    assert found.findings.others_flip is False


def test_every_stretch_is_there_once_the_shortest_first():
    every = Stretches(frames=8, height=4, width=6)
    assert [(one.first, one.frames) for one in every.rectangles] == EVERY
    assert every.areas.tolist() == [length for _, length in EVERY]
    assert [len(group) for group in every.groups] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert {(one.top, one.left, one.height, one.width) for one in every.rectangles} == {(0, 0, 4, 6)}


@pytest.mark.parametrize("without", list(itertools.combinations(range(5), 2)))
def test_stretches_without_some_frames_hold_none_of_them(without):
    found = Stretches(frames=5, height=1, width=1, without=without).rectangles
    spans = [set(range(one.first, one.first + one.frames)) for one in found]
    every = [set(range(first, stop)) for first, stop in itertools.combinations(range(6), 2)]
    assert sorted(map(sorted, spans)) == sorted(sorted(span) for span in every if not span & set(without))


def test_a_picture_has_no_time(classifier, image):
    with pytest.raises(InvalidInputError, match="this one sees each by itself"):
        CounterfactualSearch(extent=Extent.TIME).explain(classifier, image)


def test_the_grid_does_not_matter_in_time():
    """Frames of 12 pixels have no grid of 8, the default."""
    assert search(rebuilding_network, 1e-9).rectangles
