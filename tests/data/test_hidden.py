import logging
import shutil
import zipfile
from dataclasses import replace

import pytest

from tests.conftest import write_picture
from xai_ad.data import layouts
from xai_ad.data.hidden import is_hidden, lies_hidden, visible_in
from xai_ad.data.layouts import read_dataset
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.inspection.clips import clips_and_images
from xai_ad.inspection.image_files import list_samples
from xai_ad.store import list_models

SYSTEMS = [
    *(".ipynb_checkpoints", ".thumbnails", ".Trash-1000", ".Trashes", ".Spotlight-V100", ".AppleDouble"),
    *("@eaDir", "__MACOSX", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"),
]
HIDDEN_FILES = ["._x.png", ".trashed-1700000000-x.png", ".x.png", ".#x.png"]


@pytest.mark.parametrize(
    "name", [*SYSTEMS, *HIDDEN_FILES, "Thumbs.db", "THUMBS.DB", "desktop.ini", ".DS_Store"]
)
def test_what_systems_keep_is_hidden(name):
    assert is_hidden(name)


@pytest.mark.parametrize(
    "name", ["good", "x.png", "_x.png", "@home.png", "#1.png", "$5", "lost", "trash", "…x"]
)
def test_what_people_name_is_not(name):
    assert not is_hidden(name)


def test_what_lies_in_a_hidden_folder_is_hidden(tmp_path):
    folder = write_picture(tmp_path / "a.png", 0).parent
    write_picture(folder / "@eaDir/a.png/thumb.jpg", 1)
    assert [path.name for path in visible_in(folder)] == ["a.png"]
    assert lies_hidden((folder / "@eaDir/a.png").relative_to(folder))


def spoil(folder, name):
    """Write into every class's folder what systems leave there, and system folders beside the classes."""
    for kind in [path for path in folder.iterdir() if path.is_dir()]:
        (kind / f"._{name}.png").write_bytes(b"resource fork")
        write_picture(kind / f".trashed-1-{name}.png", 7)
        write_picture(kind / f"@eaDir/{name}.png/SYNOPHOTO_THUMB_M.jpg", 8)
        (kind / "Thumbs.db").write_bytes(b"db")
    for system in SYSTEMS:
        write_picture(folder / system / f"{name}.png", 9)


def test_a_category_is_read_without_what_is_hidden(mvtec_folder):
    before = read_dataset(mvtec_folder, "mvtec")
    spoil(mvtec_folder / "test", "000")
    spoil(mvtec_folder / "train", "000")
    spoil(mvtec_folder / "ground_truth", "000_mask")
    assert read_dataset(mvtec_folder, "mvtec") == before


def test_a_folder_of_pictures_is_read_without_what_is_hidden(tmp_path):
    for index in range(3):
        write_picture(tmp_path / "mine" / f"{index}.jpg", index)
    before = read_dataset(tmp_path / "mine", "folder")
    spoil(tmp_path, "0")
    shutil.move(tmp_path / ".thumbnails", tmp_path / "mine")
    assert read_dataset(tmp_path / "mine", "folder") == before


def test_clips_are_folders_and_archives_without_what_is_hidden(tmp_path):
    for index in (1, 2):
        write_picture(tmp_path / "clip" / f"{index}.png", index)
        (tmp_path / "clip" / f"._{index}.png").write_bytes(b"resource fork")
        write_picture(tmp_path / "#recycle" / f"{index}.png", index)
    archive = tmp_path / "clip.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for index in (1, 2):
            file.write(tmp_path / "clip" / f"{index}.png", f"clip/{index}.png")
            for hidden in ("__MACOSX/clip", "clip/.thumbnails", "@eaDir", "$RECYCLE.BIN"):
                file.write(tmp_path / "clip" / f"{index}.png", f"{hidden}/{index}.png")
    assert open_frames(tmp_path / "clip").numbers == open_frames(archive).numbers == (1, 2)
    assert is_clip(tmp_path / "clip")
    assert not is_clip(tmp_path / "#recycle")


def test_inspected_folders_have_nothing_hidden(mvtec_folder, stored_model):
    before = list(clips_and_images([mvtec_folder], stored_model.card))
    (mvtec_folder / "test/good/Thumbs.db").write_bytes(b"db")
    spoil(mvtec_folder / "test", "000")
    assert list(clips_and_images([mvtec_folder], stored_model.card)) == before


def test_no_shipped_sample_or_model_is_hidden(tmp_path, mvtec_folder, stored_model, monkeypatch):
    spoil(mvtec_folder / "test", "000")
    assert {name.split("/")[0] for name in list_samples("widget", tmp_path)} == {"good", "hole", "stain"}
    models = stored_model.path.parent
    shutil.copytree(stored_model.path, models / "#recycle" / stored_model.card.id)
    shutil.copytree(stored_model.path, models / ".Trash-1000")
    monkeypatch.setenv("XAI_AD_MODELS", str(models))
    monkeypatch.setenv("XAI_AD_HOME", str(tmp_path / "home"))
    assert [stored.card.id for stored in list_models()] == [stored_model.card.id]


def test_a_dataset_tells_its_notes_when_it_is_read(mvtec_folder, monkeypatch, caplog):
    dataset = replace(read_dataset(mvtec_folder, "mvtec"), notes=("one", "two"))
    monkeypatch.setitem(layouts.LAYOUTS, "mvtec", replace(layouts.LAYOUTS["mvtec"], read=lambda _: dataset))
    with caplog.at_level(logging.WARNING, logger="xai_ad.notes"):
        read_dataset(mvtec_folder, "mvtec")
    assert caplog.messages == ["one", "two"]
