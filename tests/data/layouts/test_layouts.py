import hashlib
import math
import shutil
from dataclasses import replace

import pytest

from tests.conftest import write_picture
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.data.loading import count_channels, load_masks, load_pixels
from xai_ad.errors import DatasetError, ImageError, UnknownNameError


def hashes(samples):
    return [sample.sha256 for sample in samples]


def test_mvtec_is_read_with_its_classes_labels_and_masks(mvtec_folder):
    dataset = read_dataset(mvtec_folder, "mvtec")
    counts = {}
    for sample in dataset.samples:
        key = (sample.subset, sample.kind, sample.label, bool(sample.masks))
        counts[key] = counts.get(key, 0) + 1
    assert dataset.name == "widget"
    assert counts == {
        ("train", "good", 0, False): 12,
        ("test", "good", 0, False): 6,
        ("test", "hole", 1, True): 5,
        ("test", "stain", 1, False): 5,
    }


def test_no_image_that_calibrates_is_reported(mvtec_folder):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    assert split.counts == {"train": 10, "validation": 2, "calibration": 2 + 2 + 1 + 1, "test": 4 + 4 + 4}
    assert not set(hashes(split.calibration)) & set(hashes(split.test))
    assert not set(hashes(split.train)) & set(hashes(split.calibration))
    assert set(hashes(split.validation)) <= set(hashes(split.calibration))


def test_the_split_follows_the_hash_of_the_bytes(mvtec_folder):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    files = (mvtec_folder / "test/good").iterdir()
    ordered = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    calibrating = [
        sample.sha256 for sample in split.calibration if sample.subset == "test" and not sample.label
    ]
    assert calibrating == ordered[: math.ceil(0.2 * 6)]


def test_renaming_files_changes_no_split(mvtec_folder):
    before = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    for path in sorted((mvtec_folder / "train/good").iterdir()):
        path.rename(path.with_name(f"z{99 - int(path.stem)}.png"))
    after = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    assert hashes(before.train) == hashes(after.train)


def test_the_thesis_protocol_calibrates_on_what_it_reports(mvtec_folder):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"), Protocol.THESIS)
    assert hashes(split.calibration) == hashes(split.test)
    assert len(split.test) == 16


def test_a_folder_splits_into_train_validation_and_calibration(tmp_path):
    for index in range(25):
        write_picture(tmp_path / "mine" / f"{index}.jpg", index)
    split = split_dataset(read_dataset(tmp_path / "mine", "folder"))
    assert split.counts == {"train": 19, "validation": 3, "calibration": 6, "test": 0}
    assert not set(hashes(split.train)) & set(hashes(split.calibration))


@pytest.mark.parametrize("copied", range(10))
def test_copies_in_a_folder_train_or_calibrate_and_never_both(tmp_path, copied):
    for index in range(20):
        write_picture(tmp_path / "mine" / f"{index}.png", index)
    files = (tmp_path / "mine").iterdir()
    path = sorted(files, key=lambda file: hashlib.sha256(file.read_bytes()).hexdigest())[copied]
    for number in range(3):
        shutil.copy(path, path.with_name(f"copy{number}.png"))
    split = split_dataset(read_dataset(tmp_path / "mine", "folder"))
    assert not set(hashes(split.train)) & set(hashes(split.calibration))
    assert len(split.train) + len(split.calibration) == 23


def test_a_folder_has_no_thesis_protocol(tmp_path):
    write_picture(tmp_path / "a.png", 0)
    with pytest.raises(DatasetError, match="needs anomalous images"):
        split_dataset(read_dataset(tmp_path, "folder"), Protocol.THESIS)


def test_a_wrong_layout_says_what_is_missing(tmp_path):
    write_picture(tmp_path / "a.png", 0)
    with pytest.raises(DatasetError, match="no folder train/good"):
        read_dataset(tmp_path, "mvtec")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="No pictures in"):
        read_dataset(tmp_path, "folder")


def test_an_absent_folder_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="There is no folder"):
        read_dataset(tmp_path / "nowhere", "mvtec")


def test_an_unknown_layout_names_the_valid_ones(tmp_path):
    with pytest.raises(UnknownNameError, match=r"'coco'.*avenue, btad, ddds, folder, ham10000, .*ucsd, visa"):
        read_dataset(tmp_path, "coco")


def test_training_needs_no_test_folder(mvtec_folder):
    shutil.rmtree(mvtec_folder / "test")
    assert split_dataset(read_dataset(mvtec_folder, "mvtec")).counts["test"] == 0


def test_pixels_and_known_masks_are_loaded_in_order(mvtec_folder):
    samples = [s for s in read_dataset(mvtec_folder, "mvtec").samples if s.subset == "test"]
    preprocessing = Preprocessing(size=16)
    seen = []
    assert load_pixels(samples, preprocessing, on_progress=seen.append).shape == (16, 3, 16, 16)
    assert seen[-1] == 1
    masks, known = load_masks(samples, preprocessing)
    assert [samples[index].kind for index in known] == ["good"] * 6 + ["hole"] * 5
    assert masks.sum(axis=(1, 2)).tolist() == [0] * 6 + [16] * 5


def test_an_unreadable_file_is_named(mvtec_folder):
    (mvtec_folder / "train/good/003.png").write_bytes(b"broken")
    with pytest.raises(ImageError, match=r"003\.png is not"):
        load_pixels(read_dataset(mvtec_folder, "mvtec").samples, Preprocessing(size=16))


def test_only_all_grey_pictures_make_a_grey_dataset(tmp_path):
    from PIL import Image

    Image.new("L", (16, 16), 9).save(tmp_path / "a.png")
    Image.new("RGB", (16, 16), (7, 7, 7)).save(tmp_path / "b.png")
    assert count_channels(read_dataset(tmp_path, "folder").samples) == 1
    Image.new("RGB", (16, 16), (7, 7, 8)).save(tmp_path / "c.png")
    assert count_channels(read_dataset(tmp_path, "folder").samples) == 3


def test_copies_of_one_image_stay_on_one_side(mvtec_folder):
    folder = mvtec_folder / "test/good"
    for path in sorted(folder.iterdir()):
        shutil.copy(path, path.with_name(f"copy-{path.name}"))
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    assert not set(hashes(split.calibration)) & set(hashes(split.test))
    assert len([sample for sample in split.calibration if sample.subset == "test" and not sample.label]) == 4


def test_the_order_of_the_files_changes_no_split(mvtec_folder):
    dataset = read_dataset(mvtec_folder, "mvtec")
    shuffled = replace(dataset, samples=dataset.samples[::2] + dataset.samples[1::2])
    assert split_dataset(shuffled).counts == split_dataset(dataset).counts
