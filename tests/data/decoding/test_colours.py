"""Colours and pages come in as a viewer shows them."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.data.decoding.writing import encoded, tiff
from xai_ad.data.decoding import KINDS, SUFFIXES, decode_image, names_image, open_image
from xai_ad.errors import ImageError

COLOURS = np.random.default_rng(0).integers(0, 256, (12, 16, 3)).astype(np.uint8)
GREY = COLOURS[..., 0]


def profile(kind: str) -> bytes:
    """SRGB's profile with two of its primaries exchanged, whose pictures look otherwise, or sRGB's itself."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    if kind != "sRGB":
        data = data.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
        data = data.replace("sRGB".encode("utf-16-be"), "GRBs".encode("utf-16-be")).replace(b"sRGB", b"GRBs")
    return bytes(data)


@pytest.mark.parametrize("container", ["PNG", "TIFF", "WEBP"])
def test_another_profile_is_converted_to_srgb(container):
    options = {"lossless": True} if container == "WEBP" else {}
    found = np.asarray(
        decode_image(encoded(Image.fromarray(COLOURS), container, icc_profile=profile("GRB"), **options))
    ).astype(int)
    assert np.abs(found - COLOURS[..., [1, 0, 2]]).max() <= 2


@pytest.mark.parametrize("told", [profile("sRGB"), b"no profile", b""])
def test_srgb_and_what_is_no_profile_change_nothing(told):
    data = encoded(Image.fromarray(COLOURS), icc_profile=told)
    assert np.array_equal(decode_image(data), COLOURS)


def test_a_profile_of_other_channels_changes_nothing():
    assert np.array_equal(decode_image(encoded(Image.fromarray(GREY), icc_profile=profile("GRB"))), GREY)


def test_nothing_of_the_file_hangs_on_its_pixels():
    data = encoded(Image.fromarray(COLOURS), icc_profile=profile("GRB"), dpi=(300, 300))
    assert decode_image(data).info == {}


def test_cie_colours_are_those_of_the_screen():
    lab = Image.fromarray(np.full((9, 9, 3), (200, 30, 10), np.uint8)).convert("RGB")
    there = ImageCms.profileToProfile(
        lab, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    found = np.asarray(decode_image(encoded(there, "TIFF"))).astype(int)
    assert np.abs(found - (200, 30, 10)).max() <= 3


def test_inks_of_a_photograph_by_adobe_are_not_inverted():
    inks = Image.frombytes("CMYK", (16, 12), np.dstack([255 - COLOURS, 0 * GREY]).tobytes())
    smooth = Image.new("CMYK", (16, 12), (0, 200, 200, 0))
    assert np.array_equal(decode_image(encoded(inks, "TIFF")), COLOURS)
    found = np.asarray(decode_image(encoded(smooth, "JPEG", quality=100))).astype(int)
    assert np.abs(found - (255, 55, 55)).max() <= 4


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (tiff(GREY), None),
        (tiff(GREY, 255 - GREY), "It has 2 pages; the first is judged."),
        (tiff(GREY, 255 - GREY, each=({}, {254: (4, [1])})), None),
        (tiff(255 - GREY, GREY, each=({254: (4, [1])}, {})), None),
        (
            tiff(255 - GREY, GREY, GREY, each=({254: (4, [4])}, {}, {})),
            "It has 2 pages; the first is judged.",
        ),
        (tiff(GREY, 255 - GREY, each=({254: (4, [1])}, {254: (4, [1])})), None),
    ],
)
def test_the_first_whole_page_is_judged_and_others_are_noted(data, note):
    found = open_image(data)
    assert np.array_equal(found.pixels, GREY)
    assert found.note == note


def frames(container: str, **options) -> bytes:
    first, *rest = (Image.fromarray(np.roll(COLOURS, step, axis=0)) for step in range(3))
    return encoded(first, container, save_all=True, append_images=rest, **options)


@pytest.mark.parametrize(("container", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("AVIF", {})])
def test_frames_beyond_the_first_are_noted(container, options):
    found = open_image(frames(container, **options))
    assert found.note == "It has 3 frames; the first is judged."
    if container != "AVIF":
        assert np.array_equal(found.pixels, COLOURS)


def test_pictures_beside_a_phones_photograph_are_not_noted():
    data = frames("MPO", quality=100)
    assert open_image(data).note is None
    assert open_image(data).pixels.size == (16, 12)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # as the package has it
@pytest.mark.parametrize(
    "broken", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0nonsense", b"Exif\0\0MM"]
)
def test_a_broken_exif_takes_nothing_from_the_picture(broken):
    data = encoded(Image.fromarray(COLOURS), "JPEG", quality=100, exif=broken)
    assert decode_image(data).size == (16, 12)


def test_the_orientation_of_xmp_is_honoured():
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    )
    data = encoded(Image.fromarray(COLOURS), "JPEG", quality=100, xmp=xmp)
    assert decode_image(data).size == (12, 16)


def test_a_tiff_of_a_kind_that_is_not_read_is_told_as_a_tiff():
    with pytest.raises(ImageError, match=r"a\.tif is a TIFF picture of a kind that is not read"):
        decode_image(tiff(GREY.astype(np.complex128)), name="a.tif")


def test_every_kind_and_ending_is_listed(tmp_path):
    assert KINDS == "PNG, JPEG, BMP, TIFF, WebP, HEIC, AVIF or DICOM"
    for suffix in SUFFIXES:
        assert names_image(tmp_path / f"A{suffix.upper()}")
    assert not names_image(tmp_path / "a.gif")


def test_interlaced_and_progressive_pictures_are_the_same():
    smooth = Image.fromarray(COLOURS).resize((64, 64))
    assert np.array_equal(decode_image(encoded(smooth, "PNG")), smooth)
    plain, progressive = (encoded(smooth, "JPEG", quality=95, progressive=way) for way in (False, True))
    assert np.array_equal(decode_image(plain), decode_image(progressive))
    assert io.BytesIO(plain).getvalue() != progressive
