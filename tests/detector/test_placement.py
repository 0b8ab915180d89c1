from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from xai_ad.data.images import Preprocessing, cropped
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
    placement = placement_of(preprocessing, (130, 180))
    assert (placement.height, placement.width) == seen.shape[:2]
    assert (placement.top, placement.left) == tuple(seen[0, 0, :2])
    assert placement.frames == (0,)


def test_a_rectangle_of_the_grid_is_found_in_the_source():
    placement = placement_of(CROPS["crop"], (130, 180))
    found = placement.to_source(Rectangle(top=8, left=16, height=4, width=1))  # 2 and 3 source pixels each
    assert found == SourceRectangle(top=26.0, left=68.0, height=8.0, width=3.0)
    whole = placement.to_source(Rectangle(top=0, left=0, height=32, width=32))
    assert whole == SourceRectangle(top=10, left=20, height=64, width=96)


def test_a_clips_placement_names_the_frames_of_its_window():
    preprocessing = Preprocessing(size=32, frames=8)
    placement = placement_of(preprocessing, (240, 360), frames=tuple(range(17, 25)))
    assert placement.grid == Grid(frames=8, height=32, width=32)
    assert placement.frames == (17, 18, 19, 20, 21, 22, 23, 24)
    with pytest.raises(InvalidInputError, match=r"names the 8 source frames of its grid\. Got \(17,\)"):
        placement_of(preprocessing, (240, 360), frames=(17,))


def test_a_placement_is_a_rectangle_of_the_image():
    with pytest.raises(InvalidInputError, match="rectangle of the original image"):
        replace(placement_of(CROPS["crop"], (130, 180)), top=-1)


def test_an_image_that_does_not_contain_the_crop_is_refused():
    with pytest.raises(ImageError, match="50x50 pixels and does not contain the crop"):
        placement_of(CROPS["crop"], (50, 50))
