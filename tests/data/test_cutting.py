import io

import numpy as np
import pytest
import torch
from PIL import Image

from xai_ad.data import cutting
from xai_ad.data.cutting import border_colour, cut_out
from xai_ad.data.decoding import decode_image
from xai_ad.data.fitting import Cut, Fit, Proportions
from xai_ad.data.images import Preprocessing, prepare
from xai_ad.data.reading import read_image, seen_part
from xai_ad.errors import ImageError


class Card:
    """A model of images of 4:3, whose network takes 16x16."""

    preprocessing = Preprocessing(size=16)
    photograph = Proportions(width=4, height=3)


def numbered(height, width, mode="RGB"):
    """An image whose every pixel names its own place."""
    rows, columns = np.mgrid[:height, :width].astype(np.uint8)
    return Image.fromarray(rows * 16 + columns if mode == "L" else np.stack([rows, columns, rows], axis=2))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_each_pixel_of_a_rectangle_is_the_images_or_the_margins(mode):
    image = numbered(7, 9, mode)
    pixels, margin = np.atleast_3d(np.asarray(image)), border_colour(image)
    for top in range(-4, 7):
        for left in range(-5, 9, 2):
            found = np.atleast_3d(np.asarray(cut_out(image, Cut(top=top, left=left, height=5, width=6))))
            for row in range(5):
                for column in range(6):
                    y, x = top + row, left + column
                    inside = 0 <= y < 7 and 0 <= x < 9
                    assert tuple(found[row, column]) == (tuple(pixels[y, x]) if inside else margin)


def test_the_margin_has_the_median_colour_of_the_outermost_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    outermost = [pixels[y, x] for y in range(5) for x in range(7) if y in {0, 4} or x in {0, 6}]
    expected = tuple(int(sum(sorted(c.tolist())[9:11]) // 2) for c in np.array(outermost).T)  # of 20
    assert border_colour(Image.fromarray(pixels)) == expected


def test_a_rectangle_beside_the_image_or_a_huge_one_is_refused_in_one_line(monkeypatch):
    image = numbered(7, 9)
    for beside in (
        Cut(top=7, left=0, height=8, width=8),
        Cut(top=0, left=9, height=8, width=8),
        Cut(top=-8, left=0, height=8, width=8),
        Cut(top=0, left=-8, height=8, width=8),
    ):
        with pytest.raises(ImageError, match="lies beside the picture, which has 9x7 pixels"):
            cut_out(image, beside)
    monkeypatch.setattr(cutting, "MAX_CUT_PIXELS", 99)
    with pytest.raises(ImageError, match="would have 10x10 pixels; at most 99 are judged"):
        cut_out(image, Cut(top=-1, left=0, height=10, width=10))
    assert cut_out(image, Cut(top=-1, left=0, height=9, width=11)).size == (11, 9)


@pytest.mark.parametrize("size", [(30, 40), (60, 80), (31, 41), (16, 16)])
@pytest.mark.parametrize("fit", list(Fit))
def test_an_image_of_the_models_shape_or_the_networks_size_is_taken_whole_to_the_bit(size, fit):
    image = numbered(*size)
    expected = np.asarray(image.resize((16, 16), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    assert seen_part(size, Card(), fit) == Cut(top=0, left=0, height=size[0], width=size[1])
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    found = read_image(buffer.getvalue(), Card(), fit=fit)
    assert torch.equal(found, torch.from_numpy(expected.copy()).float() / 255)


def test_an_image_of_another_shape_is_seen_by_its_middle_unless_asked_otherwise():
    assert seen_part((40, 40), Card()) == Cut(top=5, left=0, height=30, width=40)
    assert seen_part((40, 40), Card(), Fit.PAD) == Cut(top=0, left=-6, height=40, width=53)
    assert seen_part((40, 40), Card(), Fit.STRETCH) == Cut(top=0, left=0, height=40, width=40)
    drawn = Cut(top=3, left=4, height=9, width=11)
    assert seen_part((40, 40), Card(), drawn) == drawn


def test_a_model_that_does_not_know_its_images_shape_stretches_all():
    card = Card()
    card.photograph = None
    for fit in Fit:
        assert seen_part((30, 90), card, fit) == Cut(top=0, left=0, height=30, width=90)


def test_a_models_own_crop_is_taken_of_the_middle():
    card = Card()
    card.preprocessing = Preprocessing(size=16, channels=1, crop=(80, 0, 160, 360), crop_of=(240, 360))
    card.photograph = Proportions(width=3, height=2)
    assert seen_part((240, 360), card) == Cut(top=80, left=0, height=160, width=360)
    assert seen_part((480, 1280), card) == Cut(top=160, left=280, height=320, width=720)
    assert seen_part((480, 1280), card, Fit.PAD) == Cut(top=98, left=0, height=569, width=1280)


def test_what_is_seen_is_cut_out_before_it_is_resized():
    image = numbered(30, 40)
    for cut in (Cut(top=4, left=5, height=20, width=10), Cut(top=-3, left=-9, height=40, width=60)):
        expected = cut_out(image, cut).resize((16, 16), Image.Resampling.BILINEAR)
        found = prepare(image, Preprocessing(size=16), cut)
        np.testing.assert_array_equal(found.numpy(), np.asarray(expected).transpose(2, 0, 1))


def test_a_turned_photograph_is_fitted_as_it_is_seen():
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    numbered(30, 40).save(buffer, "JPEG", exif=exif)
    upright = decode_image(buffer.getvalue())
    assert upright.size == (30, 40)
    seen = seen_part((40, 30), Card())
    assert seen == Cut(top=8, left=0, height=23, width=30)  # 22.5 rows, rounded
    expected = prepare(upright, Card.preprocessing, seen)
    assert torch.equal(read_image(buffer.getvalue(), Card()), expected.float() / 255)
