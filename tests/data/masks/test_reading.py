"""A mask lies on its picture as people see it, and only on a picture of its shape."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import ANOMALOUS, Sample
from xai_ad.data.loading import load_masks
from xai_ad.data.masks import read_mask, shape_of
from xai_ad.errors import DatasetError, ImageError, XaiAdError

LOOK = Preprocessing(size=32)
BLOB = np.zeros((64, 96), bool)
BLOB[8:24, 12:30] = True
BLOB[40:60, 66:90] = True


def write_mask(path, marked, **options):
    Image.fromarray(marked.astype(np.uint8) * 255).save(path, **options)
    return path


def turned_by(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def write_photo(path, size, orientation=1):
    """A picture of (height, width) stored pixels that EXIF turns."""
    Image.new("RGB", size[::-1], (90, 90, 90)).save(path, exif=turned_by(orientation))
    return path


def as_shown(marked, orientation):
    """Pillow's own turn, as an oracle."""
    picture = Image.fromarray(marked.astype(np.uint8))
    picture.getexif()[0x0112] = orientation
    return np.asarray(ImageOps.exif_transpose(picture)) > 0


def nearest(marked, side=32):
    picture = Image.fromarray(marked.astype(np.uint8))
    return np.asarray(picture.resize((side, side), Image.Resampling.NEAREST)) > 0


def test_a_mask_keeps_exact_edges(tmp_path):
    picture = write_photo(tmp_path / "part.png", (64, 96))
    mask = write_mask(tmp_path / "mask.png", BLOB)
    np.testing.assert_array_equal(read_mask([mask], LOOK, picture), nearest(BLOB))


@pytest.mark.parametrize("factor", [2, 3])
def test_a_mask_is_cropped_as_its_picture_is_whatever_its_own_size(tmp_path, factor):
    picture = write_photo(tmp_path / "part.png", (40 * factor, 60 * factor))
    marked = np.zeros((40, 60), bool)
    marked[20:40, 10:30] = True
    mask = write_mask(tmp_path / "mask.png", marked)
    corner = tuple(factor * side for side in (20, 10, 20, 20))
    assert read_mask([mask], Preprocessing(size=16, crop=corner), picture).all()
    seen = Preprocessing(size=16, crop=(20, 10, 20, 20), crop_of=(40, 60))
    assert read_mask([mask], seen, picture).all()


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_mask_painted_on_stored_pixels_is_refused_with_both_sizes(tmp_path, orientation):
    picture = write_photo(tmp_path / "photo.jpg", (64, 96), orientation)
    mask = write_mask(tmp_path / "mask.png", BLOB)
    said = f"both as it is stored and as it is shown.*{orientation}"  # where the sides tell nothing
    if orientation > 4:
        said = rf"mask\.png has 96x64 pixels .*photo\.jpg, which its EXIF orientation {orientation} shows as 64x96"
    with pytest.raises(DatasetError, match=said):
        read_mask([mask], LOOK, picture)


@pytest.mark.parametrize("orientation", range(5, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_a_mask_painted_on_what_is_shown_stays(tmp_path, orientation, suffix):
    picture = write_photo(tmp_path / f"photo{suffix}", (96, 64), orientation)
    mask = write_mask(tmp_path / "mask.png", BLOB)
    np.testing.assert_array_equal(read_mask([mask], LOOK, picture), nearest(BLOB))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_mask_that_says_how_it_is_turned_is_turned_so(tmp_path, orientation, suffix):
    picture = write_photo(tmp_path / "photo.jpg", (64, 96), orientation)
    mask = write_mask(tmp_path / f"mask{suffix}", BLOB, exif=turned_by(orientation))
    if orientation == 1:
        mask = write_mask(tmp_path / "mask.png", BLOB)
    np.testing.assert_array_equal(read_mask([mask], LOOK, picture), nearest(as_shown(BLOB, orientation)))


def test_a_square_mask_of_a_turned_square_is_refused_unless_it_does_not_matter(tmp_path):
    picture = write_photo(tmp_path / "photo.jpg", (64, 64), 6)
    mask = write_mask(tmp_path / "mask.png", BLOB[:, :64])
    with pytest.raises(DatasetError, match=r"mask\.png of 64x64 .*photo\.jpg of 64x64 both as it is stored"):
        read_mask([mask], LOOK, picture)
    assert not read_mask([write_mask(tmp_path / "none.png", np.zeros((64, 64), bool))], LOOK, picture).any()


@pytest.mark.parametrize("size", [(64, 64), (96, 64), (60, 96), (64, 90), (32, 96), (128, 96)])
def test_a_mask_of_another_shape_is_refused_with_both_sizes(tmp_path, size):
    picture = write_photo(tmp_path / "part.png", (64, 96))
    mask = write_mask(tmp_path / "mask.png", np.ones(size, bool))
    with pytest.raises(
        DatasetError, match=rf"mask\.png has {size[1]}x{size[0]} .*part\.png.* 96x64"
    ) as caught:
        read_mask([mask], LOOK, picture)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [(64, 96), (32, 48), (128, 192), (16, 24)])
def test_a_mask_of_its_pictures_shape_is_right_at_any_size(tmp_path, size):
    picture = write_photo(tmp_path / "part.png", (64, 96))
    marked = np.asarray(Image.fromarray(BLOB).resize(size[::-1], Image.Resampling.NEAREST))
    mask = write_mask(tmp_path / "mask.png", marked)
    kept = read_mask([mask], LOOK, picture)
    assert (kept != nearest(BLOB)).mean() < 0.03


@pytest.mark.parametrize("size", [(500, 667), (500, 666), (250, 333), (251, 334)])
def test_sides_may_be_rounded(tmp_path, size):
    picture = write_photo(tmp_path / "part.png", (1000, 1333))
    assert read_mask([write_mask(tmp_path / "mask.png", np.ones(size, bool))], LOOK, picture).all()


def test_several_masks_of_one_picture_are_united_before_they_shrink(tmp_path):
    """Each marks 0.4 of some pixels, together 0.8."""
    picture = write_photo(tmp_path / "part.png", (320, 320))
    masks = []
    for index in range(2):
        marked = np.zeros((320, 320), bool)
        marked[100:200, 92 + 4 * index : 96 + 4 * index] = True
        marked[100:110, 200:280] = True
        masks.append(write_mask(tmp_path / f"{index}.png", marked))
    expected = np.zeros((32, 32), bool)
    expected[10:20, 9] = expected[10, 20:28] = True
    np.testing.assert_array_equal(read_mask(masks, LOOK, picture), expected)
    small = write_mask(tmp_path / "small.png", np.eye(32, dtype=bool))
    expected |= np.eye(32, dtype=bool)
    np.testing.assert_array_equal(read_mask([*masks, small], LOOK, picture), expected)


def test_masks_of_samples_are_united_and_lie_as_their_pictures_are_shown(tmp_path):
    picture = write_photo(tmp_path / "photo.jpg", (64, 96), 6)
    left, right = BLOB.copy(), BLOB.copy()
    left[:, 48:] = right[:, :48] = False
    masks = (
        write_mask(tmp_path / "0.png", left, exif=turned_by(6)),
        write_mask(tmp_path / "1.png", right, exif=turned_by(6)),
    )
    sample = Sample(path=picture, label=ANOMALOUS, kind="dent", subset="test", sha256="0", masks=masks)
    loaded, known = load_masks([sample], LOOK)
    assert known == [0]
    np.testing.assert_array_equal(loaded[0], nearest(as_shown(BLOB, 6)))


def test_a_shape_is_that_of_the_picture_as_shown(tmp_path):
    for orientation in range(1, 9):
        for suffix in (".jpg", ".png", ".tif", ".webp"):
            path = write_photo(tmp_path / f"photo{suffix}", (64, 96), orientation)
            shape = shape_of(path)
            assert shape.size == ((64, 96) if orientation < 5 else (96, 64))
            assert shape.stored == (64, 96)


def test_a_mask_that_cannot_be_read_is_named(tmp_path):
    picture = write_photo(tmp_path / "part.png", (64, 96))
    with pytest.raises(ImageError, match=r"absent\.png cannot be read"):
        read_mask([tmp_path / "absent.png"], LOOK, picture)
    (tmp_path / "mask.png").write_bytes(b"")
    with pytest.raises(XaiAdError, match=r"mask\.png is empty"):
        read_mask([tmp_path / "mask.png"], LOOK, picture)


def test_the_shipped_washers_masks_are_read_to_the_byte_as_their_figures_were_measured():
    root = Path(__file__).resolve().parents[3] / "sample_data" / "washer"
    masks = sorted((root / "ground_truth").rglob("*.png"))
    assert len(masks) == 40
    for mask in masks:
        picture = root / "test" / mask.parent.name / f"{mask.stem.removesuffix('_mask')}.jpg"
        stored = np.asarray(Image.open(mask)) > 0
        np.testing.assert_array_equal(read_mask([mask], Preprocessing(), picture), nearest(stored, 128))
