"""Samples are listed as people speak of them, and an image is shown at its own shape and resolution."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.data.fitting import Cut
from xai_ad.inspection import image_files
from xai_ad.inspection.image_files import FEATURED, default_sample, list_samples, make_image_file, shown_image


def encoded(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width, height):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Pillow.fromarray(pixels)


def test_defects_are_listed_before_good_parts(mvtec_folder):
    samples = list_samples("widget", root=mvtec_folder.parent)
    assert next(iter(samples)) == "hole/000"
    assert list(samples)[-1] == "good/005"
    assert samples["stain/003"] == mvtec_folder / "test/stain/003.png"


@pytest.mark.parametrize("dataset", ["nothing", "..", "../.."])
def test_a_dataset_without_pictures_lists_none(dataset, tmp_path):
    assert list_samples(dataset, root=tmp_path / "a" / "b") == {}
    assert default_sample(dataset, {}) is None


@pytest.mark.parametrize("dataset", FEATURED)
def test_the_featured_sample_exists_and_is_a_defect(dataset):
    samples = list_samples(dataset)
    assert default_sample(dataset, samples) == FEATURED[dataset]
    assert not FEATURED[dataset].startswith("good/")


def test_a_small_photograph_is_shown_as_it_is():
    picture = noise(60, 40)
    shown = shown_image(make_image_file("p", encoded(picture)))
    np.testing.assert_array_equal(np.asarray(shown), np.asarray(picture))


def test_a_large_photograph_is_reduced_and_keeps_its_shape():
    shown = shown_image(make_image_file("p", encoded(noise(3000, 1500))))
    assert shown.size == (image_files.LARGEST_SIDE, image_files.LARGEST_SIDE // 2)


def test_only_what_the_network_was_given_is_shown():
    picture = noise(60, 40)
    shown = shown_image(make_image_file("p", encoded(picture)), Cut(top=5, left=10, height=30, width=20))
    np.testing.assert_array_equal(np.asarray(shown), np.asarray(picture)[5:35, 10:30])


def test_a_rotated_photograph_is_shown_upright():
    exif = Pillow.Exif()
    exif[0x0112] = 6
    shown = shown_image(make_image_file("p", encoded(noise(60, 40), "JPEG", exif=exif)))
    assert shown.size == (40, 60)
