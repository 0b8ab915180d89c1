"""Pictures show exactly what the arrays say, on one scale, and as the viewer in the browser does."""

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from xai_ad.detector.calibration import Calibration
from xai_ad.explain.choices import Direction, Search
from xai_ad.explain.results import Attribution, Counterfactual, Rectangle, SegmentValues
from xai_ad.presentation import render
from xai_ad.presentation.scales import MapScale, ShownMap, Unit, region_scale

CALIBRATION = Calibration(threshold=0.01, score_max=0.04, map_scale=8.0)
DRAWING = Path(render.__file__).parents[1] / "ui" / "components" / "drawing"
COLOUR_JS = DRAWING / "colour.js"
HATCH_JS = DRAWING / "hatch.js"


def decode(png):
    return np.asarray(Pillow.open(io.BytesIO(png)))


def attribution(relevance, method="lrp"):
    return Attribution(method=method, relevance=relevance, score=0.02, baseline=0.0, evaluations=1)


def counterfactual(*rectangles):
    return Counterfactual(
        method="counterfactual",
        direction=Direction.REPAIR,
        search=Search.EXACT,
        rectangles=rectangles,
        pixels=np.full((3, 8, 8), 0.5, np.float32),
        score=0.02,
        score_before=0.02,
        score_after=0.005,
        flipped=True,
        area=0.1,
        evaluations=1,
    )


def test_a_map_that_stands_at_the_limit_everywhere_has_density_one():
    relevance = np.full((4, 6), 0.01 / 24, dtype=np.float32)
    np.testing.assert_allclose(CALIBRATION.density(relevance), 1.0, rtol=1e-6)


def shown(values, *, signed=True, limit=8.0, start=0.0):
    scale = MapScale(unit=Unit.DENSITY, limit=limit, start=start, knee=limit / 20)
    return ShownMap(values=np.asarray(values, np.float32), scale=scale, signed=signed)


def test_signed_levels_run_from_minus_one_to_one_and_nothing_is_exactly_the_middle():
    levels = render.levels(np.array([[-1, -0.5, 0, 0.5, 1]]), signed=True)
    np.testing.assert_allclose(
        (levels.astype(float) - 32768) / 32767, [[-1, -0.5, 0, 0.5, 1]], atol=1 / 65534
    )
    assert levels[0, 2] == 32768


def test_unsigned_levels_run_from_nothing_to_one():
    assert render.levels(np.array([[-1, 0, 0.5, 1]]), signed=False).tolist() == [[0, 0, 32768, 65535]]


@pytest.mark.parametrize("signed", [True, False])
def test_a_layer_carries_three_digits_of_what_is_drawn(signed):
    """An 8-bit layer on a scale of several hundred would not: its steps are larger than the values."""
    values = np.geomspace(1.0, 199.0, 12, dtype=np.float32).reshape(3, 4)
    given = shown(values, signed=signed, limit=200.0)
    red, green, blue = np.moveaxis(decode(render.map_layer(given)).astype(int), 2, 0)
    levels = 256 * red + green
    strengths = (levels - 32768) / 32767 if signed else levels / 65535
    np.testing.assert_allclose(given.scale.value(strengths), values, rtol=0.002)
    assert not blue.any()


@pytest.mark.parametrize("signed", [True, False])
def test_exactly_nothing_leaves_the_photograph_as_it_is(signed):
    pixels = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    drawn = render.overlay(Pillow.fromarray(pixels), shown(np.zeros((8, 8)), signed=signed))
    np.testing.assert_array_equal(np.asarray(drawn), pixels)


def test_an_overlay_paints_crisp_blocks_where_the_map_is():
    values = np.zeros((2, 2), np.float32)
    values[0, 1] = 8.0
    drawn = np.asarray(render.overlay(Pillow.new("RGB", (512, 512)), shown(values), opacity=1.0))
    assert (drawn[:256, 256:] == [0xE0, 0x34, 0x00]).all()
    assert not drawn[:256, :256].any()
    assert not drawn[256:].any()


def test_the_two_directions_get_the_two_ends_of_the_diverging_palette():
    table = render.colour_table(signed=True)
    assert table[0].tolist() == [0x14, 0x50, 0xE0, 255]
    assert table[255].tolist() == [0xE0, 0x34, 0x00, 255]
    assert table[127, 3] == table[128, 3] == 0


def test_opacity_grows_with_the_magnitude():
    for signed, ends in ((True, table_halves), (False, lambda alpha: [alpha])):
        for half in ends(render.colour_table(signed=signed)[:, 3].astype(int)):
            assert (np.diff(half) >= 0).all()
            assert (half[0], half[-1]) == (0, 255)


def table_halves(alpha):
    return [alpha[127::-1], alpha[128:]]


@pytest.mark.parametrize("name", ["SEQUENTIAL", "DIVERGING"])
def test_the_palettes_are_the_viewers(name):
    script = COLOUR_JS.read_text(encoding="utf-8")
    palette = re.search(rf"const {name} = \[(.*?)\]", script, re.DOTALL).group(1)
    assert tuple(re.findall(r"#[0-9a-f]{6}", palette)) == getattr(render, name)


def test_files_begin_with_the_screens_opacity():
    script = (DRAWING / "view.js").read_text(encoding="utf-8")
    assert float(re.search("opacity: { map: ([0-9.]+)", script).group(1)) == render.OPACITY


def test_opacity_grows_as_in_the_viewer():
    script = COLOUR_JS.read_text(encoding="utf-8")
    assert float(re.search("const FADE = ([0-9.]+);", script).group(1)) == render.FADE


def test_what_does_not_reach_the_scales_start_is_left_out():
    drawn = np.asarray(render.coloured(shown([[0.9, 1.0, -0.9, -1.0]], start=1.0)))
    assert (drawn[0, :, 3] > 0).tolist() == [False, True, False, True]


@pytest.mark.parametrize("name", ["HATCH_LINES", "HATCH_LEAST", "HATCH_WEIGHT", "HATCH_DARK", "HATCH_LIGHT"])
def test_the_hatch_is_the_viewers(name):
    script = HATCH_JS.read_text(encoding="utf-8")
    assert float(re.search(rf"const {name} = ([0-9.]+);", script).group(1)) == getattr(render, name)


def test_the_hatch_repeats_a_dark_line_with_a_light_one_beside_it():
    tile = render.hatch_tile(14)
    dark, light, clear = [0, 0, 0, 140], [255, 255, 255, 153], [0, 0, 0, 0]
    assert tile[0].tolist() == [dark] * 2 + [light] * 2 + [clear] * 10
    for row in range(1, 14):  # one to the left in each row: a diagonal that joins its neighbours
        np.testing.assert_array_equal(tile[row], np.roll(tile[0], -row, axis=0))


def by_segment(low, high):
    """Two segments, the left and the right half of the picture."""
    segments = np.repeat([[0, 0, 0, 0, 1, 1, 1, 1]], 8, axis=0)
    return SegmentValues(
        segments=segments, values=np.array([1e-4, 1e-4]), low=np.array(low), high=np.array(high)
    )


def drawn(segments, photo):
    relevance = np.zeros((8, 8), np.float32)
    explanation = Attribution(
        method="kernel_shap",
        relevance=relevance,
        score=0.02,
        baseline=0.0,
        evaluations=1,
        by_segment=segments,
    )
    return np.asarray(render.explanation_overlay(photo, explanation, CALIBRATION)).astype(int)


@pytest.mark.parametrize("colour", ["white", "black", "#e03400", "#1450e0", "#808080"])
def test_only_segments_whose_interval_holds_zero_are_hatched_on_any_colour(colour):
    photo = Pillow.new("RGB", (512, 512), colour)
    plain = np.asarray(photo).astype(int)
    changed = np.abs(drawn(by_segment([0.1, -0.1], [0.5, 0.5]), photo) - plain).max(axis=2)
    assert not changed[:, :256].any()
    assert 0.1 < (changed[:, 256:] > 40).mean() < 0.4
    np.testing.assert_array_equal(drawn(by_segment([0.1, 0.1], [0.5, 0.5]), photo), plain)


def test_without_intervals_nothing_is_hatched():
    photo = Pillow.new("RGB", (512, 512), "white")
    values = SegmentValues(segments=np.zeros((8, 8), np.int64), values=np.array([1e-4]))
    assert (drawn(values, photo) == 255).all()
    assert (drawn(None, photo) == 255).all()


@pytest.mark.parametrize("most", [1, 255, 256, 700])
def test_a_layer_of_segments_holds_every_label(most):
    segments = np.arange(40 * 30).reshape(40, 30) % (most + 1)
    red, green, blue = np.moveaxis(decode(render.segment_layer(segments)).astype(int), 2, 0)
    np.testing.assert_array_equal(red + 256 * green, segments)
    assert not blue.any()


def test_a_small_share_is_painted_so_that_it_is_seen():
    scale = region_scale(CALIBRATION)
    drawn = render.coloured(ShownMap(values=np.full((1, 1), 0.1, np.float32), scale=scale, signed=True))
    red, green, blue, alpha = np.asarray(drawn)[0, 0].tolist()
    assert alpha > 90
    assert red > green > blue + 60


def test_small_photographs_are_enlarged_in_whole_steps_and_large_ones_kept():
    nothing = shown(np.zeros((8, 8)))
    assert render.overlay(Pillow.new("L", (128, 100)), nothing).size == (512, 400)
    assert render.overlay(Pillow.new("RGB", (900, 700)), nothing).size == (900, 700)


def test_a_counterfactual_is_outlined_where_its_rectangle_lies():
    photo = Pillow.new("RGB", (512, 512), "white")
    rectangle = Rectangle(top=2, left=4, height=3, width=2)
    drawn = np.asarray(render.explanation_overlay(photo, counterfactual(rectangle), CALIBRATION))
    rows, columns = np.nonzero((drawn != 255).any(axis=2))
    edges = [rows.min(), rows.max(), columns.min(), columns.max()]
    assert np.abs(np.array(edges) - [2 * 64, 5 * 64, 4 * 64, 6 * 64]).max() <= 4
    assert (drawn[3 * 64 + 10 : 4 * 64, 5 * 64 - 10 : 5 * 64 + 10] == 255).all()


def test_a_transplant_is_drawn_on_the_picture_that_it_was_pasted_into():
    pasted = replace(
        counterfactual(Rectangle(top=2, left=4, height=3, width=2)), direction=Direction.TRANSPLANT
    )
    drawn = np.asarray(render.explanation_overlay(Pillow.new("RGB", (640, 512)), pasted, CALIBRATION))
    assert drawn.shape == (512, 640, 3)
    assert (drawn[:100] == 128).all()  # the changed picture is grey, the photograph black


def test_an_attribution_is_drawn_on_the_calibrations_scale():
    relevance = np.zeros((8, 8), np.float32)
    relevance[0, 0] = CALIBRATION.map_scale * CALIBRATION.threshold / 64
    photo = Pillow.new("RGB", (512, 512))
    drawn = render.explanation_overlay(photo, attribution(relevance), CALIBRATION)
    expected = render.overlay(photo, shown(relevance * 64 / CALIBRATION.threshold, start=0.4))
    np.testing.assert_array_equal(np.asarray(drawn), np.asarray(expected))


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_an_image_becomes_an_eight_bit_picture(channels, mode):
    image = torch.linspace(0, 1, channels * 16).reshape(channels, 4, 4)
    picture = Pillow.open(io.BytesIO(render.image_png(image)))
    assert (picture.mode, picture.size) == (mode, (4, 4))
    np.testing.assert_array_equal(
        np.atleast_3d(np.asarray(picture)).transpose(2, 0, 1), (image * 255).round().to(torch.uint8).numpy()
    )
