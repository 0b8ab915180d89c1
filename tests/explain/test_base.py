"""What a method says of segments, and how sure it is."""

import numpy as np
import pytest

from xai_ad.explain.base import SegmentValues

SEGMENTS = np.array([[0, 0, 1], [2, 2, 3]])


def known(values, low, high):
    return SegmentValues(segments=SEGMENTS, values=np.array(values), low=np.array(low), high=np.array(high))


def test_a_segment_is_unsure_where_its_interval_holds_zero():
    found = known([1.0, 1.0, -1.0, 1.0], low=[-0.5, 0.5, -2.0, 0.0], high=[2.5, 1.5, -0.1, 2.0])
    assert found.unsure.tolist() == [True, False, False, True]
    assert found.unsure_pixels.tolist() == [[True, True, False], [False, False, True]]


def test_an_interval_that_is_negligible_as_a_whole_is_sure_to_be_nothing():
    found = known([98.0, 0.0, 1.0, -1.0], low=[97.0, -0.9, -1.1, -1.0], high=[99.0, 0.9, 1.0, 1.0])
    assert found.unsure.tolist() == [False, False, True, False]


def test_exact_zeros_are_sure():
    assert not known([0.0] * 4, low=[0.0] * 4, high=[0.0] * 4).unsure.any()


def test_without_intervals_nothing_is_said():
    found = SegmentValues(segments=SEGMENTS, values=np.zeros(4))
    assert found.unsure is None
    assert found.unsure_pixels is None


def test_what_is_shared_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        known([0.0] * 4, low=[0.0] * 4, high=[0.0] * 4).low[0] = 1
