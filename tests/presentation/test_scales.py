"""A map by region says what each region adds in multiples of the limit, on a scale that the calibration fixes."""

import numpy as np
import pytest

from xai_ad.detector.calibration import Calibration
from xai_ad.explain.results import Attribution, SegmentValues, WindowCount
from xai_ad.presentation.scales import (
    MapScale,
    ShownMap,
    Unit,
    density_scale,
    evidence_level,
    region_scale,
    region_values,
    share_scale,
    shown_map,
)

CALIBRATION = Calibration(threshold=0.01, score_max=0.04, map_scale=200.0)
SCALES = [density_scale(CALIBRATION), region_scale(CALIBRATION), share_scale()]
LABELS = np.array([[[0, 0, 1, 1], [2, 2, 2, 2]]])
VALUES = np.array([0.005, -0.02, 0.0])


def attribution(method="kernel_shap", **fields):
    given = {"relevance": np.arange(8, dtype=np.float32).reshape(1, 2, 4)} | fields
    return Attribution(method=method, score=0.02, baseline=0.0, evaluations=1, **given)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.unit)
def test_a_strength_stands_for_the_value_that_it_was_made_of(scale):
    values = np.concatenate([-np.geomspace(scale.limit, 1e-4, 9), [0.0], np.geomspace(1e-4, scale.limit, 9)])
    strengths = scale.strength(values)
    np.testing.assert_allclose(scale.value(strengths), values, rtol=1e-9)
    assert (np.diff(strengths) > 0).all()
    assert (strengths[0], strengths[9], strengths[-1]) == (-1, 0, 1)


def test_what_lies_beyond_the_limit_is_drawn_as_the_limit():
    scale = MapScale(unit=Unit.REGION, limit=4.0, start=0.1, knee=0.1)
    assert scale.strength(np.array([-80.0, 4.0, 5.0])).tolist() == [-1, 1, 1]


def test_strength_is_the_logarithm_beyond_the_knee():
    scale = MapScale(unit=Unit.REGION, limit=15.0, start=0.1, knee=1.0)
    np.testing.assert_allclose(scale.strength(np.array([1.0, 3.0, 7.0])), [0.25, 0.5, 0.75])


def test_a_regions_value_counts_limits_whatever_its_size():
    found = attribution(by_segment=SegmentValues(segments=LABELS, values=VALUES))
    shown = shown_map(found, CALIBRATION)
    np.testing.assert_allclose(shown.values, [[0.5, 0.5, -2, -2], [0, 0, 0, 0]], rtol=1e-6)
    np.testing.assert_allclose(region_values(found, CALIBRATION), [0.5, -2, 0], rtol=1e-12)
    assert (shown.scale, shown.signed) == (region_scale(CALIBRATION), True)


def test_a_window_counts_limits_too():
    relevance = np.full((1, 2, 4), 0.001, np.float32)
    found = attribution("occlusion", relevance=relevance, findings=WindowCount(windows=3, window_pixels=4))
    shown = shown_map(found, CALIBRATION)
    np.testing.assert_allclose(shown.values, 0.4, rtol=1e-6)
    assert shown.scale.unit is Unit.REGION


def test_a_consensus_is_read_as_windows_of_a_nominal_size():
    shown = shown_map(attribution("consensus", relevance=np.full((1, 16, 8), 0.005, np.float32)), CALIBRATION)
    np.testing.assert_allclose(shown.values, 1.0, rtol=1e-6)  # 128 pixels in 64 windows
    assert shown.scale.unit is Unit.REGION


@pytest.mark.parametrize(("method", "signed"), [("residual", False), ("lrp", True)])
def test_a_pixel_map_is_density(method, signed):
    found = attribution(method)
    shown = shown_map(found, CALIBRATION)
    np.testing.assert_array_equal(shown.values, CALIBRATION.density(found.relevance[0]))
    assert (shown.scale, shown.signed) == (density_scale(CALIBRATION), signed)


@pytest.mark.parametrize("frame", [0, 1])
def test_of_a_window_one_frame_is_shown(frame):
    relevance = np.arange(16, dtype=np.float32).reshape(2, 2, 4)
    shown = shown_map(attribution("lrp", relevance=relevance), CALIBRATION, frame=frame)
    np.testing.assert_array_equal(shown.values, CALIBRATION.density(relevance[frame]))
    labels = np.concatenate([LABELS, 2 - LABELS])
    by_segment = SegmentValues(segments=labels, values=VALUES)
    shown = shown_map(attribution(relevance=relevance, by_segment=by_segment), CALIBRATION, frame=frame)
    np.testing.assert_allclose(shown.values, VALUES[labels[frame]] / 0.01, rtol=1e-6)


@pytest.mark.parametrize(("map_scale", "limit"), [(200.0, 4.0), (20.0, 1.0)])
def test_the_scale_of_regions_holds_a_region_that_reaches_the_limit_alone(map_scale, limit):
    calibration = Calibration(threshold=0.01, score_max=0.04, map_scale=map_scale)
    assert region_scale(calibration).limit == limit


def test_an_even_share_of_a_normal_picture_is_not_painted_and_an_eighth_of_the_limit_is_seen():
    scale = region_scale(CALIBRATION)
    assert 0.5 / 50 < scale.start < 1 / 8
    assert float(scale.strength(np.array(1 / 8))) > 0.2


def shown(values):
    scale = MapScale(unit=Unit.REGION, limit=4.0, start=0.1, knee=0.1)
    return ShownMap(values=np.array([values], np.float32), scale=scale, signed=True)


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ([0.05, 0.11, *[0.0] * 8], 0.11),  # the strongest tenth of ten
        (
            [0.12, 0.12, 0.09, *[0.01] * 7, *[0.0] * 20],
            0.1,
        ),  # of thirty it would reach .09, which is not drawn
        ([4.0, 0.9, 1.1, *[0.0] * 27], 1.0),  # a quarter of the highest
        ([0.02, 0.01, *[-3.0] * 18], 0.01),  # nothing is drawn: then what there is
        ([-1.0] * 10, np.inf),
    ],
)
def test_evidence_is_the_strongest_tenth_that_is_drawn_and_no_by_catch(values, level):
    assert evidence_level(shown(values)) == pytest.approx(level, rel=1e-6)
