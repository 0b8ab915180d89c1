"""Folders, archives and uploads as people have them become datasets of a known layout."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.conftest import write_picture
from tests.data.videos.writing import write_video
from xai_ad.data.layouts import ANOMALOUS, NORMAL, read_dataset
from xai_ad.errors import DatasetError, UnknownNameError
from xai_ad.inspection.trainings import intake as intake_module
from xai_ad.inspection.trainings.intake import datasets_home, known_intake, take_files, take_folder, take_zip


def zipped(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder.parent))
    return path


def pictures(folder, count, *, first=0, bright=False):
    for index in range(count):
        write_picture(folder / f"{index:03d}.png", first + index, bright=bright)
    return folder


def contents(intake):
    dataset = read_dataset(intake.path, intake.layout)
    return (
        sum(sample.label == NORMAL for sample in dataset.samples),
        sum(sample.label == ANOMALOUS for sample in dataset.samples),
    )


def leftovers():
    return [path.name for path in datasets_home().iterdir()] if datasets_home().exists() else []


def test_a_folder_of_pictures_is_used_where_it_lies(tmp_path):
    folder = pictures(tmp_path / "parts", 5)
    intake = take_folder(folder)
    assert (intake.path, intake.layout, intake.title, intake.key) == (folder, "folder", "parts", str(folder))
    assert known_intake(intake.key) == intake
    assert leftovers() == []


def test_a_published_layout_is_recognised_below_folders_that_hold_nothing_else(mvtec_folder, tmp_path):
    deep = tmp_path / "download" / "archive"
    deep.mkdir(parents=True)
    shutil.move(mvtec_folder, deep / "widget")
    intake = take_folder(tmp_path / "download")
    assert (intake.layout, intake.path.name) == ("mvtec", "widget")
    assert contents(intake) == (18, 10)


def test_a_zip_becomes_the_set_that_was_packed_and_is_found_again(mvtec_folder, tmp_path):
    intake = take_zip(zipped(mvtec_folder, tmp_path / "My parts.zip"), "My parts.zip")
    assert (intake.layout, intake.title, intake.path.name) == ("mvtec", "My parts", "My_parts")
    assert contents(intake) == (18, 10)
    assert known_intake(intake.key) == intake
    assert leftovers() == [intake.key]
    assert take_zip(tmp_path / "My parts.zip", "My parts.zip") == intake


@pytest.mark.parametrize("packed", [True, False])
def test_folders_called_good_and_bad_become_a_set_with_a_test_of_its_own(tmp_path, packed):
    root = tmp_path / "shift"
    pictures(root / "OK", 20)
    pictures(root / "scratch", 4, first=500, bright=True)
    pictures(root / "dent" / "deep", 3, first=600, bright=True)
    intake = take_zip(zipped(root, tmp_path / "shift.zip"), "shift.zip") if packed else take_folder(root)
    assert intake.layout == "mvtec"
    assert contents(intake) == (20, 7)
    dataset = read_dataset(intake.path, intake.layout)
    assert sum(sample.subset == "test" and sample.label == NORMAL for sample in dataset.samples) == 4
    assert {sample.kind for sample in dataset.samples if sample.label} == {"scratch", "dent"}
    assert any("20 good pictures and 7 defective ones" in note for note in intake.notes)
    assert len(list((root / "OK").iterdir())) == 20  # the person's own stays


def test_good_ones_without_defects_are_all_learnt_from(tmp_path):
    pictures(tmp_path / "shift" / "good", 8)
    pictures(tmp_path / "shift" / "bad", 0)
    (tmp_path / "shift" / "bad").mkdir(exist_ok=True)
    assert contents(take_folder(tmp_path / "shift")) == (8, 0)


def test_pictures_in_any_depth_are_one_set_and_equal_names_stay_apart(tmp_path):
    for day in ("monday", "tuesday"):
        pictures(tmp_path / "week" / day, 3, first=10 * len(day))
    intake = take_folder(tmp_path / "week")
    assert (intake.layout, contents(intake)) == ("folder", (6, 0))
    assert any("6 pictures" in note for note in intake.notes)


@pytest.mark.parametrize("way", ["links", "no links", "packed"])
def test_names_that_meet_twice_stay_apart_and_no_original_is_written_into(tmp_path, monkeypatch, way):
    root = tmp_path / "week"
    paths = [root / name for name in ("m/b.png", "m/n-b.png", "m/n-b-2.png", "n/b.png")]
    for index, path in enumerate(paths):
        write_picture(path, index)
    before = {path: path.read_bytes() for path in paths}
    if way == "no links":
        monkeypatch.setattr(Path, "symlink_to", no_links)
    intake = take_zip(zipped(root, tmp_path / "w.zip"), "w.zip") if way == "packed" else take_folder(root)
    assert {path: path.read_bytes() for path in paths} == before
    arranged = sorted(path.read_bytes() for path in intake.path.iterdir() if path.suffix == ".png")
    assert arranged == sorted(before.values())


def no_links(self, target):
    raise (FileExistsError if self.exists() else PermissionError)


@pytest.mark.parametrize("linked", [True, False])
def test_nothing_is_put_where_something_is(tmp_path, monkeypatch, linked):
    for name in ("original", "other"):
        (tmp_path / name).write_text(name)
    place = tmp_path / "place"
    place.symlink_to(tmp_path / "original")
    if not linked:
        monkeypatch.setattr(Path, "symlink_to", lambda *_: (_ for _ in ()).throw(PermissionError()))
    for put in (intake_module._link, intake_module._move):
        with pytest.raises(FileExistsError):
            put(tmp_path / "other", place)
    assert (tmp_path / "original").read_text() == "original"


def test_copies_of_a_good_picture_are_all_learnt_or_all_tested(tmp_path):
    root = pictures(tmp_path / "shift" / "good", 10).parent
    pictures(root / "bad", 3, first=500, bright=True)
    for path in sorted((root / "good").iterdir()):
        for number in range(3):
            shutil.copy(path, path.with_name(f"{path.stem}-{number}.png"))
    samples = read_dataset((intake := take_folder(root)).path, intake.layout).samples
    sides = [
        {sample.sha256 for sample in samples if not sample.label and sample.subset == subset}
        for subset in ("train", "test")
    ]
    assert (len(sides[0]), len(sides[1]), sides[0] & sides[1]) == (8, 2, set())
    assert contents(intake) == (40, 3)


@pytest.mark.parametrize("changed", ["one more", "one less", "another", None])
def test_what_was_arranged_stays_while_a_training_may_read_it(tmp_path, changed):
    root = pictures(tmp_path / "week" / "monday", 5).parent
    pictures(root / "tuesday", 5, first=9)
    before = take_folder(root)
    held = before.path.stat().st_ino
    linked = sorted(path.name for path in before.path.iterdir())
    match changed:
        case "one more":
            write_picture(root / "monday" / "9.png", 99)
        case "one less":
            (root / "monday" / "000.png").unlink()
        case "another":
            write_picture(root / "monday" / "000.png", 99, size=16)
    after = take_folder(root)
    assert (after.key != before.key) == (changed is not None)
    assert before.path.stat().st_ino == held
    assert sorted(path.name for path in before.path.iterdir()) == linked
    assert set(leftovers()) == {before.key, after.key}


def test_an_archive_that_is_brought_again_is_not_unpacked_again_unless_it_is_gone(tmp_path):
    archive = zipped(pictures(tmp_path / "parts", 4), tmp_path / "parts.zip")
    before = take_zip(archive, "parts.zip")
    held = before.path.stat().st_ino
    assert take_zip(archive, "parts.zip") == before
    assert before.path.stat().st_ino == held
    shutil.rmtree(before.path)
    with pytest.raises(DatasetError, match="Bring the pictures again"):
        known_intake(before.key)
    assert contents(take_zip(archive, "parts.zip")) == (4, 0)


def test_defects_are_never_taken_for_good_ones_by_their_folders(tmp_path):
    pictures(tmp_path / "shift" / "monday", 3)
    pictures(tmp_path / "shift" / "NG", 3, first=50)
    with pytest.raises(DatasetError, match=r"NG.*'good'"):
        take_folder(tmp_path / "shift")
    assert leftovers() == []


def test_pictures_that_were_uploaded_one_by_one_are_a_folder(tmp_path):
    folder = pictures(tmp_path / "parts", 12)
    intake = take_files({path.name: path for path in sorted(folder.iterdir())})
    assert (intake.layout, contents(intake)) == ("folder", (12, 0))


@pytest.mark.parametrize("title", ["unpacked", "intake.json", "...", "bottle", "ped2", "名前"])
def test_no_title_is_in_the_way_or_lends_a_published_sets_name(tmp_path, title):
    folder = pictures(tmp_path / "parts", 3)
    intake = take_zip(zipped(folder, tmp_path / "any.zip"), f"{title}.zip")
    assert contents(intake) == (3, 0)
    assert read_dataset(intake.path, intake.layout).name not in {"bottle", "ped2"}
    assert known_intake(intake.key) == intake


def test_a_folder_called_like_a_published_set_is_not_taken_for_it(tmp_path):
    intake = take_folder(pictures(tmp_path / "bottle", 3))
    assert contents(intake) == (3, 0)
    assert read_dataset(intake.path, intake.layout).name == "my_bottle"


def test_one_clip_is_cut_into_stretches(tmp_path):
    generator = np.random.default_rng(0)
    frames = [generator.integers(0, 255, (36, 48, 3), dtype=np.uint8) for _ in range(170)]
    clip = write_video(tmp_path / "walk.mp4", frames)
    intake = take_files({"walk.mp4": clip})
    assert (intake.layout, intake.of_videos, intake.title) == ("ucsd", True, "walk")
    dataset = read_dataset(intake.path, intake.layout)
    assert len(dataset.clips) == 10
    assert len(dataset.samples) == 170
    with Pillow.open(dataset.samples[0].path) as first:
        assert first.size == (48, 36)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: None, "no folder"),
        (lambda folder: folder.mkdir(), "no pictures"),
        (lambda folder: (folder.mkdir(), (folder / "a.txt").write_text("a")), "no pictures"),
    ],
)
def test_a_folder_without_pictures_is_refused_in_one_line(tmp_path, make, words):
    make(tmp_path / "parts")
    with pytest.raises(DatasetError, match=words) as caught:
        take_folder(tmp_path / "parts")
    assert "\n" not in str(caught.value)
    assert leftovers() == []


def test_a_hostile_zip_leaves_nothing_behind(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("fine.png", b"1")
        archive.writestr("../../out.png", b"1")
    with pytest.raises(DatasetError, match="leads out"):
        take_zip(tmp_path / "bad.zip", "bad.zip")
    assert leftovers() == []


def test_an_upload_of_something_else_is_refused_by_its_name(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"1")
    with pytest.raises(DatasetError, match=r"a\.pdf"):
        take_files({"a.pdf": tmp_path / "a.pdf"})


def test_pictures_that_are_gone_are_said_to_be(tmp_path):
    pictures(tmp_path / "week" / "a", 3)
    pictures(tmp_path / "week" / "b", 3, first=9)
    key = take_folder(tmp_path / "week").key
    (datasets_home() / key / ".intake.json").unlink()
    with pytest.raises(DatasetError, match="Bring the pictures again"):
        known_intake(key)
    with pytest.raises(UnknownNameError, match="nothing"):
        known_intake("nothing")
