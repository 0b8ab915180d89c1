"""A caption leaves the picture alone, fits under it, and its bar has the map's own colours."""

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.presentation import render
from xai_ad.presentation.captions import Caption, DrawnScale, captioned
from xai_ad.presentation.legends import Legend
from xai_ad.presentation.scales import MapScale, Unit

SCALE = MapScale(unit=Unit.DENSITY, limit=4.0, start=0.5, knee=0.5)


def drawn(opacity=1.0, *, signed=True):
    legend = Legend(id="id", unit="unit", low="low", zero="none", high="high")
    return DrawnScale(scale=SCALE, signed=signed, opacity=opacity, legend=legend)


def captioned_noise(width=600, **told):
    picture = Pillow.fromarray(np.random.default_rng(0).integers(0, 256, (40, width, 3), dtype=np.uint8))
    given = {"verdict": "FAIL", "figures": "2 times the limit", "lines": ("one", "two")} | told
    return picture, captioned(picture, Caption(**given))


@pytest.mark.parametrize("width", [512, 600, 3000])
def test_the_picture_stands_unchanged_above_its_caption(width):
    picture, sheet = captioned_noise(width, scale=drawn())
    assert sheet.width == width
    np.testing.assert_array_equal(np.asarray(sheet)[:40], np.asarray(picture))
    assert (np.asarray(sheet)[40:] < 128).any()  # ink


def test_a_caption_of_long_words_stays_within_its_margins():
    _, sheet = captioned_noise(lines=("x" * 400, "word " * 80))
    strip = np.asarray(sheet)[40:]
    assert (strip[:, -10:] == 255).all()
    assert (strip[-10:] == 255).all()
    assert sheet.height > captioned_noise()[1].height + 100


@pytest.mark.parametrize("opacity", [1.0, 0.4])
def test_the_bar_has_the_colours_of_the_map_and_is_blank_where_nothing_is_drawn(opacity):
    _, sheet = captioned_noise(scale=drawn(opacity))
    pixels = {tuple(pixel) for pixel in np.asarray(sheet)[40:].reshape(-1, 3)}
    table = render.colour_table(signed=True).astype(float)
    for strength, is_drawn in ((1.0, True), (-1.0, True), (0.2, False)):
        colour = table[int(render.levels(np.array([strength]), signed=True)[0]) // 256]
        share = np.rint(colour[3] * opacity) / 255
        seen = tuple(colour[:3] * share + 255 * (1 - share))
        near = any(np.abs(np.subtract(seen, pixel)).max() <= 1 for pixel in pixels)
        assert near == is_drawn


def test_letters_of_other_scripts_are_drawn():
    plain = captioned_noise(lines=("\u2014",))[1]
    for text in ("\u043f\u0440\u0438", "\u03b1\u03b2", "\u00fc"):
        assert np.asarray(captioned_noise(lines=(text,))[1]).tobytes() != np.asarray(plain).tobytes()
