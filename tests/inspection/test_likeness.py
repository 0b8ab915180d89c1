"""Strangers are told wherever a picture or a frame is judged."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import write_picture
from tests.data.videos.writing import write_video
from xai_ad.data.fitting import Cut, Fit, Proportions
from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import read_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.data.reading import read_image, seen_part
from xai_ad.data.videos.frames import Frame
from xai_ad.detector.familiarity import Cause, Likeness, fit_familiarity
from xai_ad.explain import Residual
from xai_ad.inspection.batch import inspect_files
from xai_ad.inspection.calibrating import recalibrate
from xai_ad.inspection.cases import open_case
from xai_ad.inspection.explaining import ask
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.judgement import judge
from xai_ad.inspection.likeness import FrameLikenesses, squeezed_size, stranger_note, strangers_note
from xai_ad.inspection.models import open_model
from xai_ad.inspection.repeating import reopen
from xai_ad.store import find_model, load_calibration, load_familiarity, record_familiarity


@pytest.fixture(scope="module")
def familiarity(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seen")
    for index in range(20):
        write_picture(folder / "train/good" / f"{index:03d}.png", index)
    return fit_familiarity(load_pixels(read_dataset(folder, "mvtec").samples, Preprocessing()))


@pytest.fixture
def knowing(stored_model, familiarity):
    return record_familiarity(stored_model, familiarity)


@pytest.fixture
def own(tmp_path):
    return write_picture(tmp_path / "own.png", 50)


@pytest.fixture
def dark(tmp_path):
    path = write_picture(tmp_path / "dark.png", 51)
    Image.open(path).point(lambda value: value // 3).save(path)
    return path


def likeness(cause):
    return Likeness(p_value=0.01, is_stranger=cause is not None, cause=cause, distance=2.0)


def test_results_have_columns_for_strangers(knowing, own, dark, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    rows = inspect_files(knowing.path, [own, dark, broken], tmp_path / "out")
    with (tmp_path / "out" / "results.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [row["stranger"] for row in table] == ["False", "True", ""]
    assert [row["state"] for row in table][1:] == ["stranger", ""]
    assert table[0]["state"] == judge(float(table[0]["score"]), load_calibration(knowing)).state
    assert table[2]["p_value"] == ""
    assert float(table[1]["p_value"]) == pytest.approx(1 / 21)
    written = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    assert [row["stranger"] for row in written] == [False, True, None]
    assert rows[0].note is None
    assert rows[1].note == "Not like the training pictures (light): its verdict is no verdict."


def test_explained_or_not_a_file_has_the_same_row(knowing, own, dark, tmp_path):
    alone = inspect_files(knowing.path, [own, dark], tmp_path / "one")
    explained = inspect_files(knowing.path, [own, dark], tmp_path / "two", explainers=[Residual()])
    for row, other in zip(alone, explained, strict=True):
        assert (row.stranger, row.p_value, row.note) == (other.stranger, other.p_value, other.note)


def test_a_model_that_cannot_tell_leaves_the_columns_empty(stored_model, own, tmp_path):
    (row,) = inspect_files(stored_model.path, [own], tmp_path / "out")
    assert (row.stranger, row.p_value, row.note) == (None, None, None)


def test_a_clip_tells_of_its_frames(knowing, tmp_path):
    frames = [np.asarray(Image.open(write_picture(tmp_path / f"{n}.png", n))) for n in range(12)]
    path = write_video(tmp_path / "walk.mkv", [*frames[:9], *(frame // 3 for frame in frames[9:])])
    (row,) = inspect_files(knowing.path, [path], tmp_path / "out")
    with (tmp_path / "out" / "walk.frames.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [frame["stranger"] for frame in table] == ["False"] * 9 + ["True"] * 3
    assert "Of 12 frames 3 are not like the training pictures (mostly light)" in row.note
    highest = max(table, key=lambda frame: float(frame["score"]))
    assert (str(row.stranger), row.p_value) == (highest["stranger"], float(highest["p_value"]))


def test_a_case_has_its_likeness(knowing, dark):
    case = open_case(open_model(knowing), make_image_file("dark.png", dark.read_bytes()))
    assert case.likeness.cause is Cause.LIGHT
    assert not case.judgement.may_be_explained


def test_an_explanation_of_a_stranger_says_so_and_repeats(knowing, dark, own, tmp_path):
    question = ask(knowing.path, dark, Residual())
    line = question.write(question.answer(), tmp_path / "out")
    record = json.loads((tmp_path / "out" / "explanation.json").read_text())
    assert "Not like the training pictures (light): its verdict is no verdict." in line
    assert (record["stranger"], record["stranger_cause"]) == (True, "light")
    assert record["p_value"] == pytest.approx(1 / 21)
    before = (tmp_path / "out" / "explanation.json").read_bytes()
    reopen(tmp_path / "out" / "explanation.json").write(tmp_path / "again")
    assert (tmp_path / "again" / "explanation.json").read_bytes() == before
    assert ask(knowing.path, own, Residual()).likeness.cause is None


@pytest.mark.parametrize("fit", list(Fit))
def test_only_a_squeezed_picture_is_of_another_shape(knowing, own, fit):
    card = replace(knowing.card, photograph=Proportions(width=1, height=1))
    size = squeezed_size((30, 60), seen_part((30, 60), card, fit), card)
    familiarity = replace(load_familiarity(knowing), shape=(1, 1))
    found = familiarity.judge(read_image(own, card), size)
    assert (found.cause is Cause.SHAPE) == (fit is Fit.STRETCH)
    assert squeezed_size((128, 128), Cut(top=0, left=0, height=128, width=128), card) is None


def test_frames_are_told_as_far_as_they_came(familiarity):
    """Frames are judged in the batches that had come when someone asked: floats of one batch are the same to the bit."""
    noise = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (5, 3, 128, 128), dtype=torch.uint8, generator=noise)
    came, later = (familiarity.judge_many(to_float(part)) for part in (pixels[:3], pixels[3:]))
    passed = FrameLikenesses(familiarity)
    passing = passed.over(Frame(number=n, position=n, pixels=each) for n, each in enumerate(pixels))
    assert [next(passing).number for _ in range(3)] == [0, 1, 2]
    assert passed.first(2) == came[:2]
    assert [frame.number for frame in passing] == [3, 4]
    assert passed.first(5) == (*came, *later)
    assert len({one.distance for one in passed.first(5)}) == 5
    nothing = FrameLikenesses(None)
    assert len(list(nothing.over([Frame(number=0, position=0, pixels=pixels[0])]))) == 1
    assert nothing.first(1) == ()


def test_what_is_said_of_strangers():
    assert stranger_note(None) is None
    assert stranger_note(likeness(None)) is None
    assert strangers_note([likeness(None)] * 3) is None
    one = strangers_note([likeness(Cause.LIGHT), likeness(None)])
    assert one.startswith("Of 2 frames 1 is not like the training pictures (mostly light)")
    most = [likeness(Cause.OBJECT), likeness(Cause.LIGHT), likeness(Cause.LIGHT)]
    assert strangers_note(most).startswith(
        "None of the 3 frames looks like the training pictures (mostly light)"
    )
    two = strangers_note([*most[1:], likeness(None)])
    assert two.startswith("Of 3 frames 2 are not like the training pictures (mostly light)")


def test_calibrating_teaches_a_model_of_an_older_version_to_tell_strangers(stored_model, mvtec_folder):
    recalibrate(stored_model.path, mvtec_folder, "mvtec")
    first = load_familiarity(find_model(stored_model.path))
    assert (
        len(first.distances) == 12
    )  # 10 training and 2 validation images: none that the threshold is tested on
    recalibrate(stored_model.path, mvtec_folder, "mvtec")
    assert torch.equal(load_familiarity(find_model(stored_model.path)).distances, first.distances)
