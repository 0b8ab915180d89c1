"""Superpixels."""

import numpy as np
import pytest
import torch

from xai_ad.explain.segments import Slic, grid_segments, segment_sizes, spread_evenly


@pytest.mark.parametrize("channels", [1, 3])
def test_every_label_is_present_and_the_same_image_gives_the_same_labels(image, channels):
    segments = Slic(n_segments=9)(image[:channels])
    assert segments.shape == (16, 16)
    assert segments.dtype == np.int64
    assert np.unique(segments).tolist() == list(range(segments.max() + 1))
    assert segments.max() > 0
    assert np.array_equal(segments, Slic(n_segments=9)(image[:channels]))


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_constant_image_is_still_cut_up(value):
    segments = Slic(n_segments=50)(torch.full((1, 16, 16), value))
    assert 2 <= segments.max() + 1 <= 64
    assert np.unique(segments).tolist() == list(range(segments.max() + 1))


def test_an_image_that_slic_leaves_whole_is_cut_into_a_grid():
    noise = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(0))
    segments = Slic(n_segments=4)(noise)
    assert np.array_equal(segments, grid_segments(64, 64, 4))
    assert segment_sizes(segments).tolist() == [1024] * 4


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
