"""HEIC and AVIF are read, turned once, whatever their bits."""

import sys

import numpy as np
import pytest
from PIL import Image

from tests.data.decoding.heif import heic
from tests.data.decoding.writing import encoded
from xai_ad.data.decoding import decode_image, open_image
from xai_ad.errors import ImageError

GREY = np.linspace(0, 255, 64 * 48).reshape(48, 64).astype(np.uint8)
TURNED = Image.Exif()
TURNED[0x0112] = 6


def off(data: bytes, expected: np.ndarray) -> int:
    found = np.asarray(decode_image(data).convert("L")).astype(int)
    assert found.shape == expected.shape
    return int(np.abs(found - expected).max())


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_heic_is_turned_as_it_says_and_once(turns):
    assert off(heic(GREY, turns=turns), np.rot90(GREY, turns)) <= 1


def test_what_the_exif_says_beside_it_turns_no_more():
    """Phones write both; the boxes count."""
    assert off(heic(GREY, turns=3, exif=TURNED.tobytes()), np.rot90(GREY, 3)) <= 1


def test_ten_bits_of_a_heic_are_eight():
    deep = np.round(GREY.astype(np.float64) * 1023 / 255).astype(np.uint16)
    assert off(heic(deep, bits=10), GREY) <= 1
    assert open_image(heic(deep, bits=10)).levels is None


def test_pictures_beside_the_main_one_are_noted():
    assert open_image(heic(GREY, count=2)).note == "It has 2 pictures; the main one is judged."
    assert open_image(heic(GREY)).note is None


@pytest.mark.parametrize("cut", [20, 300, -100, -600])
def test_a_damaged_heic_is_one_line(cut):
    with pytest.raises(ImageError, match=r"^a\.heic ") as caught:
        decode_image(heic(GREY)[:cut], name="a.heic")
    assert "\n" not in str(caught.value)


def test_without_its_library_a_heic_is_to_be_exported(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(ImageError, match=r"a\.heic is a HEIC picture.*Export it as PNG"):
        decode_image(heic(GREY), name="a.heic")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_avif_is_turned_as_it_says_and_once(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {
        1: GREY,
        2: GREY[:, ::-1],
        3: GREY[::-1, ::-1],
        4: GREY[::-1],
        5: GREY.T,
        6: np.rot90(GREY, -1),
        7: GREY[::-1, ::-1].T,
        8: np.rot90(GREY),
    }[orientation]
    assert off(encoded(Image.fromarray(GREY), "AVIF", exif=exif, quality=100), turned) <= 3


def test_a_damaged_avif_is_one_line():
    data = encoded(Image.fromarray(GREY), "AVIF")
    for cut in (30, len(data) // 2, len(data) - 20):
        with pytest.raises(ImageError, match=r"^a\.avif ") as caught:
            decode_image(data[:cut], name="a.avif")
        assert "\n" not in str(caught.value)
