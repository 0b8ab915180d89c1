import numpy as np
import pytest
from PIL import Image

from xai_ad.data.images import Preprocessing, cropped, prepare
from xai_ad.errors import ImageError, InvalidInputError

RED = Image.new("RGB", (20, 12), (200, 30, 10))


def test_a_grey_network_gets_one_channel():
    assert prepare(RED, Preprocessing(size=16, channels=1)).shape == (1, 16, 16)


def test_a_crop_scales_with_the_picture_it_was_measured_on():
    measured = Preprocessing(size=16, channels=1, crop=(20, 10, 20, 20), crop_of=(40, 40))
    for size in ((40, 40), (20, 20), (80, 40), (60, 100)):  # height, width
        bright = np.zeros(size, np.uint8)
        rows, columns = size[0] // 4, size[1] // 4
        bright[2 * rows : 4 * rows, columns : 3 * columns] = 255
        assert prepare(Image.fromarray(bright), measured).min() == 255
        assert cropped(Image.fromarray(bright), measured).size == (2 * columns, 2 * rows)


@pytest.mark.parametrize(
    ("crop", "crop_of"), [(None, (40, 40)), ((20, 10, 21, 20), (40, 40)), ((20, 10, 20, 31), (40, 40))]
)
def test_a_crop_must_lie_in_the_picture_it_was_measured_on(crop, crop_of):
    with pytest.raises(InvalidInputError, match="'crop_of' is the"):
        Preprocessing(crop=crop, crop_of=crop_of)


def test_the_crop_is_taken_before_resizing():
    picture = Image.new("L", (40, 40), 0)
    picture.paste(255, (10, 20, 30, 40))
    cropped = prepare(picture, Preprocessing(size=16, channels=1, crop=(20, 10, 20, 20)))
    assert cropped.min() == 255


def test_a_crop_outside_the_picture_is_refused():
    with pytest.raises(ImageError, match="does not contain the crop"):
        prepare(RED, Preprocessing(size=16, crop=(0, 0, 100, 100)))


@pytest.mark.parametrize("crop", [(0, 0, 0, 0), (-5, 0, 20, 20), (0, -5, 20, 20)])
def test_a_crop_of_nothing_is_refused(crop):
    with pytest.raises(InvalidInputError, match="crop"):
        Preprocessing(size=16, crop=crop)


def test_a_network_input_of_two_channels_is_refused():
    with pytest.raises(InvalidInputError, match="1 or 3 channels"):
        Preprocessing(channels=2)
