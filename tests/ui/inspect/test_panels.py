"""The viewer is told of each region's interval in the unit of the map that it lies on."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.detector.calibration import Calibration
from xai_ad.explain.results import Attribution, SegmentValues
from xai_ad.explain.segments import spread_evenly
from xai_ad.ui.inspect.panels import segment_data
from xai_ad.ui.layers import LAYERS

CALIBRATION = Calibration(threshold=0.01, score_max=0.04, map_scale=8.0)
LABELS = np.array([[0, 0, 1], [2, 2, 2]])
LOW, HIGH = np.array([-0.004, 0.001, 0.0]), np.array([0.006, 0.003, 0.0])


def attribution(by_segment):
    return Attribution(
        method="kernel_shap",
        relevance=np.zeros((2, 3), np.float32),
        score=0.02,
        baseline=0.0,
        evaluations=1,
        by_segment=by_segment,
    )


def test_intervals_are_in_the_unit_of_the_map():
    known = SegmentValues(segments=LABELS, values=LOW, low=LOW, high=HIGH)
    data = segment_data(attribution(known), CALIBRATION, key="known")
    for bounds, told in ((LOW, data["low"]), (HIGH, data["high"])):
        drawn = CALIBRATION.density(spread_evenly(bounds, LABELS))  # as the map itself is
        assert np.array(told)[LABELS] == pytest.approx(drawn, rel=1e-2)
    layer = LAYERS.get(data["layer"].rpartition("/")[2]).content
    np.testing.assert_array_equal(np.asarray(Pillow.open(io.BytesIO(layer)))[:, :, 0], LABELS)


def test_the_browser_hatches_what_is_unsure_and_nothing_else():
    known = SegmentValues(segments=LABELS, values=(LOW + HIGH) / 2, low=LOW, high=HIGH)
    data = segment_data(attribution(known), CALIBRATION, key="known")
    assert data["unsure"] == [True, False, False]
    np.testing.assert_array_equal(np.array(data["unsure"])[LABELS], known.unsure_pixels)


def test_a_method_without_intervals_is_told_of_none():
    assert segment_data(attribution(None), CALIBRATION, key="known") is None
    assert (
        segment_data(attribution(SegmentValues(segments=LABELS, values=LOW)), CALIBRATION, key="known")
        is None
    )
