"""A record holds what the explanation says, raw, and null for what it does not know."""

import json

import numpy as np
import pytest

from xai_ad.explain.choices import Direction, Search
from xai_ad.explain.results import Attribution, Counterfactual, Rectangle, SegmentValues
from xai_ad.presentation.report import explanation_record, relevance_of, segments_of, to_json

LABELS = np.array([[0, 0], [1, 1]])
VALUES = np.array([0.3, -0.1])


def record(calibration, by_segment):
    explanation = Attribution(
        method="kernel_shap",
        relevance=np.full((2, 2), 0.05, np.float32),
        score=0.2,
        baseline=0.0,
        evaluations=1,
        by_segment=by_segment,
    )
    assert segments_of(explanation) is by_segment
    written = explanation_record(
        explanation, model="m", image_sha256="0" * 64, calibration=calibration, seconds=1.0
    )
    return json.loads(to_json(written))["segments"]


def test_segments_are_recorded_with_their_intervals(calibration):
    known = SegmentValues(
        segments=LABELS,
        values=VALUES,
        standard_errors=np.array([0.01, 0.02]),
        low=VALUES - 0.1,
        high=VALUES + 0.1,
    )
    assert record(calibration, known) == [
        {"value": 0.3, "standard_error": 0.01, "low": pytest.approx(0.2), "high": pytest.approx(0.4)},
        {"value": -0.1, "standard_error": 0.02, "low": pytest.approx(-0.2), "high": 0.0},
    ]


def test_what_is_not_known_of_a_segment_is_null(calibration):
    unknown = {"standard_error": None, "low": None, "high": None}
    expected = [{"value": 0.3} | unknown, {"value": -0.1} | unknown]
    assert record(calibration, SegmentValues(segments=LABELS, values=VALUES)) == expected


@pytest.mark.parametrize(("direction", "worth"), [(Direction.REPAIR, 0.3), (Direction.TRANSPLANT, -0.3)])
def test_a_counterfactuals_relevance_is_what_its_rectangles_were_worth(direction, worth):
    boxes = (Rectangle(top=0, left=0, height=1, width=2), Rectangle(top=2, left=3, height=2, width=1))
    explanation = Counterfactual(
        method="counterfactual",
        direction=direction,
        search=Search.EXACT,
        rectangles=boxes,
        pixels=np.zeros((3, 4, 4), np.float32),
        score=0.5,
        score_before=0.5,
        score_after=0.2,
        flipped=True,
        area=0.25,
        evaluations=1,
    )
    expected = np.zeros((4, 4))
    expected[0, :2] = expected[2:, 3] = worth / 4
    np.testing.assert_allclose(relevance_of(explanation), expected, rtol=1e-6)


def test_a_map_without_segments_has_none(calibration):
    assert record(calibration, None) is None
