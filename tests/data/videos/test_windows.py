import weakref
from functools import partial

import numpy as np
import pytest
import torch

from xai_ad.data.videos.frames import Frame
from xai_ad.data.videos.windows import (
    Window,
    load_windows,
    prediction_windows,
    reconstruction_windows,
    training_windows,
)
from xai_ad.errors import InvalidInputError

NUMBERINGS = {
    **{f"{count} frames": list(range(1, count + 1)) for count in range(1, 34)},
    "a gap": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 19, 20, 21, 22],
    "gaps around single frames": [3, 5, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 30],
    "no frames": [],
}
PLANS = {"reconstruction": reconstruction_windows, "prediction": prediction_windows}


def scored_positions(windows):
    return sorted(window.targets[index] for window in windows for index in window.scored)


def run_of(position, numbers):
    """The run of consecutive numbers that a position lies in, by counting the gaps before it."""
    return sum(numbers[index] != numbers[index - 1] + 1 for index in range(1, position + 1))


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("numbers", NUMBERINGS.values(), ids=NUMBERINGS)
def test_every_frame_gets_exactly_one_score(plan, numbers):
    assert scored_positions(plan(numbers)) == list(range(len(numbers)))


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("numbers", NUMBERINGS.values(), ids=NUMBERINGS)
def test_no_window_goes_across_a_gap(plan, numbers):
    for window in plan(numbers):
        assert len({run_of(place, numbers) for place in (*window.inputs, *window.targets)}) == 1


def test_reconstruction_windows_follow_one_another_and_the_last_ends_at_the_last_frame():
    assert list(reconstruction_windows(range(1, 20))) == [
        Window(inputs=tuple(range(8)), targets=tuple(range(8)), scored=tuple(range(8))),
        Window(inputs=tuple(range(8, 16)), targets=tuple(range(8, 16)), scored=tuple(range(8))),
        Window(inputs=tuple(range(11, 19)), targets=tuple(range(11, 19)), scored=(5, 6, 7)),
    ]


@pytest.mark.parametrize("count", range(1, 8))
def test_a_clip_shorter_than_a_window_is_padded_by_reflection(count):
    (window,) = reconstruction_windows(range(count))
    assert window.padded
    assert window.inputs == tuple(np.pad(np.arange(count), (0, 8 - count), mode="reflect").tolist())
    assert window.scored == tuple(range(count))


def test_seq2seq_windows_move_by_four_and_the_first_four_frames_are_predicted_backwards():
    assert list(prediction_windows(range(1, 15))) == [
        Window(inputs=(7, 6, 5, 4), targets=(3, 2, 1, 0), scored=(0, 1, 2, 3)),
        Window(inputs=(0, 1, 2, 3), targets=(4, 5, 6, 7), scored=(0, 1, 2, 3)),
        Window(inputs=(4, 5, 6, 7), targets=(8, 9, 10, 11), scored=(0, 1, 2, 3)),
        Window(inputs=(8, 9, 10, 11), targets=(12, 13, 12, 11), scored=(0, 1)),
    ]


@pytest.mark.parametrize("count", range(1, 8))
def test_a_clip_too_short_to_predict_is_padded_by_reflection(count):
    padded = np.pad(np.arange(count), (0, 8 - count), mode="reflect").tolist()
    windows = list(prediction_windows(range(count)))
    assert all(window.padded for window in windows)
    assert windows[0].inputs + windows[0].targets == tuple(padded[::-1])
    if count > 4:
        assert windows[1].inputs + windows[1].targets == tuple(padded)
        assert windows[1].scored == tuple(range(count - 4))


def test_no_window_of_a_long_enough_clip_is_padded():
    for plan in PLANS.values():
        assert not any(window.padded for window in plan(range(21)))


def test_training_windows_are_all_that_fit_between_gaps():
    numbers = [*range(1, 41), *range(50, 70)]
    found = training_windows(numbers, length=4, strides=(1, 8), step=3)
    expected = [
        [start + stride * index for index in range(4)]
        for stride in (1, 8)
        for begin, end in ((0, 40), (40, 60))
        for start in range(begin, end, 3)
        if start + 3 * stride < end
    ]
    assert found.tolist() == expected


def test_a_stride_that_no_run_is_long_enough_for_gives_no_windows():
    assert training_windows(range(8), strides=(2,)).shape == (0, 8)
    assert training_windows([]).shape == (0, 8)
    assert len(training_windows(range(15), strides=(2,))) == 1


def test_the_strides_are_the_theses():
    found = training_windows(range(200))
    assert set(np.diff(found, axis=1).ravel().tolist()) == {1, 2, 4, 8, 16}
    assert len(found) == sum(200 - 7 * stride for stride in (1, 2, 4, 8, 16))


@pytest.mark.parametrize("options", [{"step": 0}, {"length": 0}, {"strides": (0,)}])
def test_windows_that_cannot_be_are_refused(options):
    with pytest.raises(InvalidInputError, match="must be an int in"):
        training_windows(range(20), **options)


def frames_of(numbers):
    for position, number in enumerate(numbers):
        yield Frame(number=number, position=position, pixels=torch.full((1, 2, 2), position % 256).byte())


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("numbers", NUMBERINGS.values(), ids=NUMBERINGS)
def test_loaded_windows_hold_the_pixels_of_their_positions(plan, numbers):
    windows = list(plan(numbers))
    loaded = list(load_windows(frames_of(numbers), plan))
    assert [one.window for one in loaded] == windows
    for one in loaded:
        assert one.inputs[:, 0, 0, 0].tolist() == list(one.window.inputs)
        assert one.targets[:, 0, 0, 0].tolist() == list(one.window.targets)
        assert one.numbers == tuple(numbers[one.window.targets[index]] for index in one.window.scored)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_windows_of_a_long_clip_hold_few_frames_at_a_time(plan):
    alive = []
    most = 0

    def watched():
        nonlocal most, alive
        for frame in frames_of(range(2000)):
            alive = [reference for reference in alive if reference() is not None]
            alive.append(weakref.ref(frame.pixels))
            most = max(most, len(alive))
            yield frame

    assert sum(len(one.numbers) for one in load_windows(watched(), plan)) == 2000
    assert most <= 28


def test_windows_of_another_length_are_planned_alike():
    windows = list(reconstruction_windows(range(10), length=4))
    assert [window.inputs for window in windows] == [(0, 1, 2, 3), (4, 5, 6, 7), (6, 7, 8, 9)]
    loaded = load_windows(frames_of(range(10)), partial(reconstruction_windows, length=4))
    assert [one.window for one in loaded] == windows
