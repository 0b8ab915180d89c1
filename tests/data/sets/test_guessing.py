"""A folder given to the wrong layout, or one too high or too low."""

import shutil

import pytest

from tests.conftest import write_picture
from xai_ad.data.layouts import read_dataset
from xai_ad.errors import DatasetError


def test_a_folder_of_categories_names_them(mvtec_folder, tmp_path):
    root = tmp_path / "mvtec_ad"
    for name in ("bottle", "cable"):
        shutil.copytree(mvtec_folder, root / name)
    with pytest.raises(DatasetError, match=r"It holds bottle, cable, which looks like .* one of them"):
        read_dataset(root, "mvtec")


@pytest.mark.parametrize("place", ["train", "train/good", "test", "test/hole", "ground_truth/hole"])
def test_a_part_of_a_category_names_the_category(mvtec_folder, place):
    with pytest.raises(DatasetError, match=r"It lies in '.*/widget', .* point --data there"):
        read_dataset(mvtec_folder / place, "mvtec")


def test_a_folder_of_folders_is_named_to_the_layout_of_pictures(mvtec_folder):
    with pytest.raises(DatasetError, match=r"test \(16 pictures\), train \(12 pictures\).*layout 'mvtec'"):
        read_dataset(mvtec_folder, "folder")


def test_folders_beside_the_pictures_are_told(tmp_path):
    for index in range(4):
        write_picture(tmp_path / "mine" / f"{index}.png", index)
    write_picture(tmp_path / "mine/old/1.png", 9)
    (tmp_path / "mine/a.heif.psd").write_bytes(b"psd")
    dataset = read_dataset(tmp_path / "mine", "folder")
    assert len(dataset.samples) == 4
    assert dataset.notes[1] == "Folders within mine are not searched: old (1 picture)."
    assert dataset.notes[0].endswith("1 file is not read: .psd.")


def test_pictures_alone_look_like_a_folder(tmp_path):
    write_picture(tmp_path / "mine/a.png", 0)
    with pytest.raises(
        DatasetError, match=r"no folder train/good in it\. .*It looks like the layout 'folder'"
    ):
        read_dataset(tmp_path / "mine", "mvtec")


@pytest.mark.parametrize("layout", ["ucsd", "avenue"])
def test_classes_read_as_clips_are_told(mvtec_folder, layout):
    note = f"The folder looks like the layout 'mvtec', and was read as {layout!r}."
    assert note in read_dataset(mvtec_folder, layout).notes
