import numpy as np
from PIL import Image

from xai_ad.data.images import Preprocessing
from xai_ad.data.masks import read_mask


def test_a_mask_keeps_exact_edges(tmp_path):
    mask = np.zeros((32, 32), np.uint8)
    mask[8:16, 8:24] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    small = read_mask(tmp_path / "mask.png", Preprocessing(size=16))
    expected = np.zeros((16, 16), bool)
    expected[4:8, 4:12] = True
    assert np.array_equal(small, expected)


def test_a_mask_is_cropped_as_its_picture_is(tmp_path):
    mask = np.zeros((40, 40), np.uint8)
    mask[20:40, 10:30] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    assert read_mask(tmp_path / "mask.png", Preprocessing(size=16, crop=(20, 10, 20, 20))).all()
