"""A generated set is known by what made it, whatever its folder is called."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xai_ad.data.layouts import read_dataset
from xai_ad.data.sets.base import GENERATED_MARK, generated_set
from xai_ad.data.synthetic import GENERATORS, generate


def clips(folder: Path) -> None:
    """Write a set of clips as small as it gets, each of another picture."""
    picture = np.zeros((16, 16, 3), dtype=np.uint8)
    for number, name in enumerate(("Train/Train001", "Train/Train002", "Test/Test001")):
        for frame in range(1, 4):
            path = folder / name / f"{frame:03d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture + 10 * number + frame).save(path)
    rows = [f"Test001,{frame},{int(frame > 1)}\n" for frame in range(1, 4)]
    (folder / "frame_labels.csv").write_text("clip,frame,label\n" + "".join(rows))


def test_pictures_in_a_renamed_folder_are_the_set_that_was_generated(tmp_path: Path) -> None:
    generate("washer", tmp_path / "tray 7", count=1)
    dataset = read_dataset(tmp_path / "tray 7", "mvtec")
    assert (dataset.name, dataset.generated) == ("washer", True)


def test_clips_in_a_renamed_folder_are_the_set_that_was_generated(tmp_path: Path) -> None:
    clips(tmp_path / "walkway7")
    (tmp_path / "walkway7" / GENERATED_MARK).write_text('{"set": "walkway", "seed": 7}')
    dataset = read_dataset(tmp_path / "walkway7", "ucsd")
    assert (dataset.name, dataset.generated, dataset.crop) == ("walkway", True, None)


def test_clips_of_somebodys_own_are_called_as_their_folder_is(tmp_path: Path) -> None:
    clips(tmp_path / "walkway")
    dataset = read_dataset(tmp_path / "walkway", "ucsd")
    assert (dataset.name, dataset.generated) == ("walkway", False)


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_every_set_that_is_generated_is_known_again(name: str, tmp_path: Path) -> None:
    (tmp_path / GENERATED_MARK).write_text(json.dumps({"set": name, "seed": 0}))
    assert generated_set(tmp_path) == name


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "null", '"washer"', '{"set": 3}', '{"set": ["washer"]}', '{"set": "bottle"}', "\xff"],
)
def test_a_file_of_that_name_which_names_no_generated_set_means_nothing(content: str, tmp_path: Path) -> None:
    (tmp_path / GENERATED_MARK).write_bytes(content.encode("latin-1"))
    assert generated_set(tmp_path) is None


def test_a_folder_without_the_mark_is_no_generated_set(tmp_path: Path) -> None:
    assert generated_set(tmp_path) is None
