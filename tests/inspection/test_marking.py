"""What a person marks lies on the photograph, and on the grid of what a network sees of it."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from xai_ad.detector.placement import Grid, Placement
from xai_ad.errors import DatasetError, ImageError, InvalidInputError
from xai_ad.inspection.image_files import list_samples, make_image_file
from xai_ad.inspection.marking import Marking, mask_of, read_marking

SIZE = (60, 90)
BOX = np.zeros(SIZE, bool)
BOX[10:30, 40:70] = True
OUTLINE = [[40, 10], [70, 10], [70, 30], [40, 30]]
WHOLE = Placement(grid=Grid(height=60, width=90), frames=(0,), top=0, left=0, height=60, width=90)


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def photograph(name="part.png", size=SIZE):
    return make_image_file(name, png(np.full((*size, 3), 90, np.uint8)))


def mask_file(marked):
    return png(marked.astype(np.uint8) * 255)


def labelme(name="part.png", points=OUTLINE, size=SIZE):
    shape = {"label": "scratch", "shape_type": "polygon", "points": points}
    found = {"imagePath": name, "imageHeight": size[0], "imageWidth": size[1], "shapes": [shape]}
    return json.dumps(found).encode()


def coco(*names):
    pictures = [{"id": at, "file_name": name, "height": 60, "width": 90} for at, name in enumerate(names)]
    polygon = [number for point in OUTLINE for number in point]
    shifted = [number - 5 for number in polygon]
    drawn = [
        {"id": at, "image_id": at, "category_id": 1, "segmentation": [polygon if at else shifted]}
        for at in range(len(names))
    ]
    categories = [{"id": 1, "name": "scratch"}]
    return json.dumps({"images": pictures, "annotations": drawn, "categories": categories}).encode()


def test_a_rectangle_by_hand_marks_its_pixels():
    np.testing.assert_array_equal(Marking.by_hand([OUTLINE], SIZE).marked, BOX)


def test_a_polygon_marks_the_pixels_whose_middles_it_holds():
    triangle = Marking.by_hand([[[0, 0], [60, 0], [0, 60]]], SIZE).marked
    rows, columns = np.mgrid[:60, :90] + 0.5
    inside, edge = rows + columns < 60, rows + columns == 60
    np.testing.assert_array_equal(triangle[~edge], inside[~edge])


def test_several_polygons_mark_what_any_of_them_holds():
    both = Marking.by_hand([OUTLINE, [[0, 0], [5, 0], [5, 5], [0, 5]]], SIZE).marked
    expected = BOX.copy()
    expected[:5, :5] = True
    np.testing.assert_array_equal(both, expected)
    assert not Marking.by_hand([], SIZE).marked.any()


@pytest.mark.parametrize(
    ("outline", "told"),
    [([[0, 0], [9, 9]], "three or more corners"), ([[0, 0], [91, 0], [0, 9]], "of 90x60 pixels")],
)
def test_what_is_no_polygon_of_the_photograph_is_refused(outline, told):
    with pytest.raises(InvalidInputError, match=told):
        Marking.by_hand([outline], SIZE)


def test_a_marking_lies_on_the_grid_of_what_is_seen():
    part = Placement(grid=Grid(height=20, width=15), frames=(0,), top=0, left=30, height=60, width=45)
    expected = np.zeros((20, 15), bool)
    expected[3:10, 3:13] = True  # rows 10 to 30, columns 10 to 40 of what is seen: of three the middle one
    np.testing.assert_array_equal(Marking.by_hand([OUTLINE], SIZE).on(part), expected)


def test_beyond_the_photograph_nothing_is_marked():
    around = Placement(grid=Grid(height=120, width=90), frames=(0,), top=-60, left=0, height=120, width=90)
    found = Marking.by_hand([OUTLINE], SIZE).on(around)
    np.testing.assert_array_equal(found, np.concatenate([np.zeros(SIZE, bool), BOX]))


def test_a_masks_file_is_read_at_its_own_size():
    found = read_marking("m.png", mask_file(BOX), photograph())
    np.testing.assert_array_equal(found.marked, BOX)
    np.testing.assert_array_equal(found.on(WHOLE), BOX)
    half = read_marking("m.png", mask_file(BOX[::2, ::2]), photograph())
    assert half.marked.shape == (30, 45)
    np.testing.assert_array_equal(half.on(WHOLE), BOX)
    assert (found.is_by_hand, Marking.by_hand([OUTLINE], SIZE).is_by_hand) == (False, True)


def test_a_mask_of_another_shape_is_one_line_with_both_sizes():
    with pytest.raises(DatasetError, match=r"^m.png has 50x60 pixels .* part.png, which has 90x60") as told:
        read_marking("m.png", mask_file(BOX[:, :50]), photograph())
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("value", "word"), [(False, "nothing"), (True, "everything")])
def test_a_mask_that_tells_nothing_is_refused(value, word):
    with pytest.raises(DatasetError, match=f"m.png marks {word} in part.png"):
        read_marking("m.png", mask_file(np.full(SIZE, value)), photograph())


def test_what_is_no_mask_is_refused_by_name():
    with pytest.raises(ImageError, match=r"^m\.png"):
        read_marking("m.png", b"no picture", photograph())
    with pytest.raises(DatasetError, match=r"^m\.json is no JSON file"):
        read_marking("m.json", b"{", photograph())
    with pytest.raises(DatasetError, match=r"m\.json is no annotation that is known"):
        read_marking("m.json", b"[7]", photograph())


def test_what_a_tool_drew_on_one_picture_is_meant_for_the_photograph():
    np.testing.assert_array_equal(read_marking("m.JSON", labelme("elsewhere.jpg"), photograph()).marked, BOX)
    scaled = labelme(points=[[2 * left, 2 * top] for left, top in OUTLINE], size=(120, 180))
    np.testing.assert_array_equal(read_marking("m.json", scaled, photograph()).marked, BOX)


def test_of_several_pictures_the_photographs_own_counts():
    found = read_marking("m.json", coco("other.png", "part.png"), photograph())
    np.testing.assert_array_equal(found.marked, BOX)
    with pytest.raises(DatasetError, match=r"annotates other\.png, third\.png, and not part\.png"):
        read_marking("m.json", coco("other.png", "third.png"), photograph())


def test_a_drawing_of_another_shape_is_one_line_with_both_sizes():
    with pytest.raises(DatasetError, match=r"has 80x80 pixels .* has 90x60"):
        read_marking("m.json", labelme(size=(80, 80)), photograph())


def test_a_samples_truth_comes_before_what_a_person_marks(mvtec_folder):
    content = list_samples("widget", root=mvtec_folder.parent)["hole/000"].read_bytes()
    whole = Placement(grid=Grid(height=32, width=32), frames=(0,), top=0, left=0, height=32, width=32)
    truth = np.zeros((32, 32), bool)
    truth[8:16, 8:16] = True
    own = Marking.by_hand([[[0, 0], [4, 0], [4, 4], [0, 4]]], (32, 32))
    sample = make_image_file("widget/hole/000", content)
    np.testing.assert_array_equal(mask_of(sample, whole, own, root=mvtec_folder.parent), truth)
    upload = make_image_file("hole.png", content)
    np.testing.assert_array_equal(mask_of(upload, whole, own, root=mvtec_folder.parent), own.marked)
    assert mask_of(upload, whole, root=mvtec_folder.parent) is None


def test_equal_markings_are_one_key():
    one, other = (Marking.by_hand([OUTLINE], SIZE) for _ in range(2))
    assert len({one, other, read_marking("m.png", mask_file(BOX), photograph())}) == 2


def turned_photograph():
    """A photograph that is stored as 90 x 60 pixels and shown turned clockwise, as 60 x 90."""
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(buffer, "JPEG", exif=exif)
    return make_image_file("part.jpg", buffer.getvalue())


def test_a_mask_lies_on_a_turned_photograph_as_it_is_shown():
    shown = np.rot90(BOX, -1)
    found = read_marking("m.png", mask_file(shown), turned_photograph())
    assert found.size == (90, 60)
    np.testing.assert_array_equal(found.marked, shown)
    with pytest.raises(DatasetError, match=r"has 90x60 pixels .* EXIF orientation 6 shows as 60x90"):
        read_marking("m.png", mask_file(BOX), turned_photograph())


def test_what_was_drawn_on_a_photograph_as_it_is_stored_is_turned_with_it():
    shown = np.rot90(BOX, -1)
    found = read_marking("m.json", labelme("part.jpg"), turned_photograph())
    np.testing.assert_array_equal(found.marked, shown)
    upright = [[60 - top, left] for left, top in OUTLINE]
    drawn = labelme("part.jpg", points=upright, size=(90, 60))
    np.testing.assert_array_equal(read_marking("m.json", drawn, turned_photograph()).marked, shown)
