"""Superpixels."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import torch
from skimage.measure import label

from xai_ad.errors import InvalidInputError
from xai_ad.explain.segments import (
    Slic,
    SpaceTime,
    grid_segments,
    merged,
    neighbours,
    segment_sizes,
    spread_evenly,
    stretches_of,
)


def noise(size):
    return torch.rand(3, size, size, generator=torch.Generator().manual_seed(0))


def pieces(segments):
    """How many connected pieces there are, counted by another library."""
    return label(segments, background=-1, connectivity=1).max()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("count", [2, 9, 40, 255, 256])
def test_there_are_exactly_as_many_segments_as_asked_for_each_in_one_piece(image, channels, count):
    segments = Slic(n_segments=count)(image[:channels])
    assert segments.shape == (16, 16)
    assert segments.dtype == np.int64
    assert np.unique(segments).tolist() == list(range(count))
    assert pieces(segments) == count
    assert np.array_equal(segments, Slic(n_segments=count)(image[:channels]))


FLAT = {
    "black": torch.zeros(3, 32, 32),
    "white": torch.ones(1, 32, 32),
    "noise": noise(32),
    "crumbs": noise(16),
}


@pytest.mark.parametrize("count", [1, 2, 7, 50])
@pytest.mark.parametrize("flat", FLAT.values(), ids=FLAT)
def test_an_image_with_nothing_to_follow_is_cut_up_all_the_same(flat, count):
    segments = Slic(n_segments=count)(flat)
    assert np.unique(segments).tolist() == list(range(count))
    assert pieces(segments) == count
    assert segment_sizes(segments).max() <= 6 * segments.size / count


def test_more_segments_than_pixels_are_refused(image):
    with pytest.raises(InvalidInputError, match=r"16x16 = 256 pixels.* Got an 'n_segments' of 257"):
        Slic(n_segments=257)(image)
    with pytest.raises(InvalidInputError, match=r"'n_segments' of Slic must be an int in \[1, inf\). Got 0"):
        Slic(n_segments=0)


def merged_by_hand(segments, pixels, count):
    """Compare every pair of segments pixel by pixel, in fractions."""
    groups = [set(zip(*np.nonzero(segments == label), strict=True)) for label in range(segments.max() + 1)]

    def mean(group):
        return Fraction(sum(int(pixels[place]) for place in group), len(group))

    def touch(one, other):
        return any(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in itertools.product(one, other))

    while len(groups) > count:
        pairs = [pair for pair in itertools.combinations(groups, 2) if touch(*pair)]
        one, other = min(
            pairs, key=lambda pair: (abs(mean(pair[0]) - mean(pair[1])), len(pair[0]) + len(pair[1]))
        )
        groups = [group for group in groups if group not in (one, other)] + [one | other]
    return {frozenset(group) for group in groups}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [1, 2, 5, 11, 12])
def test_the_most_similar_neighbours_are_merged_first(seed, count):
    pixels = np.random.default_rng(seed).integers(0, 1024, (6, 8))
    segments = grid_segments(6, 8, 12)
    found = merged(segments, torch.from_numpy(pixels / 1024)[None], count)
    groups = {frozenset(zip(*np.nonzero(found == label), strict=True)) for label in range(found.max() + 1)}
    assert groups == merged_by_hand(segments, pixels, count)


def test_of_equally_similar_pairs_the_smallest_are_merged():
    segments = np.array([[0, 0, 0, 1, 1, 2, 3]])
    assert merged(segments, torch.zeros(1, 1, 7), 3).tolist() == [[0, 0, 0, 1, 1, 2, 2]]


@pytest.mark.parametrize("count", [0, 7])
def test_segments_are_only_ever_merged(image, count):
    with pytest.raises(InvalidInputError, match=rf"must be in \[1, 4\]. Got {count}"):
        merged(grid_segments(16, 16, 4), image, count)


def test_segments_that_meet_at_a_corner_are_no_neighbours():
    assert neighbours(np.array([[0, 1], [2, 3]])).tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]


@pytest.mark.parametrize("asked", [2, 3, 7, 50, 1000])
def test_a_grid_has_at_most_the_cells_asked_for(asked):
    cells = grid_segments(12, 20, asked)
    assert np.unique(cells).tolist() == list(range(cells.max() + 1))
    assert cells.max() + 1 <= asked


def test_a_value_is_spread_evenly_over_its_segment():
    segments = np.array([[0, 0, 0], [1, 2, 2]])
    relevance = spread_evenly(np.array([6.0, -1.0, 4.0]), segments)
    assert relevance.dtype == np.float32
    assert relevance.tolist() == [[2, 2, 2], [-1, 2, 2]]


def test_a_window_is_segmented_through_time():
    """A square that stands still is one segment in all frames; what appears in one frame alone is another."""
    window = torch.zeros(4, 3, 12, 12)
    window[:, 0, :6, :6] = 1.0
    window[2:, 1, 6:, 6:] = 1.0
    found = Slic(n_segments=3)(window)  # (T, H, W)
    assert found.shape == (4, 12, 12)
    still, moving = found[0, 2, 2], found[3, 9, 9]
    assert (found[:, :6, :6] == still).all()
    assert (found[2:, 6:, 6:] == moving).all()
    assert len({still, moving, found[0, 9, 2]}) == 3
    assert found[0, 9, 9] == found[0, 9, 2]


def test_a_flat_window_is_cut_into_columns_through_time():
    found = Slic(n_segments=4)(torch.full((3, 1, 8, 8), 0.5))
    assert sorted(set(found.ravel())) == [0, 1, 2, 3]
    assert (found == found[:1]).all()


def test_segments_are_neighbours_in_time_too():
    assert neighbours(np.array([[[0, 1]], [[2, 1]]])).tolist() == [[0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize("frames", range(2, 9))
@pytest.mark.parametrize("count", range(2, 10))
def test_stretches_are_runs_of_much_one_length_around_the_explained_frame(frames, count):
    for frame in range(frames):
        labels = stretches_of(frames, frame, count)
        assert np.flatnonzero(labels == 0).tolist() == [frame]
        numbers = [int(label) for label in np.delete(labels, frame)]
        assert sorted(set(numbers)) == list(range(1, min(count, frames)))
        assert numbers == sorted(numbers)
        if count == 2:
            continue
        sides = labels[:frame], labels[frame + 1 :]
        assert not set(sides[0]) & set(sides[1])
        for side in sides:
            lengths = np.bincount(side)[np.unique(side)] if len(side) else np.ones(1)
            assert lengths.max() - lengths.min() <= 1


@pytest.mark.parametrize("count", [2, 5, 12, 50])
@pytest.mark.parametrize("stretches", [2, 4, 8, 64])
def test_however_many_stretches_there_are_as_many_segments_as_asked_for(count, stretches):
    window = torch.rand(8, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    segments = SpaceTime(n_segments=count, stretches=stretches)(window, 5)
    assert segments.shape == (8, 16, 16)
    assert np.unique(segments).tolist() == list(range(count))
    inside = stretches_of(8, 5, min(stretches, count))
    owners = [
        set(np.unique(inside[np.flatnonzero((segments == label).any(axis=(1, 2)))])) for label in range(count)
    ]
    assert all(len(owner) == 1 for owner in owners)
    own = sum(owner == {0} for owner in owners)
    assert own >= (count - 1) * 3 / 4 or own >= count - inside.max()
    assert np.array_equal(segments[5], Slic(n_segments=own)(window[5]))


def test_a_picture_and_one_stretch_are_cut_as_ever(image):
    assert np.array_equal(SpaceTime(n_segments=9)(image), Slic(n_segments=9)(image))
    window = torch.stack([image, image.flip(1), image.flip(2)])
    cut = SpaceTime(n_segments=9, stretches=1)(window, 1)
    assert np.array_equal(cut, Slic(n_segments=9)(window))
