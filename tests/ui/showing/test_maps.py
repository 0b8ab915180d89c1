"""The viewer is told of each region's interval in the unit of the map that it lies on."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.detector.calibration import Calibration
from xai_ad.explain.results import Attribution, SegmentValues
from xai_ad.ui.layers import LAYERS
from xai_ad.ui.showing.maps import segment_data

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


def test_figures_are_multiples_of_the_limit_that_a_region_adds():
    known = SegmentValues(segments=LABELS, values=(LOW + HIGH) / 2, low=LOW, high=HIGH)
    data = segment_data(attribution(known), CALIBRATION, key="known")
    assert data["low"] == pytest.approx([-0.4, 0.1, 0.0])
    assert data["values"] == pytest.approx([0.1, 0.2, 0.0])
    assert data["high"] == pytest.approx([0.6, 0.3, 0.0])
    layer = LAYERS.get(data["layer"].rpartition("/")[2]).content
    np.testing.assert_array_equal(np.asarray(Pillow.open(io.BytesIO(layer)))[:, :, 0], LABELS)


def test_every_regions_value_lies_within_its_own_interval_as_shown():
    """Told to three digits, as the browser prints them: rounding must not carry a value out of its interval."""
    rng = np.random.default_rng(0)
    labels = np.arange(600).reshape(20, 30)
    values = rng.normal(size=600) * 10.0 ** rng.integers(-6, 2, 600)
    width = np.abs(values) * 10.0 ** rng.uniform(-7, 0, 600)
    known = SegmentValues(segments=labels, values=values, low=values - width, high=values + width)
    data = segment_data(attribution(known), CALIBRATION, key="many")
    told = zip(data["low"], data["values"], data["high"], strict=True)
    assert all(low <= value <= high for low, value, high in told)


def test_the_browser_hatches_what_is_unsure_and_nothing_else():
    known = SegmentValues(segments=LABELS, values=(LOW + HIGH) / 2, low=LOW, high=HIGH)
    data = segment_data(attribution(known), CALIBRATION, key="known")
    assert data["unsure"] == [True, False, False]
    np.testing.assert_array_equal(np.array(data["unsure"])[LABELS], known.unsure_pixels)


def test_a_method_without_intervals_tells_its_values_alone():
    data = segment_data(attribution(SegmentValues(segments=LABELS, values=LOW)), CALIBRATION, key="plain")
    assert data["values"] == pytest.approx([-0.4, 0.1, 0.0])
    assert (data["low"], data["high"], data["unsure"]) == (None, None, None)
    assert segment_data(attribution(None), CALIBRATION, key="none") is None
