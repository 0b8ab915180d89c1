"""`compare` explains one picture by several models and methods; what is wrong with its input is one line."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_picture

METHODS = (
    "--method",
    "residual",
    "--method",
    "lime",
    "--option",
    "lime.budget=32",
    "--option",
    "lime.n_segments=8",
)


@pytest.fixture
def picture(tmp_path):
    return write_picture(tmp_path / "part.png", 1, size=128, bright=True)


@pytest.fixture
def compare(run, tmp_path, picture, stored_model):
    """Compare with the stored model and two methods unless told otherwise; the folder is `out`."""

    def call(*more, image=picture, model=stored_model.path, methods=METHODS):
        output = ("--output", tmp_path / "out")
        return run("compare", "--image", image, "--model", model, *methods, *output, *more)

    return call


@pytest.fixture
def clip_model(stored_model, tmp_path):
    folder = tmp_path / "models/clips"
    folder.mkdir()
    record = json.loads((stored_model.path / "card.json").read_text())
    record["preprocessing"]["frames"] = 10
    (folder / "card.json").write_text(json.dumps(record | {"id": "clips"}))
    return folder


def figures(folder):
    """The rows of a written table."""
    return csv.DictReader((folder / "comparison.csv").read_text().splitlines())


def only_line(error):
    assert error.strip().count("\n") == 0
    return error


def test_everything_is_written_and_a_line_says_what_came_of_each_model(compare, tmp_path):
    code, out, _ = compare()
    assert code == 0
    assert "widget-bcae1: " in out
    assert "x the limit, 2 of 2 explanations." in out
    for name in ("comparison.png", "comparison.html", "comparison.csv", "comparison.json"):
        assert (tmp_path / "out" / name).stat().st_size
    rows = list(figures(tmp_path / "out"))
    assert [row["method"] for row in rows] == ["residual", "lime"]
    assert 8 < int(rows[1]["evaluations"]) <= 32
    request = json.loads((tmp_path / "out/comparison.json").read_text())["rows"][0]["cells"][1]["request"]
    assert request["explainer"]["options"]["budget"] == 32


def test_the_same_model_twice_is_one_row(compare, tmp_path, stored_model):
    code, out, _ = compare("--model", stored_model.path)
    assert (code, out.count("widget-bcae1:")) == (0, 1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model": "nope"}, "There is no model 'nope'. Choose one of"),
        ({"methods": ("--method", "nope")}, "There is no explainer 'nope'. Choose one of: consensus,"),
        ({"image": "nowhere.png"}, "'nowhere.png' cannot be read"),
    ],
)
def test_what_does_not_exist_is_one_line(compare, tmp_path, changed, said):
    code, _, error = compare(**changed)
    assert code == 1
    assert said in only_line(error)
    assert not (tmp_path / "out/comparison.png").exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (
            "budget=32",
            "An option is written method.name=value, of a method that is asked for: residual, lime.",
        ),
        ("lrp.epsilon=1", "Got 'lrp.epsilon=1'."),
        ("lime.wrong=1", "'wrong'"),
        ("lime.budget=many", "got 'many'"),
    ],
)
def test_an_option_of_nothing_is_one_line(compare, option, said):
    code, _, error = compare("--option", option)
    assert code == 1
    assert said in only_line(error)


def test_a_model_of_clips_is_told_and_the_others_go_on(compare, clip_model, tmp_path):
    code, out, _ = compare("--model", clip_model)
    assert code == 0
    assert "clips: The model 'clips' scores clips of 10 frames and no single pictures." in out
    states = [row["state"] for row in figures(tmp_path / "out")]
    assert states == ["done", "done", "refused", "refused"]


def test_where_no_model_can_it_fails_and_writes_nothing(compare, clip_model, tmp_path):
    code, out, error = compare(model=clip_model)
    assert (code, out) == (1, "")
    assert "No model can judge part.png. The model 'clips' scores clips" in only_line(error)
    assert not (tmp_path / "out/comparison.png").exists()


def test_what_is_no_picture_is_one_line(compare, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    code, _, error = compare(image=tmp_path / "text.png")
    assert code == 1
    assert "text.png" in only_line(error)


def test_a_mask_is_compared_with(compare, tmp_path):
    mask = np.zeros((128, 128), np.uint8)
    mask[32:64, 32:64] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    assert compare("--mask", tmp_path / "mask.png")[0] == 0
    for row in figures(tmp_path / "out"):
        assert 0 < float(row["mask_iou"]) <= 1


def test_a_mask_of_another_shape_is_one_line_with_both_sizes(compare, tmp_path):
    Image.fromarray(np.eye(100, 60, dtype=np.uint8) * 255).save(tmp_path / "mask.png")
    code, _, error = compare("--mask", tmp_path / "mask.png")
    assert code == 1
    assert "60x100" in only_line(error)
    assert "128x128" in error


def test_a_constant_picture_is_compared_as_any_other(compare, tmp_path):
    Image.new("RGB", (128, 128), (90, 90, 90)).save(tmp_path / "grey.png")
    code, out, _ = compare("--method", "lrp", "--method", "counterfactual", image=tmp_path / "grey.png")
    assert code == 0
    assert "4 of 4 explanations." in out


def test_a_stored_score_that_no_model_has_is_one_line(compare):
    code, _, error = compare("--score", "ssim")
    assert code == 1
    assert "There is no calibration 'ssim'" in only_line(error)
