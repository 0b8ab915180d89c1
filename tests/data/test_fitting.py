from dataclasses import replace
from fractions import Fraction

import pytest
from PIL import Image

from xai_ad.data.fitting import Proportions, typical_proportions
from xai_ad.data.layouts import read_dataset
from xai_ad.data.loading import proportions_of
from xai_ad.errors import InvalidInputError


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((256, 256), "1:1"),
        ((450, 600), "4:3"),
        ((600, 450), "3:4"),
        ((240, 360), "3:2"),
        ((158, 238), "3:2"),  # 1.506, as UCSD Ped 1 has it
        ((768, 1366), "16:9"),
        ((10, 1000), "100:1"),
        ((1000, 1030), "1.03:1"),
        ((1030, 1000), "1:1.03"),
        ((7, 13), "13:7"),
    ],
)
def test_a_shape_is_said_by_the_numbers_that_people_know(size, words):
    assert Proportions.of(size).words == words


def test_a_shape_is_reduced():
    assert Proportions.of((450, 600)) == Proportions(width=4, height=3)
    with pytest.raises(InvalidInputError, match="Got 8 and 6"):
        Proportions(width=8, height=6)


@pytest.mark.parametrize("shape", [Proportions(width=1, height=1), Proportions(width=4, height=3)])
def test_two_percent_off_is_the_same_shape_and_more_is_another(shape):
    for height in range(190, 220):
        for width in range(180, 310):
            off = Fraction(width, height) / Fraction(shape.width, shape.height)
            assert shape.fits((height, width)) is (max(off, 1 / off) <= Fraction(102, 100)), (height, width)


def test_the_shape_of_many_images_is_the_middle_one():
    assert typical_proportions([(300, 400), (400, 300), (450, 600), (10, 1000), (3, 4)]).words == "4:3"
    assert typical_proportions([(10, 10), (10, 20)]).words == "1:1"


def rewrite(folder, size):
    """Give every image of a folder another (width, height)."""
    for path in folder.rglob("*.png"):
        Image.open(path).resize(size).save(path)


def test_a_datasets_shape_is_that_of_its_files_unless_more_is_known_of_it(mvtec_folder):
    rewrite(mvtec_folder, (40, 30))
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert proportions_of(dataset, dataset.samples) == Proportions(width=4, height=3)
    rewrite(mvtec_folder, (24, 24))
    assert proportions_of(dataset, dataset.samples) == Proportions(width=1, height=1)
    squeezed = replace(dataset, crop=(80, 0, 160, 360), crop_of=(240, 360))
    assert proportions_of(squeezed, dataset.samples) == Proportions(
        width=3, height=2
    )  # that the crop is a part of
    known = read_dataset(mvtec_folder.rename(mvtec_folder.with_name("ham10000")), "mvtec")
    assert proportions_of(known, known.samples) == Proportions(width=4, height=3)  # squares made of 600x450
