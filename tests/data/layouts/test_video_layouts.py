import csv
import hashlib
import math
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from tests.data.videos.writing import frame_pixels, write_frames, write_video, write_zip
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol, read_dataset, split_clips, split_dataset
from xai_ad.data.layouts.ucsd import PED1, PED2, scene_of
from xai_ad.data.loading import count_channels, load_masks, load_pixels
from xai_ad.errors import DatasetError

PED2_SIZE = (36, 24)  # a tenth of 360x240
LOOK = Preprocessing(size=16, channels=1)


def write_labels(root, rows):
    with (root / "frame_labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("clip", "frame", "label"), *rows])


def write_mask(path, size=PED2_SIZE):
    path.parent.mkdir(parents=True, exist_ok=True)
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[size[1] // 2 :, : size[0] // 2] = 255
    Image.fromarray(mask).save(path)


@pytest.fixture
def ucsd_folder(tmp_path):
    """Six training clips, two of test whose frames 4 to 9, and 2 and 11 to 12, are anomalous; masks for the first."""
    root = tmp_path / "UCSDped2"
    for clip in range(1, 7):
        folder = root / f"Train/Train{clip:03d}"
        write_frames(folder, suffix=".tif", size=PED2_SIZE)
        write_frames(folder, [13 + clip], suffix=".tif", size=PED2_SIZE)
    for clip in (1, 2):
        write_frames(root / f"Test/Test{clip:03d}", suffix=".tif", size=PED2_SIZE)
    for frame in range(4, 10):
        write_mask(root / "Test/Test001_gt" / f"{frame:03d}.bmp")
    (root / "Test/UCSDped2.m").write_text(
        "TestVideoFile = {};\nTestVideoFile{end+1}.gt_frame = [4:9];\n"
        "TestVideoFile{end+1}.gt_frame = [2, 11:12]; % TestVideoFile{end+1}.gt_frame = [1];\n"
    )
    return root


def clips_of(root, layout="ucsd", subset="test"):
    return {clip.name: clip for clip in read_dataset(root, layout).clips if clip.subset == subset}


def anomalous(clip):
    return [number for number, label in zip(clip.numbers, clip.labels, strict=True) if label]


def test_ucsd_is_read_as_its_publisher_lays_it_out(ucsd_folder):
    dataset = read_dataset(ucsd_folder, "ucsd")
    assert (dataset.name, dataset.crop, dataset.crop_of) == ("ped2", (80, 0, 160, 360), (240, 360))
    tests = clips_of(ucsd_folder)
    assert anomalous(tests["Test001"]) == [4, 5, 6, 7, 8, 9]
    assert anomalous(tests["Test002"]) == [2, 11, 12]
    assert sorted(clips_of(ucsd_folder, subset="train")) == [f"Train{clip:03d}" for clip in range(1, 7)]


def test_a_table_of_frame_labels_comes_before_the_publishers_files(ucsd_folder):
    rows = [(name, frame, int(frame == 5)) for name in ("Test001", "Test002") for frame in range(1, 13)]
    write_labels(ucsd_folder, rows)
    assert [anomalous(clip) for clip in clips_of(ucsd_folder).values()] == [[5], [5]]


def test_frames_of_training_clips_are_normal(ucsd_folder):
    split = split_dataset(read_dataset(ucsd_folder, "ucsd"))
    assert {(sample.label, sample.kind) for sample in (*split.train, *split.validation)} == {(0, "normal")}


def test_clips_are_ordered_by_the_numbers_in_their_names(ucsd_folder):
    for old, new in (("Train001", "walk10"), ("Train002", "walk9")):
        (ucsd_folder / "Train" / old).rename(ucsd_folder / "Train" / new)
    names = [f"Train{clip:03d}" for clip in (3, 4, 5, 6)]
    assert list(clips_of(ucsd_folder, subset="train")) == [*names, "walk9", "walk10"]


def test_two_clips_of_one_name_are_refused(ucsd_folder):
    write_zip(ucsd_folder / "Train/Train003.zip", ucsd_folder / "Train/Train003")
    with pytest.raises(DatasetError, match=r"holds several clips of the name 'Train003'\. Rename one"):
        read_dataset(ucsd_folder, "ucsd")


def test_clips_may_be_videos_or_archives(ucsd_folder):
    for number in (1, 2):
        folder = ucsd_folder / f"Train/Train{number:03d}"
        shutil.rmtree(folder)
        write_video(folder.with_suffix(".mkv"), 9 + number, size=PED2_SIZE)
    write_zip(ucsd_folder / "Train/Train003.zip", ucsd_folder / "Train/Train003")
    shutil.rmtree(ucsd_folder / "Train/Train003")
    dataset = read_dataset(ucsd_folder, "ucsd")
    counts = {clip.name: len(clip.numbers) for clip in dataset.clips if clip.subset == "train"}
    assert counts == {"Train001": 10, "Train002": 11} | {f"Train{clip:03d}": 13 for clip in (3, 4, 5, 6)}


@pytest.mark.parametrize(
    ("size", "folder", "scene"),
    [
        ((240, 360), "x", PED2),
        ((120, 180), "x", PED2),
        ((158, 238), "x", PED1),
        ((79, 119), "x", PED1),
        ((316, 476), "UCSDped2", PED1),
        ((128, 128), "ucsd_ped1", PED1),
        ((24, 36), "UCSDped1", PED1),
        ((24, 36), "x", PED2),
        ((128, 128), "walkway", None),
        ((480, 640), "mine", None),
    ],
)
def test_the_two_scenes_are_told_apart_by_their_frames(size, folder, scene):
    assert scene_of(size, folder) is scene


def test_whole_clips_are_dealt_out_by_the_hash_of_their_bytes(ucsd_folder):
    dataset = read_dataset(ucsd_folder, "ucsd")
    split = split_clips(dataset)
    hashes = {}
    for folder in (ucsd_folder / "Train").iterdir():
        files = sorted(folder.iterdir())
        hashes[hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()] = folder.name
    first = {hashes[value] for value in sorted(hashes)[: math.ceil(0.2 * 6)]}
    assert {clip.name for clip in split.validation} == first
    assert {clip.name for clip in split.train} == set(hashes.values()) - first
    assert split.calibration == split.validation
    assert [clip.name for clip in split.test] == ["Test001", "Test002"]


def test_frames_split_as_their_clips_do_and_keep_their_order(ucsd_folder):
    dataset = read_dataset(ucsd_folder, "ucsd")
    for protocol in Protocol:
        clips, frames = split_clips(dataset, protocol), split_dataset(dataset, protocol)
        for part in ("train", "validation", "calibration", "test"):
            expected = [
                (clip.name, clip.start + index)
                for clip in getattr(clips, part)
                for index in range(len(clip.numbers))
            ]
            assert [(sample.group, sample.position) for sample in getattr(frames, part)] == expected
    assert split_dataset(dataset, Protocol.THESIS).calibration == split_dataset(dataset).test


def test_at_least_one_clip_validates_and_one_must_train(ucsd_folder):
    for clip in range(3, 7):
        shutil.rmtree(ucsd_folder / f"Train/Train{clip:03d}")
    split = split_clips(read_dataset(ucsd_folder, "ucsd"))
    assert (len(split.train), len(split.validation)) == (1, 1)
    shutil.rmtree(ucsd_folder / "Train/Train002")
    with pytest.raises(DatasetError, match="At least 2 are needed"):
        split_clips(read_dataset(ucsd_folder, "ucsd"))


def test_copies_of_one_clip_stay_on_one_side(ucsd_folder):
    for clip in range(2, 7):
        folder = ucsd_folder / f"Train/Train{clip:03d}"
        shutil.rmtree(folder)
        shutil.copytree(ucsd_folder / "Train/Train001", folder)
    with pytest.raises(DatasetError, match="At least 2 are needed"):
        split_clips(read_dataset(ucsd_folder, "ucsd"))


def test_every_frame_has_a_hash_of_its_own_though_frames_repeat(ucsd_folder):
    samples = read_dataset(ucsd_folder, "ucsd").samples
    assert len({sample.sha256 for sample in samples}) == 6 * 13 + 12  # the test clips are copies


def test_masks_are_read_where_they_come_with_the_set(ucsd_folder):
    clip = clips_of(ucsd_folder)["Test001"]
    masks = list(clip.masks.read(LOOK))
    assert [mask.any() for mask in masks] == list(clip.labels)
    samples = split_dataset(read_dataset(ucsd_folder, "ucsd")).test
    loaded, known = load_masks(samples, LOOK)
    assert [samples[index].group for index in known].count(
        "Test002"
    ) == 12 - 3  # its anomalous ones have none
    assert loaded[:12].any(axis=(1, 2)).tolist() == list(clip.labels)
    assert loaded[4, 8:, :8].all()
    assert loaded[4].sum() == 64


def test_a_grey_set_has_one_channel_also_from_videos(ucsd_folder):
    split = split_dataset(read_dataset(ucsd_folder, "ucsd"))
    assert count_channels([*split.train, *split.validation]) == 1
    write_video(ucsd_folder / "Train/grey.avi", 9, size=PED2_SIZE)
    assert count_channels([s for s in read_dataset(ucsd_folder, "ucsd").samples if s.group == "grey"]) == 1
    write_video(ucsd_folder / "Train/colour.avi", 9, size=PED2_SIZE, colour=True)
    assert count_channels(read_dataset(ucsd_folder, "ucsd").samples) == 3


def test_frames_of_videos_are_loaded_like_pictures(ucsd_folder):
    write_video(ucsd_folder / "Train/video.mkv", size=PED2_SIZE)
    samples = read_dataset(ucsd_folder, "ucsd").samples
    video = [sample for sample in samples if sample.group == "video"]
    folder = [sample for sample in samples if sample.group == "Train001"][:12]
    mixed = [*video[5:8], folder[0], *video[:2], video[0]]
    expected = load_pixels([*folder[5:8], folder[0], *folder[:2], folder[0]], LOOK)
    seen = []
    assert torch.equal(load_pixels(mixed, LOOK, on_progress=seen.append), expected)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_video_that_became_shorter_is_noticed(ucsd_folder):
    path = write_video(ucsd_folder / "Train/video.mkv", size=PED2_SIZE)
    video = [sample for sample in read_dataset(ucsd_folder, "ucsd").samples if sample.group == "video"]
    write_video(path, 5, size=PED2_SIZE)
    with pytest.raises(DatasetError, match="has fewer frames than when it was read"):
        load_pixels(video, LOOK)


def test_a_set_of_ones_own_keeps_its_name_and_is_not_cropped(ucsd_folder):
    root = ucsd_folder.with_name("yard")
    for clip in range(3):
        write_frames(root / f"training/{clip}", range(1, 4 + clip), size=(48, 48))
    dataset = read_dataset(root, "ucsd")
    assert (dataset.name, dataset.crop) == ("yard", None)
    counts = split_dataset(dataset).counts
    assert counts["train"] + counts["validation"] == 3 + 4 + 5
    assert counts["test"] == 0


def test_a_test_set_without_labels_is_not_reported(ucsd_folder):
    (ucsd_folder / "Test/UCSDped2.m").unlink()
    dataset = read_dataset(ucsd_folder, "ucsd")
    assert [clip.labels for clip in dataset.clips if clip.subset == "test"] == [None, None]
    assert split_dataset(dataset).counts["test"] == 0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"rows": [("Test001", 99, 1)]}, r"'Test001' do not match its frames: 1 labels have no frame.*: 99"),
        ({"drop": ("Test002", 7)}, r"'Test002' do not match its frames: 1 of 12 frames have no label.*: 7"),
        ({"rows": [("Test009", 1, 1)]}, "labels clips that the dataset does not have: Test009"),
        ({"rows": [("Train001", 1, 1)]}, "labels frames of the training clip 'Train001' anomalous"),
        ({"rows": [("Test001", 3, 1)]}, "Line 26 of .* labels frame 3 of 'Test001' again"),
        ({"rows": [("Test001", "x", 1)]}, "Line 26 of .* is no label"),
        ({"rows": [("Test001", 13, 2)]}, "Line 26 of .* is no label"),
        ({"drop": ("Test002", None)}, "does not label the test clips Test002"),
    ],
)
def test_a_table_that_does_not_match_is_refused(ucsd_folder, change, match):
    name, frame = change.get("drop", (None, None))
    rows = [
        row
        for row in ((clip, number, 0) for clip in ("Test001", "Test002") for number in range(1, 13))
        if not (row[0] == name and frame in {row[1], None})
    ]
    write_labels(ucsd_folder, [*rows, *change.get("rows", [])])
    with pytest.raises(DatasetError, match=match):
        read_dataset(ucsd_folder, "ucsd")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("TestVideoFile{end+1}.gt_frame = [4:9];", "labels 1 clips, and there are 2 test clips"),
        ("a.gt_frame = [4:19];\nb.gt_frame = [1];", r"'Test001' do not match.*mark 4 to 19.*are 1 to 12"),
        ("a.gt_frame = [4:9];\nb.gt_frame = [x];", "a range is first:last or a number"),
        ("nothing", "holds no line like"),
    ],
)
def test_a_publishers_text_that_does_not_match_is_refused(ucsd_folder, text, match):
    (ucsd_folder / "Test/UCSDped2.m").write_text(text)
    with pytest.raises(DatasetError, match=match):
        read_dataset(ucsd_folder, "ucsd")


def test_a_frame_that_is_missing_within_a_marked_range_is_no_error(ucsd_folder):
    (ucsd_folder / "Test/Test001/006.tif").unlink()
    (ucsd_folder / "Test/Test001_gt/006.bmp").unlink()
    assert anomalous(clips_of(ucsd_folder)["Test001"]) == [4, 5, 7, 8, 9]


def test_a_mask_of_no_frame_is_refused(ucsd_folder):
    write_mask(ucsd_folder / "Test/Test001_gt/077.bmp")
    with pytest.raises(DatasetError, match=r"'077\.bmp' .* belongs to no frame of 'Test001'"):
        read_dataset(ucsd_folder, "ucsd")


def test_both_of_the_publishers_sets_at_once_are_refused(ucsd_folder):
    with pytest.raises(DatasetError, match=r"holds UCSDped2\. Point --data at one of them"):
        read_dataset(ucsd_folder.parent, "ucsd")


@pytest.mark.parametrize("layout", ["ucsd", "avenue", "subway"])
def test_a_folder_without_clips_is_refused(tmp_path, layout):
    with pytest.raises(DatasetError, match=f"does not follow the layout '{layout}'"):
        read_dataset(tmp_path, layout)


def test_a_clip_that_cannot_be_read_is_named(ucsd_folder):
    (ucsd_folder / "Train/broken.mp4").write_bytes(b"no video")
    with pytest.raises(DatasetError, match=r"A clip of the dataset cannot be used: .*broken\.mp4"):
        read_dataset(ucsd_folder, "ucsd")


def test_a_clip_of_one_frame_is_refused(ucsd_folder):
    write_frames(ucsd_folder / "Train/short", [1])
    with pytest.raises(DatasetError, match="has 1 frame; a clip has at least 2"):
        read_dataset(ucsd_folder, "ucsd")


AVENUE_SIZE = (64, 36)
HDF5 = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(64)
"""How a MATLAB file of version 7.3 begins."""


@pytest.fixture
def avenue_folder(tmp_path):
    """Three training clips and two of test, numbered as the publisher numbers both; masks in .mat files."""
    root = tmp_path / "Avenue Dataset"
    for clip in (1, 2, 3):
        write_video(root / f"training_videos/{clip:02d}.avi", 8 + clip, size=AVENUE_SIZE, colour=True)
    for clip, marked in ((1, (2, 3)), (2, (9,))):
        write_video(root / f"testing_videos/{clip:02d}.avi", 10, size=AVENUE_SIZE, colour=True)
        write_volume(root / f"ground_truth_demo/testing_label_mask/{clip}_label.mat", 10, marked)
    return root


def write_volume(path, frames, marked):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = np.empty((1, frames), dtype=object)
    for index in range(frames):
        cells[0, index] = np.zeros((36, 64), np.uint8)
        if index in marked:
            cells[0, index][18:, 32:] = 1
    savemat(path, {"volLabel": cells})


def test_avenue_is_read_as_its_publisher_lays_it_out(avenue_folder):
    dataset = read_dataset(avenue_folder, "avenue")
    assert (dataset.name, dataset.crop, dataset.crop_of) == ("avenue", (60, 0, 300, 640), (360, 640))
    tests = clips_of(avenue_folder, "avenue")
    assert {name: anomalous(clip) for name, clip in tests.items()} == {"01": [3, 4], "02": [10]}
    assert count_channels(split_dataset(dataset).train) == 3
    assert split_dataset(dataset).counts["test"] == 20


def test_avenues_masks_are_those_of_its_frames(avenue_folder):
    preprocessing = Preprocessing(size=16, crop=(0, 0, 36, 64), crop_of=(36, 64))
    clip = clips_of(avenue_folder, "avenue")["01"]
    masks = np.array(list(clip.masks.read(preprocessing)))
    assert np.flatnonzero(masks.any(axis=(1, 2))).tolist() == [2, 3]
    assert masks[2, 8:, 8:].all()
    samples = split_dataset(read_dataset(avenue_folder, "avenue")).test
    loaded, known = load_masks(samples, preprocessing)
    assert known == list(range(20))
    assert np.flatnonzero(loaded.any(axis=(1, 2))).tolist() == [2, 3, 19]


def test_a_mask_of_a_volume_is_cropped_as_its_frame_is(avenue_folder):
    clip = clips_of(avenue_folder, "avenue")["01"]  # marked from row 18 and column 32 on
    cropped = Preprocessing(size=12, crop=(12, 16, 24, 48), crop_of=(36, 64))
    mask = list(clip.masks.read(cropped))[2]
    expected = np.zeros((12, 12), dtype=bool)
    expected[3:, 4:] = True
    assert np.array_equal(mask, expected)


def test_avenue_as_folders_of_frames_is_read_too(avenue_folder):
    root = avenue_folder.with_name("avenue_frames")
    for clip in ("01", "02"):
        write_frames(root / "training/frames" / clip, range(20), suffix=".jpg", size=AVENUE_SIZE)
    write_frames(root / "testing/frames/01", range(5), suffix=".jpg", size=AVENUE_SIZE)
    write_labels(root, [("01", frame, int(frame > 2)) for frame in range(5)])
    assert anomalous(clips_of(root, "avenue")["01"]) == [3, 4]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda root: write_volume(root / "ground_truth_demo/testing_label_mask/2_label.mat", 9, ()), "has 9, and the clip has 10"),
        (lambda root: (root / "ground_truth_demo/testing_label_mask/2_label.mat").unlink(), "no label file for the test clips 02"),
        (lambda root: write_volume(root / "other/2_label.mat", 10, ()), "both label the clip 2"),
        (lambda root: savemat(root / "ground_truth_demo/testing_label_mask/2_label.mat", {"gt": 1}), "does not hold 'volLabel'"),
        (lambda root: savemat(root / "ground_truth_demo/testing_label_mask/2_label.mat", {"volLabel": np.zeros((36, 64))}), "a cell of one mask a frame"),
        (lambda root: (root / "ground_truth_demo/testing_label_mask/2_label.mat").write_bytes(b"no file"), "is no MATLAB file that can be read"),
        (lambda root: (root / "ground_truth_demo/testing_label_mask/2_label.mat").write_bytes(HDF5), "of version 7.3"),
    ],
    ids=["length", "missing", "twice", "variable", "no cell", "damaged", "hdf5"],
)  # fmt: skip
def test_avenues_label_files_that_do_not_match_are_refused(avenue_folder, change, match):
    change(avenue_folder)
    with pytest.raises(DatasetError, match=match):
        read_dataset(avenue_folder, "avenue")


SUBWAY_SIZE = (32, 24)


@pytest.fixture
def subway_folder(tmp_path):
    """190 frames of Entrance: the first 30 train; events at 60 and at 120 to 125."""
    root = tmp_path / "subway_entrance"
    write_video(root / "video.mkv", [frame_pixels(index, size=SUBWAY_SIZE) for index in range(190)])
    (root / "events.m").write_text("TestVideoFile{end+1}.gt_frame = [60, 120:125];")
    return root


def test_an_event_of_subway_reaches_fifteen_frames_to_either_side(subway_folder):
    (clip,) = clips_of(subway_folder, "subway").values()
    assert clip.numbers == tuple(range(31, 191))
    assert anomalous(clip) == [*range(45, 76), *range(105, 141)]


def test_the_first_fifteen_of_ninety_five_minutes_train_in_stretches(subway_folder):
    dataset = read_dataset(subway_folder, "subway")
    assert (dataset.name, dataset.crop, dataset.crop_of) == (
        "subway_entrance",
        (64, 8, 280, 488),
        (384, 512),
    )
    stretches = clips_of(subway_folder, "subway", "train")
    numbers = [number for clip in stretches.values() for number in clip.numbers]
    assert numbers == list(range(1, 31))
    assert len(stretches) == 3
    assert len({clip.sha256 for clip in stretches.values()}) == 3
    split = split_dataset(dataset)
    assert split.counts == {"train": 20, "validation": 10, "calibration": 10, "test": 160}


def test_a_stretchs_pixels_are_its_frames(subway_folder):
    dataset = read_dataset(subway_folder, "subway")
    clip = dataset.clips[1]
    streamed = [frame.pixels for frame in clip.stream(LOOK)]
    samples = [sample for sample in dataset.samples if sample.group == clip.name]
    assert torch.equal(torch.stack(streamed), load_pixels(samples, LOOK))
    assert streamed[0].float().mean() == pytest.approx(frame_pixels(10).mean(), abs=1)


def test_subways_frames_may_lie_directly_in_its_folder(tmp_path):
    root = write_frames(tmp_path / "exit", range(1, 181), size=SUBWAY_SIZE)
    savemat(root / "events.mat", {"events": np.array([[100, 101]])})
    dataset = read_dataset(root, "subway")
    assert dataset.name == "subway_exit"
    (clip,) = clips_of(root, "subway").values()
    assert clip.numbers[0] == 21
    assert anomalous(clip) == list(range(85, 117))


def test_events_may_have_a_first_and_a_last_frame(tmp_path):
    root = write_frames(tmp_path / "exit", range(1, 181), size=SUBWAY_SIZE)
    savemat(root / "events.mat", {"events": np.array([[60, 65], [140, 141]])})
    (clip,) = clips_of(root, "subway").values()
    assert anomalous(clip) == [*range(45, 81), *range(125, 157)]


def test_subway_in_training_and_test_folders_is_read_too(tmp_path):
    root = tmp_path / "subway_exit"
    write_video(root / "Train/video.mkv", 40, size=SUBWAY_SIZE)
    write_video(root / "Test/video.mkv", 40, size=SUBWAY_SIZE)
    write_labels(root, [("video", frame, int(frame == 20)) for frame in range(1, 41)])
    assert len(clips_of(root, "subway", "train")) == 5
    assert anomalous(clips_of(root, "subway")["video"]) == [20]  # a table labels frames, not events


def test_a_label_that_reaches_back_into_the_training_part_shortens_it(subway_folder):
    (subway_folder / "events.m").write_text("a.gt_frame = [40];")
    trained = clips_of(subway_folder, "subway", "train").values()
    assert max(number for clip in trained for number in clip.numbers) == 24
    (clip,) = clips_of(subway_folder, "subway").values()
    assert anomalous(clip) == list(range(31, 56))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a.gt_frame = [12];", "frame 1 of 'video' is labelled anomalous and lies in the first 30"),
        ("a.gt_frame = [300];", "do not match its frames: they mark 300 to 300"),
        ("a.gt_frame = [50];\nb.gt_frame = [60];", "labels 2 clips, and there are 1 test clips"),
    ],
)
def test_events_that_do_not_match_are_refused(subway_folder, text, match):
    (subway_folder / "events.m").write_text(text)
    with pytest.raises(DatasetError, match=match):
        read_dataset(subway_folder, "subway")


def test_a_single_video_must_say_which_scene_it_is(subway_folder):
    root = subway_folder.rename(subway_folder.with_name("platform"))
    with pytest.raises(DatasetError, match="does not say whose first part trains"):
        read_dataset(root, "subway")


def test_two_subway_videos_at_once_are_refused(subway_folder):
    write_video(subway_folder / "other.mkv", 20, size=SUBWAY_SIZE)
    with pytest.raises(DatasetError, match="holds 2 videos"):
        read_dataset(subway_folder, "subway")


def test_several_arrays_of_events_are_refused(subway_folder):
    (subway_folder / "events.m").unlink()
    savemat(subway_folder / "events.mat", {"a": np.arange(3), "b": np.arange(3)})
    with pytest.raises(DatasetError, match=r"must hold one array of frame numbers\. It holds a, b"):
        read_dataset(subway_folder, "subway")


def test_events_that_are_no_whole_numbers_are_refused(subway_folder):
    (subway_folder / "events.m").unlink()
    for number in (np.inf, np.nan, 3.5):
        savemat(subway_folder / "events.mat", {"events": np.array([700.0, number])})
        with pytest.raises(DatasetError, match="must hold whole frame numbers"):
            read_dataset(subway_folder, "subway")
