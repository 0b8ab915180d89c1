"""Annotations find their pictures though their paths are another computer's, and what is not found is counted."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import read_dataset
from xai_ad.data.loading import load_masks
from xai_ad.data.masks.annotations import Drawn, assign
from xai_ad.data.masks.annotations.base import polygon_of
from xai_ad.data.masks.annotations.label_studio import path_of
from xai_ad.errors import DatasetError

ROOT = Path("/set")
PICTURES = [
    ROOT / name
    for name in (
        "train/good/000.png",
        "test/good/000.png",
        "test/dent/000.png",
        "test/dent/001.png",
        "test/rust/001.png",
        "test/rust/IMG_7.JPG",
    )
]
DEFECTIVE = {path for path in PICTURES if path.parent.name in {"dent", "rust"}}
SQUARE = [8, 8, 16, 8, 16, 16, 8, 16]


def named(*names, empty=False):
    marks = [] if empty else [polygon_of(SQUARE, "it")]
    return [Drawn(file=Path("marks.json"), name=name, size=None, marks=marks) for name in names]


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("test/dent/001.png", "test/dent/001.png"),
        ("D:\\parts\\test\\rust\\001.png", "test/rust/001.png"),
        ("/home/ann/other set/test/dent/000.png", "test/dent/000.png"),
        ("dent/001.png", "test/dent/001.png"),
        ("Dent/001.PNG", "test/dent/001.png"),
        ("img_7.jpg", "test/rust/IMG_7.JPG"),
        ("IMG_7.png", "test/rust/IMG_7.JPG"),
        ("IMG_7_JPG.rf.0a1b2c3d4e5f.jpg", "test/rust/IMG_7.JPG"),
        ("/data/upload/3/0a1b2c3d-IMG_7.JPG", "test/rust/IMG_7.JPG"),
        ("rust/001", "test/rust/001.png"),
        ("000.png", "test/dent/000.png"),  # the only defective one of the name
    ],
)
def test_the_longest_end_of_a_path_counts(name, picture):
    found = assign(named(name), PICTURES, DEFECTIVE)
    assert list(found.drawn) == [ROOT / picture]
    assert not found.unknown
    assert not found.unclear


def test_a_name_that_several_have_is_unclear():
    found = assign(named("001.png"), PICTURES, DEFECTIVE)
    assert not found.drawn
    assert found.unclear[0][1] == (ROOT / "test/dent/001.png", ROOT / "test/rust/001.png")


def test_two_paths_that_mean_one_picture_alike_mean_none():
    found = assign(named("a/IMG_7.JPG", "b/IMG_7.JPG"), PICTURES, DEFECTIVE)
    assert not found.drawn
    assert len(found.unclear) == 2
    nearer = assign(named("a/IMG_7.JPG", "rust/IMG_7.JPG"), PICTURES, DEFECTIVE)
    assert [one.name for one in nearer.drawn[ROOT / "test/rust/IMG_7.JPG"]] == ["rust/IMG_7.JPG"]
    assert [one.name for one in nearer.unknown] == ["a/IMG_7.JPG"]


def test_several_files_of_one_picture_belong_to_it_together():
    found = assign(named("dent/000.png", "dent/000.png"), PICTURES, DEFECTIVE)
    assert len(found.drawn[ROOT / "test/dent/000.png"]) == 2


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/data/upload/12/0a1b2c3d-000.png", "/data/upload/12/0a1b2c3d-000.png"),
        ("/data/local-files/?d=parts%5Cdent%5C000.png", "parts/dent/000.png"),
        ("s3://bucket/parts/dent/000%20a.png", "/parts/dent/000 a.png"),
        ("https://host/x/000.png?token=1", "/x/000.png"),
    ],
)
def test_addresses_are_paths(address, path):
    assert path_of(address) == path


# Whole datasets: 32 x 32 pixels, five pictures of a class "hole" whose masks are the same square as drawn here.


@pytest.fixture
def read(mvtec_folder, tmp_path):
    """Reads the dataset with the masks of a file of some content; returns marked pixels by picture, and the notes."""

    def run(content, name="marks.json", size=16):
        place = tmp_path / name
        if content is not None:
            place.write_text(json.dumps(content))
        dataset = read_dataset(mvtec_folder, "mvtec", masks=place)
        masks, known = load_masks(dataset.samples, Preprocessing(size=size))
        found = {
            "/".join(dataset.samples[index].path.parts[-2:]): mask
            for index, mask in zip(known, masks, strict=True)
            if dataset.samples[index].label
        }
        return found, " ".join(dataset.notes)

    return run


def coco(names, *, size=(32, 32), shape=SQUARE):
    return {
        "images": [
            {"id": index, "file_name": name, "height": size[0], "width": size[1]}
            for index, name in enumerate(names)
        ],
        "annotations": [
            {"id": index, "image_id": index, "category_id": 0, "segmentation": [shape]}
            for index, _ in enumerate(names)
        ],
    }


def test_drawn_masks_are_those_of_the_layout(read, mvtec_folder):
    dataset = read_dataset(mvtec_folder, "mvtec")
    expected, known = load_masks(dataset.samples, Preprocessing(size=16))
    painted = expected[[bool(dataset.samples[index].label) for index in known]]
    found, notes = read(coco([f"hole/00{index}.png" for index in range(5)]))
    assert list(found) == [f"hole/00{index}.png" for index in range(5)]
    np.testing.assert_array_equal(list(found.values()), painted)
    assert not notes


def test_a_partial_export_is_used_and_counted(read):
    content = coco(
        ["hole/000.png", "hole/003.png", "gone/1.png", "gone/2.png", "test/good/001.png", "stain/002.png"]
    )
    content["annotations"].pop()  # nothing is drawn on the last one
    found, notes = read(content)
    assert list(found) == ["hole/000.png", "hole/003.png"]
    assert "2 of 6 pictures that" in notes
    assert "not in the dataset: gone/1.png, gone/2.png." in notes
    assert "draws on 1 normal picture, where it is left out: good/001.png." in notes
    assert "draws nothing on 1 defective picture, which count as not annotated: stain/002.png." in notes


def test_names_of_several_pictures_are_told_of_and_not_guessed(read):
    found, notes = read(coco(["000.png", "hole/001.png"]))
    assert list(found) == ["hole/001.png"]
    assert "1 of 2 pictures that" in notes
    assert "could be several" in notes
    assert "000.png could be test/hole/000.png, test/stain/000.png." in notes


def test_a_file_whose_names_are_all_several_pictures_says_so_and_an_empty_one_too(read):
    with pytest.raises(DatasetError, match=r"000\.png could be test/hole/000\.png, test/stain/000\.png"):
        read(coco(["000.png"]))
    with pytest.raises(DatasetError, match="annotates no pictures"):
        read(coco([]))


def test_a_file_of_another_set_is_refused(read):
    with pytest.raises(
        DatasetError, match=r"None of the 2 pictures .* It names a\.png, b\.png; the dataset has"
    ):
        read(coco(["a.png", "b.png"]))


def test_annotations_of_another_size_are_scaled_and_of_another_shape_refused(read):
    doubled, _ = read(coco(["hole/000.png"], size=(64, 64), shape=[2 * number for number in SQUARE]))
    whole, _ = read(coco(["hole/000.png"]))
    np.testing.assert_array_equal(doubled["hole/000.png"], whole["hole/000.png"])
    with pytest.raises(DatasetError, match=r"marks\.json: hole/000\.png has 64x32 pixels.* 32x32"):
        read(coco(["hole/000.png"], size=(32, 64)))


@pytest.mark.parametrize("orientation", [3, 6])
def test_drawings_lie_on_a_photograph_as_people_saw_it(read, mvtec_folder, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.open(mvtec_folder / "test/hole/000.png").save(mvtec_folder / "test/hole/000.png", exif=exif)
    found, _ = read(coco(["hole/000.png"]))
    assert found["hole/000.png"][4:8, 4:8].all()


def test_labelmes_files_beside_the_pictures_are_found_by_their_place(read, mvtec_folder, tmp_path):
    for kind in ("hole", "stain"):
        (tmp_path / "drawn" / kind).mkdir(parents=True)
        content = {
            "shapes": [{"points": [[8, 8], [16, 16]], "shape_type": "rectangle"}],
            "imagePath": "000.png",
        }
        (tmp_path / "drawn" / kind / "000.json").write_text(json.dumps(content))
    found, notes = read(None, "drawn")
    assert list(found) == ["hole/000.png", "stain/000.png"]
    assert all(mask.sum() == 16 for mask in found.values())
    assert not notes


def test_a_folder_of_masks_is_taken_as_well(read, mvtec_folder, tmp_path):
    (mvtec_folder / "ground_truth").rename(tmp_path / "painted")
    (tmp_path / "painted/defects_config.json").write_text("[{}]")  # no annotations
    found, notes = read(None, "painted")
    assert list(found) == [f"hole/00{index}.png" for index in range(5)]
    assert not notes


def test_masks_that_are_nowhere_are_refused(read):
    with pytest.raises(DatasetError, match="no file or folder"):
        read(None, "nowhere.json")


def test_a_file_that_draws_nothing_is_refused(read):
    content = coco(["hole/000.png"])
    del content["annotations"][0]["segmentation"]
    with pytest.raises(DatasetError, match="draws nothing on any defective picture"):
        read(content)


def test_a_folder_without_masks_or_annotations_of_the_set_is_refused(read, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="no mask of any defective picture"):
        read(None, "empty")
