"""What is drawn on the original lies where the placement says, and nothing else of it changes."""

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.detector.placement import Grid, Placement, SourceRectangle
from xai_ad.presentation.canvas import Canvas

RED = (255, 0, 0, 255)


def photo(width=600, height=520):
    return Pillow.fromarray(np.random.default_rng(0).integers(0, 200, (height, width, 3), dtype=np.uint8))


def placed(top, left, height, width):
    return Placement(
        grid=Grid(height=2, width=2), frames=(0,), top=top, left=left, height=height, width=width
    )


def quarter():
    """Return a layer whose lower right quarter is red."""
    layer = Pillow.new("RGBA", (2, 2))
    layer.putpixel((1, 1), RED)
    return layer


@pytest.mark.parametrize(
    ("place", "painted"),
    [
        ((100, 40, 200, 300), (slice(200, 300), slice(190, 340))),
        ((-100, 0, 720, 600), (slice(260, 520), slice(300, 600))),  # a margin above and below
        ((0, -50, 520, 700), (slice(260, 520), slice(300, 600))),  # and left and right
    ],
)
def test_a_layer_covers_exactly_its_part_of_the_original(place, painted):
    original = photo()
    canvas = Canvas.of(original, placed(*place))
    canvas.lay(quarter())
    before, after = np.asarray(original), np.asarray(canvas.picture)
    inside = np.zeros(before.shape[:2], bool)
    inside[painted] = True
    assert (after[inside] == RED[:3]).all()
    assert (after[~inside] == before[~inside]).all()


def test_a_fainter_layer_lets_the_photograph_through():
    original = Pillow.new("RGB", (600, 600), (0, 0, 0))
    canvas = Canvas.of(original, placed(0, 0, 600, 600))
    canvas.lay(quarter(), opacity=0.5)
    assert canvas.picture.getpixel((599, 599)) == (128, 0, 0)


def test_a_small_photograph_is_enlarged_by_a_whole_factor_and_its_placement_with_it():
    canvas = Canvas.of(photo(100, 60), placed(10, 20, 40, 80))
    assert (canvas.factor, canvas.picture.size) == (6, (600, 360))
    assert (canvas.corner, canvas.size) == ((120, 60), (480, 240))


def test_what_the_network_saw_is_framed_where_it_is_not_all():
    whole = Canvas.of(photo(), placed(0, 0, 520, 600))
    whole.mark_seen()
    assert (np.asarray(whole.picture) == np.asarray(photo())).all()
    part = Canvas.of(photo(), placed(100, 100, 300, 300))
    part.mark_seen()
    assert part.picture.getpixel((250, 100)) == (255, 210, 63)
    assert part.picture.getpixel((250, 250)) == photo().getpixel((250, 250))


def test_outlines_and_rectangles_lie_on_the_grids_lines():
    canvas = Canvas.of(Pillow.new("RGB", (600, 600), (90, 90, 90)), placed(0, 0, 600, 600))
    canvas.outline([((1.0, 0.0), (1.0, 2.0))])
    assert canvas.picture.getpixel((300, 150)) == (255, 255, 255)
    assert canvas.picture.getpixel((320, 150)) == (90, 90, 90)
    canvas.mark_rectangles([SourceRectangle(top=1, left=0, height=1, width=1)])
    across = [canvas.picture.getpixel((x, 300)) for x in range(10, 290)]
    assert {(0, 0, 0), (53, 230, 255)} <= set(across)  # dashes on black
