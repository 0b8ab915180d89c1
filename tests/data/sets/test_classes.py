"""What people call normal, where they put a class's pictures, and what lies among them."""

import os
import shutil

import pytest

from tests.conftest import write_picture
from xai_ad.data.layouts import read_dataset, split_dataset
from xai_ad.errors import DatasetError


def rows(dataset):
    """What was read, without where it stood: label, kind, part, bytes and how many masks."""
    return sorted((s.subset, s.kind, s.label, s.sha256, len(s.masks)) for s in dataset.samples)


def put(folder, kind, count=2, suffix=".png", seed=500):
    for index in range(count):
        write_picture(folder / kind / f"{index:03d}{suffix}", seed + index)


NAMES = [
    "ok",
    "OK",
    "Good",
    "GOOD",
    "normal",
    "NORMAL",
    "Normal",
    "good_",
    "Okay",
    "defect-free",
    "no defect",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["test", "train"])
def test_the_only_folder_called_normal_is_normal_and_said(mvtec_folder, part, name):
    before = read_dataset(mvtec_folder, "mvtec")
    (mvtec_folder / part / "good").rename(mvtec_folder / part / name)
    after = read_dataset(mvtec_folder, "mvtec")
    assert rows(after) == rows(before)
    assert after.notes == (
        f"{part}/{name} is taken as normal, as the only folder of its place whose name says so.",
    )
    assert split_dataset(after).counts == split_dataset(before).counts


def test_two_folders_called_normal_are_asked_for(mvtec_folder):
    put(mvtec_folder / "test", "OK")
    with pytest.raises(DatasetError, match="holds OK, good, whose names all say normal") as caught:
        read_dataset(mvtec_folder, "mvtec")
    assert "\n" not in str(caught.value)


def test_of_two_folders_called_normal_the_empty_one_stands_back(mvtec_folder):
    before = rows(read_dataset(mvtec_folder, "mvtec"))
    (mvtec_folder / "test/good").rename(mvtec_folder / "test/OK")
    (mvtec_folder / "test/good").mkdir()
    assert rows(read_dataset(mvtec_folder, "mvtec")) == before


def test_a_test_without_a_normal_folder_is_refused_and_an_empty_one_is_a_word(mvtec_folder):
    (mvtec_folder / "test/good").rename(mvtec_folder / "test/unauffaellig")
    with pytest.raises(DatasetError, match=r"no folder good in '.*test'; it holds hole, stain, unauffaellig"):
        read_dataset(mvtec_folder, "mvtec")
    shutil.rmtree(mvtec_folder / "test/unauffaellig")
    (mvtec_folder / "test/good").mkdir()
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert {s.kind for s in dataset.samples if s.subset == "test"} == {"hole", "stain"}
    assert dataset.notes == ("test/good holds no pictures.",)


@pytest.mark.parametrize("empty", [False, True])
def test_training_needs_no_test_pictures(mvtec_folder, empty):
    shutil.rmtree(mvtec_folder / "test")
    if empty:
        (mvtec_folder / "test").mkdir()
    assert split_dataset(read_dataset(mvtec_folder, "mvtec")).counts["test"] == 0


def test_a_train_folder_without_normal_pictures_says_what_is_in_it(mvtec_folder):
    (mvtec_folder / "train/good").rename(mvtec_folder / "train/widgets")
    with pytest.raises(DatasetError, match="no folder train/good in it, but train/widgets"):
        read_dataset(mvtec_folder, "mvtec")


def test_parts_may_be_written_otherwise(mvtec_folder):
    before = rows(read_dataset(mvtec_folder, "mvtec"))
    for name, other in (("train", "Train"), ("test", "TEST"), ("ground_truth", "Ground Truth")):
        (mvtec_folder / name).rename(mvtec_folder / other)
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert (rows(dataset), dataset.notes) == (before, ())


def test_classes_that_differ_in_letter_case_are_one_and_said(mvtec_folder):
    put(mvtec_folder / "test", "Hole")
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert {s.kind for s in dataset.samples} == {"good", "Hole", "stain"}
    assert "test/hole and Hole are taken as one class, Hole." in dataset.notes


def test_the_pictures_of_a_merged_class_share_its_masks_and_no_mask_is_used_twice(mvtec_folder):
    (mvtec_folder / "test/Hole").mkdir()
    for name in ("003.png", "004.png"):
        (mvtec_folder / "test/hole" / name).rename(mvtec_folder / "test/Hole" / name)
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert all(len(s.masks) == 1 for s in dataset.samples if s.kind == "Hole")
    assert dataset.notes == ("test/hole and Hole are taken as one class, Hole.",)
    write_picture(mvtec_folder / "test/Hole/000.png", 700)
    dataset = read_dataset(mvtec_folder, "mvtec")
    without = [s.path.name for s in dataset.samples if s.kind == "Hole" and not s.masks]
    assert without == ["000.png", "000.png"]
    assert any("could belong to Hole/000.png and hole/000.png" in note for note in dataset.notes)


@pytest.mark.parametrize("name", ["Hole", "HOLE"])
def test_masks_are_found_whatever_the_letter_case_of_their_class(mvtec_folder, name):
    before = rows(read_dataset(mvtec_folder, "mvtec"))
    (mvtec_folder / "ground_truth/hole").rename(mvtec_folder / "ground_truth" / name)
    assert rows(read_dataset(mvtec_folder, "mvtec")) == before


def test_masks_of_no_class_are_told(mvtec_folder):
    (mvtec_folder / "ground_truth/hole").rename(mvtec_folder / "ground_truth/hoel")
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert "The masks in widget/ground_truth of hoel belong to no class of the test." in dataset.notes


def test_a_class_within_folders_is_read_with_its_masks(mvtec_folder):
    before = rows(read_dataset(mvtec_folder, "mvtec"))
    moves = {
        "test/hole/batch1": ["test/hole/000.png", "test/hole/001.png"],
        "ground_truth/hole/batch1": ["ground_truth/hole/000_mask.png", "ground_truth/hole/001_mask.png"],
        "train/good/day2/left": ["train/good/003.png"],
    }
    for place, files in moves.items():
        (mvtec_folder / place).mkdir(parents=True)
        for file in files:
            shutil.move(mvtec_folder / file, mvtec_folder / place)
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert rows(dataset) == before
    assert dataset.notes == (
        "1 picture in folders within train/good is read as well: day2/left.",
        "2 pictures in folders within test/hole are read as well: batch1.",
    )


def test_masks_may_lie_flat_where_pictures_lie_in_folders(mvtec_folder):
    before = rows(read_dataset(mvtec_folder, "mvtec"))
    (mvtec_folder / "test/hole/batch1").mkdir()
    shutil.move(mvtec_folder / "test/hole/000.png", mvtec_folder / "test/hole/batch1")
    assert rows(read_dataset(mvtec_folder, "mvtec")) == before


@pytest.mark.parametrize(
    "place",
    [
        "train/good/bad",
        "train/good/hole",
        "test/good/NG",
        "test/hole/ok",
        "test/hole/stain",
        "train/good/test",
    ],
)
def test_a_folder_within_a_class_that_says_something_else_is_named(mvtec_folder, place):
    put(mvtec_folder, place)
    with pytest.raises(DatasetError, match=f"{place}.* its name says something else"):
        read_dataset(mvtec_folder, "mvtec")


def test_numbered_batches_are_no_classes(mvtec_folder):
    (mvtec_folder / "test/stain").rename(mvtec_folder / "test/1")
    put(mvtec_folder, "train/good/1", 1)
    assert len([s for s in read_dataset(mvtec_folder, "mvtec").samples if s.subset == "train"]) == 13


def test_masks_within_a_class_are_no_pictures(mvtec_folder):
    before = read_dataset(mvtec_folder, "mvtec")
    put(mvtec_folder, "test/hole/masks", 3)
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert rows(dataset) == rows(before)
    assert dataset.notes == (
        "3 pictures in hole/masks are not read: the folder's name says that they are masks.",
    )


@pytest.mark.parametrize("behind", ["_mask", "_GT", "_label", "-ground_truth"])
def test_masks_beside_their_pictures_are_no_pictures(mvtec_folder, behind):
    before = rows(read_dataset(mvtec_folder, "mvtec"))
    for mask in (mvtec_folder / "ground_truth/hole").iterdir():
        stem = mask.stem.removesuffix("_mask")
        shutil.move(mask, mvtec_folder / f"test/hole/{stem}{behind}.png")
    dataset = read_dataset(mvtec_folder, "mvtec")
    assert rows(dataset) == before
    assert "5 pictures with a mask beside it" in dataset.notes[0]


def test_what_is_not_read_is_counted_and_never_silent(mvtec_folder):
    for index in range(12):
        (mvtec_folder / f"test/stain/{index}.CR2").write_bytes(b"raw")
    (mvtec_folder / "test/stain/notes.txt").write_text("none")
    (mvtec_folder / "test/stain/all.zip").write_bytes(b"zip")
    (mvtec_folder / "train/good/x.psd").write_bytes(b"psd")
    (mvtec_folder / "test/burr").mkdir()
    put(mvtec_folder, "train/spare", 3)
    put(mvtec_folder, "val/good", 3)
    write_picture(mvtec_folder / "test/stray.png", 1)
    assert sorted(read_dataset(mvtec_folder, "mvtec").notes) == [
        "1 picture directly in widget/test is not read, being in no class's folder.",
        "In test/stain 12 files are not read: .cr2.",
        "In train/good 1 file is not read: .psd.",
        "The layout 'mvtec' does not read val with 3 pictures: only train, test, ground_truth.",
        "test/burr holds no pictures.",
        "train/spare with 3 pictures is not read: only normal pictures are, those in train/good.",
    ]


def test_a_class_of_a_format_that_is_not_read_says_so(mvtec_folder):
    for path in list((mvtec_folder / "train/good").iterdir()):
        path.rename(path.with_suffix(".psd"))
    with pytest.raises(DatasetError, match=r"No pictures in '.*train/good'.*; 12 files are not read: \.psd"):
        read_dataset(mvtec_folder, "mvtec")


def test_links_are_followed_without_loops(mvtec_folder, tmp_path):
    before = rows(read_dataset(mvtec_folder, "mvtec"))
    shutil.move(mvtec_folder / "test/hole", tmp_path / "elsewhere")
    (mvtec_folder / "test/hole").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/again").symlink_to(tmp_path / "elsewhere")
    (mvtec_folder / "train/good/up").symlink_to(mvtec_folder)
    (mvtec_folder / "train/good/self").symlink_to("self")
    assert rows(read_dataset(mvtec_folder, "mvtec")) == before


def test_a_link_that_leads_nowhere_is_named(mvtec_folder):
    (mvtec_folder / "test/hole/009.png").symlink_to("annex/objects/009.png")
    with pytest.raises(DatasetError, match=r"1 picture in '.*test/hole' cannot be found: 009\.png"):
        read_dataset(mvtec_folder, "mvtec")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_that_may_not_be_read_is_one_line(mvtec_folder):
    (mvtec_folder / "test/hole").chmod(0)
    try:
        with pytest.raises(DatasetError, match="hole cannot be read"):
            read_dataset(mvtec_folder, "mvtec")
    finally:
        (mvtec_folder / "test/hole").chmod(0o700)


def test_a_picture_without_a_suffix_is_told(mvtec_folder):
    shutil.copy(mvtec_folder / "test/hole/000.png", mvtec_folder / "test/hole/scan")
    (mvtec_folder / "test/hole/README").write_text("none")
    assert read_dataset(mvtec_folder, "mvtec").notes == (
        "In test/hole 1 file is not read: without a suffix.",
    )


def test_pictures_of_the_test_that_were_learnt_and_those_of_both_labels_are_told(mvtec_folder):
    shutil.copy(mvtec_folder / "train/good/003.png", mvtec_folder / "test/good/copy.png")
    shutil.copy(mvtec_folder / "test/good/001.png", mvtec_folder / "test/stain/good.png")
    assert read_dataset(mvtec_folder, "mvtec").notes == (
        "1 picture of the test is in the training as well, to the byte: good/003.png = good/copy.png.",
        "1 picture is both normal and defective, to the byte: good/001.png = stain/good.png.",
    )
