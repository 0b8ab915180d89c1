"""The labels of Ped 2 and Avenue as other people's code and archives bring them."""

import pickle

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from tests.data.videos.writing import write_frames
from xai_ad.data.layouts import read_dataset, split_dataset
from xai_ad.data.videos.arrays import read_marks
from xai_ad.errors import DatasetError

SIZE = (36, 24)  # a tenth of Ped 2's
FRAMES = {"Test001": 12, "Test002": 10, "Test003": 8}
MARKED = {"Test001": [4, 5, 6, 9, 10], "Test002": [], "Test003": [1, 8]}
"""Anomalous frames, counted from 1."""


def vector(name):
    return np.isin(np.arange(1, FRAMES[name] + 1), MARKED[name])


def cells(values):
    found = np.empty((1, len(values)), dtype=object)
    for index, value in enumerate(values):
        found[0, index] = value
    return found


RANGES = [np.array([[4, 9], [6, 10]]), np.zeros((2, 0)), np.array([[1, 8], [1, 8]])]
"""(2, E): first frames, last frames."""


@pytest.fixture
def ped2(tmp_path):
    """A set without labels."""
    root = tmp_path / "UCSDped2"
    for clip in range(1, 5):
        write_frames(root / f"Train/Train{clip:03d}", range(clip, clip + 8), suffix=".tif", size=SIZE)
    for name, count in FRAMES.items():
        write_frames(root / "Test" / name, range(1, count + 1), suffix=".tif", size=SIZE)
    return root


def marked(root, layout="ucsd"):
    return {
        clip.name: [index for index, label in enumerate(clip.labels, 1) if label]
        for clip in read_dataset(root, layout).clips
        if clip.subset == "test"
    }


def whole_mat(root):
    savemat(root / "ped2.mat", {"gt": cells(RANGES)})


def whole_mat_of_rows(root):
    savemat(root / "Test/gt.mat", {"gt": cells([ranges.T for ranges in RANGES]), "fps": 10})


def whole_mat_of_vectors(root):
    savemat(root / "labels.MAT", {"label": cells([vector(name).astype(np.uint8) for name in FRAMES])})


def whole_npy(root):
    np.save(
        root / "frame_labels_ped2.npy", np.concatenate([vector(name) for name in FRAMES])[None].astype(float)
    )


def whole_npy_flat(root):
    np.save(root / "Test/labels.npy", np.concatenate([vector(name) for name in FRAMES]).astype(np.int64))


def text_in_capitals(root):
    (root / "Test/UCSDped2.M").write_text(
        "x{1}.gt_frame = [4:6, 9:10];\nx{2}.gt_frame = [];\nx{3}.gt_frame = [1, 8];"
    )


def text_above(root):
    text_in_capitals(root)
    (root / "Test/UCSDped2.M").rename(root / "UCSDped2.m")
    (root / "plot.m").write_text("figure;")


def npy_a_clip(root):
    (root / "Test_gt").mkdir()
    for name in FRAMES:
        np.save(root / f"Test_gt/{name}.npy", vector(name))


def npy_of_masks_a_clip(root):
    for name, count in FRAMES.items():
        masks = np.zeros((count, SIZE[1], SIZE[0]), np.uint8)
        masks[vector(name), 3:5, 3:5] = 255
        (root / "pixel").mkdir(exist_ok=True)
        np.save(root / f"pixel/{name}_mask.npy", masks)


def mat_by_number(root, pattern="{}_label.mat"):
    for number, name in enumerate(FRAMES, 1):
        volume = cells([np.full((SIZE[1], SIZE[0]), mark, np.uint8) for mark in vector(name)])
        savemat(root / pattern.format(number), {"volLabel": volume})


def mat_in_two_digits(root):
    mat_by_number(root, "{:02d}.mat")


def mat_by_name(root):
    mat_by_number(root, "Test{:03d}_gt.mat")
    for name in ("Train001", "vol01"):
        savemat(root / f"{name}.mat", {"vol": np.zeros((2, 2, 5))})


def mat_of_a_volume(root):
    for name, count in FRAMES.items():
        volume = np.zeros((SIZE[1], SIZE[0], count), np.uint8)
        volume[2:4, 2:4, vector(name)] = 1
        savemat(root / f"{name}.mat", {"masks": volume})


def mat_of_ranges_a_clip(root):
    for name, ranges in zip(FRAMES, RANGES, strict=True):
        savemat(root / f"{name}.mat", {"gt": cells([ranges])})


def folders_of_masks(root):
    for name, count in FRAMES.items():
        for index, mark in enumerate(vector(name), 1):
            path = root / f"Test/{name}_GT/{index:03d}.bmp"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(np.full((SIZE[1], SIZE[0]), 255 * mark, np.uint8)).save(path)
        assert index == count


FORMS = [
    *(
        whole_mat,
        whole_mat_of_rows,
        whole_mat_of_vectors,
        whole_npy,
        whole_npy_flat,
        text_in_capitals,
        text_above,
    ),
    *(npy_a_clip, npy_of_masks_a_clip, mat_by_number, mat_in_two_digits, mat_by_name, mat_of_a_volume),
    *(mat_of_ranges_a_clip, folders_of_masks),
]


@pytest.mark.parametrize("write", FORMS, ids=lambda write: write.__name__)
@pytest.mark.parametrize("layout", ["ucsd", "avenue"])
def test_common_forms_of_labels_are_read(ped2, write, layout):
    if layout == "avenue" and write is folders_of_masks:
        pytest.skip("Avenue has no folders of masks")
    write(ped2)
    assert marked(ped2, layout) == MARKED


@pytest.mark.parametrize(
    ("separator", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-16-le")]
)
def test_a_table_of_frame_labels_is_read_whatever_saved_it(ped2, separator, encoding):
    rows = [(name, index, int(mark)) for name in FRAMES for index, mark in enumerate(vector(name), 1)]
    lines = [separator.join(map(str, row)) for row in [("Clip", "FRAME", "label"), *rows]]
    (ped2 / "frame_labels.csv").write_bytes("\r\n".join(lines).encode(encoding))
    assert marked(ped2) == MARKED


def test_masks_in_arrays_are_those_of_their_frames(ped2):
    npy_of_masks_a_clip(ped2)
    from xai_ad.data.images import Preprocessing
    from xai_ad.data.loading import load_masks

    samples = split_dataset(read_dataset(ped2, "avenue")).test
    masks, known = load_masks(samples, Preprocessing(size=24))
    assert known == list(range(30))
    assert masks.any(axis=(1, 2)).tolist() == [bool(sample.label) for sample in samples]


def test_a_set_without_labels_names_what_is_missing_and_what_is_read(ped2):
    (note,) = read_dataset(ped2, "ucsd").notes
    assert note.startswith(
        "3 of 3 test clips in UCSDped2 have no labels, and are not reported on. Labels are "
    )
    for form in ("frame_labels.csv", ".m file", ".mat file", ".npy file", "<clip>_gt"):
        assert form in note


@pytest.mark.parametrize(
    ("write", "match"),
    [
        (lambda root: savemat(root / "ped2.mat", {"gt": cells(RANGES[:2])}), "labels 2 clips, and there are 3 test clips"),
        (lambda root: np.save(root / "frame_labels.npy", np.zeros(29)), "has 29 labels, and the 3 test clips have 30 frames"),
        (lambda root: savemat(root / "ped2.mat", {"gt": cells([np.array([[4], [13]]), *RANGES[1:]])}), "'Test001' do not match.*mark 4 to 13.*are 1 to 12"),
        (lambda root: [np.save(root / f"{name}.npy", np.zeros(9)) for name in FRAMES], "'Test001' do not match its frames: Test001.npy has 9, and the clip has 12"),
        (lambda root: [np.save(root / f"{n}.npy", np.zeros(12)) for n in (0, 1, 2)], r"no label file for the test clips Test003.*There are 0\.npy"),
        (lambda root: np.save(root / "labels.npy", np.full(30, 0.5)), "does not hold 'volLabel'.*It holds array"),
        (lambda root: (whole_npy(root), savemat(root / "ped2.mat", {"gt": cells([RANGES[1]] * 3)})), "label the test clips differently"),
        (lambda root: np.save(root / "labels.npy", np.array([{}, 1], dtype=object)), "is no NumPy file that can be read"),
        (lambda root: (root / "labels.npy").write_bytes(b""), "is no NumPy file that can be read"),
        (lambda root: (root / "labels.npy").write_bytes(pickle.dumps([1])), "is no NumPy file that can be read"),
    ],
    ids=["clips", "frames", "range", "a clip's frames", "numbering", "values", "two", "objects", "empty", "pickle"],
)  # fmt: skip
def test_labels_that_do_not_match_are_one_line_with_both_numbers(ped2, write, match):
    write(ped2)
    with pytest.raises(DatasetError, match=match) as caught:
        read_dataset(ped2, "ucsd")
    assert "\n" not in str(caught.value)


def test_a_missing_clip_is_named_by_its_number(ped2):
    whole_mat(ped2)
    for file in (ped2 / "Test/Test002").iterdir():
        file.unlink()
    with pytest.raises(DatasetError, match=r"The clip '.*Test/Test002' has no frames"):
        read_dataset(ped2, "ucsd")
    (ped2 / "Test/Test002").rmdir()
    with pytest.raises(
        DatasetError, match="labels 3 clips, and there are 2 test clips; none has the number 2"
    ):
        read_dataset(ped2, "ucsd")


def test_a_frame_without_its_mask_is_named(ped2):
    folders_of_masks(ped2)
    (ped2 / "Test/Test003_GT/005.bmp").unlink()
    with pytest.raises(
        DatasetError, match=r"'Test003' has 8 frames and 7 masks: there is none of the frames 5\."
    ):
        read_dataset(ped2, "ucsd")
    (ped2 / "Test/Test001_GT/004.bmp").unlink()
    whole_mat(ped2)
    assert read_dataset(ped2, "ucsd").notes == ("1 anomalous frame is without a mask: Test001/4.",)


def test_clips_and_frames_that_are_missing_are_told(ped2):
    whole_mat(ped2)
    (ped2 / "Train/Train002").rename(ped2 / "Train/Train006")
    (ped2 / "Test/Test001/006.tif").unlink()
    assert read_dataset(ped2, "ucsd").notes == (
        "The train clips lack the numbers 2, 5.",
        "By their numbers frames of 1 clip are missing: Test001 lacks 1.",
    )
    assert marked(ped2)["Test001"] == [4, 5, 8, 9]  # of the frames that are there: 4, 5, 9, 10


def test_two_ranges_are_read_in_the_way_in_which_they_follow_one_another(tmp_path):
    for number, pairs in enumerate(([[1, 20], [10, 30]], [[1, 10], [20, 30]])):  # columns, rows
        savemat(tmp_path / f"{number}.mat", {"gt": cells([np.array(pairs)])})
        assert read_marks(tmp_path / f"{number}.mat").events == (((1, 10), (20, 30)),)


@pytest.mark.parametrize("name", ["packed.mat", "plain.mat", "4.mat", "a.npy"])
def test_a_damaged_file_of_arrays_is_one_line(tmp_path, name):
    """SciPy's reader crashes the process on some of these files."""
    path = tmp_path / name
    if path.suffix == ".npy":
        np.save(path, np.arange(64) % 2)
    elif name == "4.mat":
        savemat(path, {"gt": np.arange(9.0)}, format="4")
    else:
        savemat(path, {"gt": cells(RANGES), "other": np.arange(9)}, do_compression=name.startswith("packed"))
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = []
    for _ in range(80):
        damaged = bytearray(whole[: rng.integers(1, len(whole) + 1)] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, len(damaged), 3):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            read_marks(path)
        except DatasetError as error:
            refused.append(str(error))
    assert len(refused) > 20
    assert not [line for line in refused if "\n" in line]
