from dataclasses import replace
from fractions import Fraction

import pytest
from PIL import Image

from xai_ad.data.fitting import (
    Cut,
    Fit,
    Proportions,
    fitted,
    fitting_text,
    parse_fitting,
    typical_proportions,
)
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


SHAPES = [(1, 1), (4, 3), (3, 2), (2, 5)]


def nearest(target, numbers):
    """The whole number that is nearest to a fraction, the larger of two."""
    return min(numbers, key=lambda number: (abs(number - target), -number))


def middle(length, within):
    """Where a part of a length lies in the middle: what is left over on both sides differs by one at most."""
    return next(start for start in range(within + 1) if (within - length) - 2 * start in {0, 1})


@pytest.mark.parametrize("shape", SHAPES)
def test_the_middle_is_the_largest_rectangle_of_the_shape_with_equal_rests(shape):
    ratio = Fraction(*shape)
    for height in range(8, 60, 5):
        for width in range(8, 120, 7):
            found = fitted((height, width), Proportions(width=shape[0], height=shape[1]), Fit.CROP)
            if max(width / height / ratio, height / width * ratio) <= Fraction(102, 100):
                assert found == Cut(top=0, left=0, height=height, width=width)
            elif width > height * ratio:
                wide = nearest(height * ratio, range(1, width + 1))
                assert found == Cut(top=0, left=middle(wide, width), height=height, width=wide)
            else:
                high = nearest(width / ratio, range(1, height + 1))
                assert found == Cut(top=middle(high, height), left=0, height=high, width=width)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_margin_makes_the_smallest_rectangle_of_the_shape_that_holds_all(shape):
    ratio = Fraction(*shape)
    for height in range(8, 60, 5):
        for width in range(8, 120, 7):
            found = fitted((height, width), Proportions(width=shape[0], height=shape[1]), Fit.PAD)
            if max(width / height / ratio, height / width * ratio) <= Fraction(102, 100):
                assert found == Cut(top=0, left=0, height=height, width=width)
                continue
            above, before = -found.top, -found.left
            below, after = found.height - height - above, found.width - width - before
            assert below - above in {0, 1}
            assert after - before in {0, 1}
            wanted = (
                (width, nearest(width / ratio, range(1, 400)))
                if width > height * ratio
                else (nearest(height * ratio, range(1, 400)), height)
            )
            assert (found.width, found.height) == wanted


def test_stretching_takes_all_of_an_image():
    square = Proportions(width=1, height=1)
    assert fitted((30, 40), square, Fit.STRETCH) == Cut(top=0, left=0, height=30, width=40)


def test_a_panorama_has_a_middle_too():
    tall = Proportions(width=1, height=100)
    assert fitted((8, 800), Proportions(width=1, height=1), Fit.CROP) == Cut(
        top=0, left=396, height=8, width=8
    )
    assert fitted((8, 800), tall, Fit.CROP) == Cut(top=0, left=399, height=8, width=1)


@pytest.mark.parametrize(
    "fitting", [*Fit, Cut(top=-5, left=10, height=300, width=400), Cut(top=0, left=0, height=8, width=8)]
)
def test_a_fitting_is_read_as_it_was_written(fitting):
    assert parse_fitting(fitting_text(fitting)) == fitting


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("squeeze", "crop, pad, stretch, or a rectangle as top,left,height,width in pixels. Got 'squeeze'"),
        ("1,2,30", "Got '1,2,30'"),
        ("1,2,30,4.5", "Got '1,2,30,4.5'"),
        ("0,0,99999999999999999999,20", "Got '0,0,9999"),
        ("\u0661,0,20,20", "Got '"),  # a digit, to Python
        ("0,0,20,7", "at least 8x8 pixels. Got 7x20"),
        ("0,0,0,20", "at least 8x8 pixels. Got 20x0"),
        ("0,0,-20,20", "at least 8x8 pixels. Got 20x-20"),
    ],
)
def test_another_fitting_is_refused_in_one_line(text, words):
    with pytest.raises(InvalidInputError, match=words.replace("(", "[(]")) as raised:
        parse_fitting(text)
    assert "\n" not in str(raised.value)
