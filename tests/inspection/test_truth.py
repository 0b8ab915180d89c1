"""A shipped sample knows its true defect, on the grid of what the network sees of it; nothing else does."""

import numpy as np
import pytest

from xai_ad.detector.placement import Grid, Placement
from xai_ad.inspection.image_files import list_samples, make_image_file
from xai_ad.inspection.truth import has_truth, true_mask

WHOLE = Placement(grid=Grid(height=32, width=32), frames=(0,), top=0, left=0, height=32, width=32)


@pytest.fixture
def sample(mvtec_folder):
    """Opens a sample of the folder by its name, `sample("hole/000")`, under any name."""

    def read(name, called=None):
        content = list_samples("widget", root=mvtec_folder.parent)[name].read_bytes()
        return make_image_file(called or f"widget/{name}", content)

    return read


def test_a_mask_lies_where_the_defect_is(sample, mvtec_folder):
    mask = true_mask(sample("hole/000"), WHOLE, root=mvtec_folder.parent)
    expected = np.zeros((32, 32), bool)
    expected[8:16, 8:16] = True
    np.testing.assert_array_equal(mask, expected)


def test_a_mask_is_cut_as_the_picture_is(sample, mvtec_folder):
    part = Placement(grid=Grid(height=16, width=8), frames=(0,), top=4, left=8, height=16, width=16)
    mask = true_mask(sample("hole/000"), part, root=mvtec_folder.parent)
    expected = np.zeros((16, 8), bool)
    expected[4:12, 0:4] = True  # rows 8 to 16 less 4; columns 8 to 16 less 8, at half the width
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize("name", ["stain/000", "good/000"])
def test_a_sample_without_a_mask_has_none(sample, mvtec_folder, name):
    assert true_mask(sample(name), WHOLE, root=mvtec_folder.parent) is None


def test_an_upload_of_a_samples_name_is_not_that_sample(sample, mvtec_folder):
    named_alike = sample("good/000", called="widget/hole/000")
    assert true_mask(named_alike, WHOLE, root=mvtec_folder.parent) is None


@pytest.mark.parametrize("name", ["part.png", "hole/000", "widget/../hole/000", ""])
def test_any_other_name_has_no_mask(sample, mvtec_folder, name):
    image_file = make_image_file(name, sample("hole/000").content)
    assert true_mask(image_file, WHOLE, root=mvtec_folder.parent) is None


def test_a_damaged_mask_is_no_mask(sample, mvtec_folder):
    (mvtec_folder / "ground_truth/hole/000_mask.png").write_bytes(b"nothing")
    assert true_mask(sample("hole/000"), WHOLE, root=mvtec_folder.parent) is None


def test_a_picture_is_known_to_have_a_mask_without_reading_it(sample, mvtec_folder):
    root = mvtec_folder.parent
    assert has_truth(sample("hole/000"), root)
    assert not has_truth(sample("stain/000"), root)
    assert not has_truth(sample("good/000", called="widget/hole/000"), root)
