"""Which moment mattered: the frames' sums."""

import numpy as np
import pytest

from xai_ad.explain.moments import moments
from xai_ad.explain.results import Attribution


def attribution(relevance, score=1.0):
    return Attribution(
        method="residual", relevance=relevance.astype(np.float32), score=score, baseline=0.0, evaluations=1
    )


def test_each_frame_has_the_sum_of_its_pixels_and_all_have_the_whole():
    relevance = np.random.default_rng(0).normal(size=(8, 12, 10)).astype(np.float32)
    found = moments(attribution(relevance))
    assert found.dtype == np.float64
    assert found == pytest.approx([float(frame.astype(np.float64).sum()) for frame in relevance], rel=1e-12)
    assert found.sum() == pytest.approx(relevance.sum(dtype=np.float64), rel=1e-12)


def test_a_picture_is_one_moment():
    relevance = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    assert moments(attribution(relevance)).tolist() == [15.0]
    assert moments(attribution(relevance[0])).tolist() == [15.0]


def test_many_small_shares_are_added_without_loss():
    relevance = np.full((2, 512, 512), 0.1, dtype=np.float32)
    assert moments(attribution(relevance)) == pytest.approx(
        [512 * 512 * float(np.float32(0.1))] * 2, rel=1e-12
    )
