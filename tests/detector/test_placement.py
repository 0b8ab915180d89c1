from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from xai_ad.data.decoding import decode_image
from xai_ad.data.fitting import Cut, Fit, Proportions
from xai_ad.data.images import Preprocessing, cropped, prepare
from xai_ad.data.reading import seen_part
from xai_ad.detector.placement import Grid, SourceRectangle, placement_of
from xai_ad.errors import ImageError, InvalidInputError
from xai_ad.explain.results import Rectangle

CROPS = {
    "whole": Preprocessing(size=32),
    "crop": Preprocessing(size=32, crop=(10, 20, 64, 96)),
    "crop that scales": Preprocessing(size=32, crop=(10, 20, 64, 96), crop_of=(100, 150)),
}


@pytest.mark.parametrize("preprocessing", CROPS.values(), ids=CROPS)
def test_the_covered_rectangle_is_what_cropping_shows(preprocessing):
    rows, columns = np.mgrid[:130, :180].astype(np.uint8)
    image = Image.fromarray(np.stack([rows, columns, rows], axis=2))  # each pixel names its own place
    seen = np.asarray(cropped(image, preprocessing))
    placement = placement_of(preprocessing, preprocessing.rectangle_in((130, 180)))
    assert (placement.height, placement.width) == seen.shape[:2]
    assert (placement.top, placement.left) == tuple(seen[0, 0, :2])
    assert placement.frames == (0,)


def test_a_rectangle_of_the_grid_is_found_in_the_source():
    placement = placement_of(CROPS["crop"], CROPS["crop"].rectangle_in((130, 180)))
    found = placement.to_source(Rectangle(top=8, left=16, height=4, width=1))  # 2 and 3 source pixels each
    assert found == SourceRectangle(top=26.0, left=68.0, height=8.0, width=3.0)
    whole = placement.to_source(Rectangle(top=0, left=0, height=32, width=32))
    assert whole == SourceRectangle(top=10, left=20, height=64, width=96)


def test_a_clips_placement_names_the_frames_of_its_window():
    preprocessing = Preprocessing(size=32, frames=8)
    whole = Cut(top=0, left=0, height=240, width=360)
    placement = placement_of(preprocessing, whole, frames=tuple(range(17, 25)))
    assert placement.grid == Grid(frames=8, height=32, width=32)
    assert placement.frames == (17, 18, 19, 20, 21, 22, 23, 24)
    with pytest.raises(InvalidInputError, match=r"names the 8 source frames of its grid\. Got \(17,\)"):
        placement_of(preprocessing, whole, frames=(17,))


def test_a_placement_is_a_rectangle_of_the_image():
    with pytest.raises(InvalidInputError, match="rectangle of the original image"):
        replace(placement_of(CROPS["crop"], Cut(top=10, left=20, height=64, width=96)), width=0)


def test_an_image_that_does_not_contain_the_crop_is_refused():
    with pytest.raises(ImageError, match="50x50 pixels and does not contain the crop"):
        CROPS["crop"].rectangle_in((50, 50))


class Square:
    """A model of square images."""

    preprocessing = Preprocessing(size=32)
    photograph = Proportions(width=1, height=1)


@pytest.mark.parametrize(
    "fit",
    [*Fit, Cut(top=-20, left=30, height=90, width=90), Cut(top=20, left=60, height=64, width=48)],
    ids=["crop", "pad", "stretch", "drawn beyond the image", "drawn"],
)
@pytest.mark.parametrize("turned", [1, 6, 8], ids=["upright", "turned right", "turned left"])
@pytest.mark.parametrize("dot", [(30, 70), (44, 83), (61, 95)])
def test_what_stands_out_on_the_grid_is_found_where_it_is_on_the_photograph(fit, turned, dot, tmp_path):
    row, column = dot
    pixels = np.zeros((96, 160), np.uint8)
    pixels[row - 3 : row + 4, column - 3 : column + 4] = 255
    saved = Image.fromarray(pixels).rotate({1: 0, 6: 90, 8: -90}[turned], expand=True)  # EXIF turns it back
    exif = Image.Exif()
    exif[0x0112] = turned
    saved.save(tmp_path / "dot.png", exif=exif)
    picture = decode_image(tmp_path / "dot.png")
    np.testing.assert_array_equal(np.asarray(picture.convert("L")), pixels)
    placement = placement_of(Square.preprocessing, seen_part((96, 160), Square(), fit))
    grid = prepare(picture, Square.preprocessing, placement.seen)[0].float()
    weight = grid / grid.sum()
    places = torch.arange(32) + 0.5
    cell = Rectangle(
        top=float((weight.sum(1) * places).sum()),
        left=float((weight.sum(0) * places).sum()),
        height=1,
        width=1,
    )
    found = placement.to_source(cell)
    down, across = placement.height / 32, placement.width / 32
    assert abs(found.top - (row + 0.5)) < down / 2
    assert abs(found.left - (column + 0.5)) < across / 2
