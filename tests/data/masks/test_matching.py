"""A mask belongs to a picture by its name, where no other could be meant; what has none is named."""

import unicodedata

import pytest
from PIL import Image

from xai_ad.data.masks import match_masks


@pytest.fixture
def match(tmp_path):
    """Matches files of some names to pictures of some names; returns names."""

    def run(pictures, masks):
        for folder, names in (("test/dent", pictures), ("ground_truth/dent", masks)):
            for name in names:
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.new("L", (8, 8)).save(path, format="PNG")
        folder = tmp_path / "ground_truth/dent"
        found = match_masks([tmp_path / "test/dent" / name for name in pictures], folder)
        assert list(found.masks) == [tmp_path / "test/dent" / name for name in pictures]
        assert set(found.unmatched) == {picture for picture, masks in found.masks.items() if not masks}
        assert all("\n" not in note for note in found.notes)
        return {
            picture.name: [mask.relative_to(folder).as_posix() for mask in masks]
            for picture, masks in found.masks.items()
        }, found

    return run


NAMES = [
    ("000.png", "000_mask.png"),
    ("000.png", "000.png"),
    ("000.JPG", "000.PNG"),
    ("000.jpg", "000.bmp"),
    ("000.png", "000.tif"),
    ("000.png", "000_mask.TIFF"),
    ("000.png", "000.webp"),
    ("000.png", "000-mask.png"),
    ("000.png", "000_gt.png"),
    ("000.png", "000_GT.bmp"),
    ("000.png", "000_label.png"),
    ("000.png", "000_Mask.jpeg"),
    ("000.png", "000.mask.png"),
    ("000.png", "000 mask.png"),
    ("000.png", "000_ground_truth.png"),
    ("000.png", "000_segmentation.png"),
    ("000.png", "mask_000.png"),
    ("000.png", "gt-000.png"),
    ("000.jpg", "000.jpg.png"),
    ("000.jpg", "000.jpg_mask.png"),
    ("IMG_7.JPG", "img_7_mask.png"),
    ("img_000.png", "mask_000.png"),
    ("000_rgb.png", "000_gt.png"),
    ("cam_000.png", "cam_mask_000.png"),
    ("a b (1).png", "a b (1)_mask.png"),
    ("mask_holder.png", "mask_holder_mask.png"),
    (unicodedata.normalize("NFC", "prüfling é.png"), unicodedata.normalize("NFD", "prüfling é_mask.png")),
    ("000.png", "000/000.png"),
    ("000.png", "000_mask/anything.PNG"),
    ("ABC.png", "abc/0.bmp"),
]


@pytest.mark.parametrize(("picture", "mask"), NAMES)
def test_a_mask_is_found_by_its_name(match, picture, mask):
    found, matches = match([picture, "other.png"], [mask, "other_mask.png"])
    assert found == {picture: [mask], "other.png": ["other_mask.png"]}
    assert not matches.notes


@pytest.mark.parametrize(
    "masks",
    [
        ["000/000.png", "000/001.png", "000/002.png"],
        ["000_mask_0.png", "000_mask_1.png", "000_mask_2.png"],
        ["000_mask1.png", "000_mask2.png"],
    ],
)
def test_several_masks_of_one_picture_are_its_own(match, masks):
    found, matches = match(["000.png", "001.png"], [*masks, "001.png"])
    assert found == {"000.png": masks, "001.png": ["001.png"]}
    assert not matches.notes


def test_numbers_behind_the_word_are_pictures_numbers_where_there_are_such_pictures(match):
    found, _ = match(["cam_1.png", "cam_2.png"], ["cam_mask_1.png", "cam_mask_2.png"])
    assert found == {"cam_1.png": ["cam_mask_1.png"], "cam_2.png": ["cam_mask_2.png"]}


def test_one_that_is_missing_shifts_no_other(match):
    pictures = [f"{index:03d}.png" for index in range(5)]
    found, matches = match(pictures, [f"{index:03d}_mask.png" for index in (0, 2, 3, 4)])
    assert found["001.png"] == []
    assert all(found[name] == [f"{name[:3]}_mask.png"] for name in pictures if name != "001.png")
    assert matches.notes == ("1 of 5 pictures have no mask in ground_truth/dent: 001.png.",)


@pytest.mark.parametrize("first", [1, 100])
def test_masks_numbered_otherwise_are_not_matched_by_their_order(match, first):
    pictures = [f"{index:03d}.png" for index in range(5)]
    found, matches = match(pictures, [f"{first + index}.png" for index in range(5)])
    assert set(map(tuple, found.values())) == {()}
    assert matches.notes[0] == (
        "5 of 5 pictures have no mask in ground_truth/dent: 000.png, 001.png, 002.png and 2 more."
    )
    assert "5 masks belong to no picture" in matches.notes[1]


@pytest.mark.parametrize(
    "masks", [["000.png", "000_mask.png"], ["000_mask.png", "000_mask.bmp"], ["000/0.png", "000.png"]]
)
def test_of_two_that_could_be_meant_neither_is_used_and_both_are_named(match, masks):
    found, matches = match(["000.png", "001.png"], [*masks, "001.png"])
    assert found == {"000.png": [], "001.png": ["001.png"]}
    assert masks[0].split("/")[0] in matches.notes[0]
    assert masks[1] in matches.notes[0]
    assert "dent/000.png" in matches.notes[0]


def test_a_mask_of_two_pictures_is_used_for_neither(match):
    found, matches = match(["000.png", "000.jpg"], ["000_mask.png"])
    assert found == {"000.png": [], "000.jpg": []}
    assert "dent/000.png and dent/000.jpg" in matches.notes[0]
    assert "dent/000_mask.png" in matches.notes[0]


def test_a_suffix_in_the_masks_name_tells_two_pictures_apart(match):
    found, _ = match(["000.png", "000.jpg"], ["000.png.png", "000.jpg.png"])
    assert found == {"000.png": ["000.png.png"], "000.jpg": ["000.jpg.png"]}


def test_names_in_other_letters_are_told_apart_where_both_are_there(match):
    found, matches = match(["a.png", "A.png"], ["a_mask.png", "A_mask.png"])
    assert found == {"a.png": ["a_mask.png"], "A.png": ["A_mask.png"]}
    assert not matches.notes


def test_hidden_files_and_others_are_no_masks(match, tmp_path):
    folder = tmp_path / "ground_truth/dent"
    folder.mkdir(parents=True)
    for name in ("._000_mask.png", ".000_mask.png", "Thumbs.db", "notes.txt", "000_mask.json"):
        (folder / name).write_bytes(b"\0")
    (folder / "001.png").mkdir()
    found, matches = match(["000.png", "001.png"], ["000_mask.png"])
    assert found == {"000.png": ["000_mask.png"], "001.png": []}
    assert len(matches.notes) == 1


def test_without_a_folder_no_picture_has_a_mask(tmp_path):
    matches = match_masks([tmp_path / "a.png"], tmp_path / "nowhere")
    assert matches.masks == {tmp_path / "a.png": ()}
    assert not matches.notes


def test_masks_of_no_picture_are_named(match):
    _, matches = match(["000.png"], ["000_mask.png", "zzz_mask.png"])
    assert matches.notes == ("In ground_truth/dent 1 mask belongs to no picture: zzz_mask.png.",)
    assert [mask.name for mask in matches.unused] == ["zzz_mask.png"]
