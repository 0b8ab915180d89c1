"""The masking game against one picture at a time."""

import gc

import numpy as np
import pytest
import torch

from xai_ad.errors import Cancelled, InvalidInputError
from xai_ad.explain.base import raw_score
from xai_ad.explain.choices import Fill
from xai_ad.explain.counterfactual import rectangles_by_area
from xai_ad.explain.masking import MaskedScore, MaskingGame, PatchedScore
from xai_ad.explain.results import Rectangle
from xai_ad.explain.segments import grid_segments
from xai_ad.machine.execution import Execution, Precision

SEGMENTS = grid_segments(16, 16, 6)


@pytest.fixture
def fill(image):
    return 1 - image


@pytest.fixture
def coalitions():
    return np.random.default_rng(3).random((20, SEGMENTS.max() + 1)) < 0.5


def test_a_coalition_scores_as_the_picture_put_together_pixel_by_pixel(classifier, image, fill, coalitions):
    scores = MaskedScore(
        classifier, image, SEGMENTS, fill, execution=Execution(precision=Precision.FLOAT32, batch_size=7)
    )(coalitions)
    assert scores.dtype == np.float64
    for coalition, score in zip(coalitions, scores, strict=True):
        mixed = fill.clone()
        for row in range(16):
            for column in range(16):
                if coalition[SEGMENTS[row, column]]:
                    mixed[:, row, column] = image[:, row, column]
        assert score == pytest.approx(raw_score(classifier, mixed), rel=1e-5)


def test_the_anchors_are_the_image_and_the_fill(classifier, image, fill):
    game = MaskedScore(classifier, image, SEGMENTS, fill)
    empty, full = game(np.array([[False] * game.players, [True] * game.players]))
    assert empty == pytest.approx(raw_score(classifier, fill), rel=1e-5)
    assert full == pytest.approx(raw_score(classifier, image), rel=1e-5)


def test_no_coalition_is_scored_twice(classifier, image, fill, coalitions):
    game = MaskedScore(classifier, image, SEGMENTS, fill)
    game.remember(coalitions[0], 42.0)
    doubled = np.concatenate([coalitions, coalitions[::-1]])
    scores = game(doubled)
    assert scores[0] == scores[-1] == 42.0
    assert game.evaluations == len(np.unique(coalitions, axis=0)) - 1
    assert np.array_equal(game(doubled), scores)
    assert game.evaluations == len(np.unique(coalitions, axis=0)) - 1


def test_progress_is_heard_between_batches_and_can_stop_the_work(classifier, image, fill, coalitions):
    heard = []

    def stop_early(fraction):
        heard.append(fraction)
        if fraction >= 0.5:
            raise InterruptedError

    game = MaskedScore(
        classifier, image, SEGMENTS, fill, execution=Execution(precision=Precision.FLOAT32, batch_size=2)
    )
    with pytest.raises(InterruptedError):
        game(np.unique(coalitions, axis=0), stop_early)
    assert heard == sorted(heard)
    assert 0.5 <= heard[-1] < 0.7


def test_rectangles_score_as_pictures_with_the_rectangle_replaced(classifier, image, fill):
    rectangles = [rectangle for group in rectangles_by_area(16, 16, grid=4) for rectangle in group]
    patched = PatchedScore(classifier, image, fill)
    scores = patched.of_changes([(rectangle,) for rectangle in rectangles])
    assert patched.evaluations == len(rectangles) == 100
    for rectangle, score in zip(rectangles, scores, strict=True):
        mixed = image.clone()
        for row in range(rectangle.top, rectangle.top + rectangle.height):
            for column in range(rectangle.left, rectangle.left + rectangle.width):
                mixed[:, row, column] = fill[:, row, column]
        assert score == pytest.approx(raw_score(classifier, mixed), rel=1e-5)


def test_anchored_scores_in_bfloat16_lie_on_the_line_through_the_anchors(classifier, image, fill, coalitions):
    execution = Execution(precision=Precision.BFLOAT16, batch_size=8)
    plain = MaskedScore(classifier, image, SEGMENTS, fill, execution=execution)
    anchored = MaskedScore(classifier, image, SEGMENTS, fill, execution=execution)
    ends = np.array([[False] * plain.players, [True] * plain.players])
    low, high = plain(ends)
    anchored.anchor(empty=2 * low + 1, full=2 * high + 1)
    assert anchored.evaluations == 2
    assert anchored(ends).tolist() == [2 * low + 1, 2 * high + 1]
    assert anchored(coalitions) == pytest.approx(2 * plain(coalitions) + 1, rel=1e-9)


def test_anchors_that_lie_close_together_only_shift_the_scores(classifier, image, coalitions):
    execution = Execution(precision=Precision.BFLOAT16, batch_size=8)
    plain = MaskedScore(classifier, image, SEGMENTS, image, execution=execution)
    anchored = MaskedScore(classifier, image, SEGMENTS, image, execution=execution)
    expected = plain(coalitions)
    anchored.anchor(empty=expected[0] + 0.25, full=expected[0] + 0.25)
    assert anchored(coalitions) == pytest.approx(expected + 0.25, rel=1e-9)


def test_anchors_in_float32_are_remembered_as_they_are(classifier, image, fill, coalitions):
    game, plain = (MaskedScore(classifier, image, SEGMENTS, fill) for _ in range(2))
    game.anchor(empty=10.0, full=20.0)
    ends = np.array([[False] * game.players, [True] * game.players])
    assert game(ends).tolist() == [10.0, 20.0]
    assert game.evaluations == 0
    assert np.array_equal(game(coalitions), plain(coalitions))


@pytest.mark.parametrize("wrong", [np.ones((2, 5), dtype=bool), np.ones((2, 6)), np.ones(6, dtype=bool)])
def test_coalitions_of_another_kind_are_refused(classifier, image, fill, wrong):
    with pytest.raises(InvalidInputError, match=r"bool of shape \(K, 6\)"):
        MaskedScore(classifier, image, SEGMENTS, fill)(wrong)


def test_segments_of_another_size_are_refused(classifier, image, fill):
    with pytest.raises(InvalidInputError, match="segments"):
        MaskedScore(classifier, image, SEGMENTS[:8], fill)


def test_images_are_left_untouched(classifier, image, fill, coalitions):
    before = image.clone(), fill.clone()
    MaskedScore(classifier, image, SEGMENTS, fill)(coalitions)
    assert torch.equal(image, before[0])
    assert torch.equal(fill, before[1])


def test_a_game_in_bfloat16_is_near_and_its_anchors_are_exact(classifier, image):
    games = [
        MaskingGame(
            classifier,
            image,
            n_segments=6,
            fill=Fill.MEAN,
            execution=Execution(precision=precision, batch_size=4),
        )
        for precision in (Precision.FLOAT32, Precision.BFLOAT16)
    ]
    precise, rough = games
    players = precise.players
    coalitions = np.random.default_rng(0).random((12, players)) < 0.5
    coalitions[0], coalitions[1] = True, False
    expected, found = precise.score(coalitions), rough.score(coalitions)
    assert found[0] == raw_score(classifier, image) == precise.full
    assert found[1] == raw_score(classifier, precise.fill.image) == precise.empty
    assert found == pytest.approx(expected, rel=0.05)
    assert not np.array_equal(found, expected)
    assert rough.provenance.precision is Precision.BFLOAT16
    assert rough.provenance.batch_size == 4


def test_a_game_that_is_stopped_leaves_no_batch_behind(classifier, image, fill, coalitions):
    def batches():
        gc.collect()
        return [
            tensor
            for tensor in gc.get_objects()
            if type(tensor) is torch.Tensor and tensor.shape == (23, 16, 16, 3)
        ]

    def stop(_fraction):
        assert batches()
        raise Cancelled

    execution = Execution(precision=Precision.FLOAT32, batch_size=23)
    with pytest.raises(Cancelled):
        MaskedScore(classifier, image, SEGMENTS, fill, execution=execution)(coalitions, stop)
    assert not batches()


def test_rectangles_of_a_window_cover_their_own_frames_alone():
    window, other = torch.rand(3, 1, 4, 4), torch.full((3, 1, 4, 4), 2.0)
    seen = []

    class Summed:
        """Scores a copy by the sum of its pixels."""

        network = torch.nn.Linear(1, 1)

        def score_fast(self, images, _precision):
            seen.extend(images.clone())
            return images.flatten(1).sum(dim=1)

    boxes = [
        Rectangle(top=1, left=0, height=2, width=3, first=1),
        Rectangle(top=0, left=2, height=4, width=1, first=0, frames=3),
    ]
    scores = PatchedScore(Summed(), window, other).of_changes([[box] for box in boxes])
    one, all_frames = window.clone(), window.clone()
    one[1, :, 1:3, :3] = 2.0
    all_frames[:, :, :, 2] = 2.0
    assert torch.equal(seen[0], one)
    assert torch.equal(seen[1], all_frames)
    assert scores == pytest.approx([float(one.sum()), float(all_frames.sum())])
    assert [box.area for box in boxes] == [6, 12]
