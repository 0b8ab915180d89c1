"""`--levels`, and what stands in for it: a set's own values, or the model's memory of its training pictures."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_picture
from tests.data.decoding.writing import png16, tiff
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol, read_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.data.reading import read_image
from xai_ad.machine.execution import Precision
from xai_ad.store import find_model, load
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Recipe


def deepened(folder, bits=12, write=png16):
    """Every picture of a folder as grey of so many bits in a file of 16, and as grey of 8 bits beside it."""
    twin = folder.with_name("twin") / folder.name
    for path in sorted(folder.rglob("*.png")):
        grey = np.asarray(Image.open(path).convert("L"))
        other = twin / path.relative_to(folder)
        other.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey).save(other)
        if "ground_truth" not in path.parts:
            values = np.round(grey.astype(np.float64) * (2**bits - 1) / 255).astype(np.uint16)
            path.write_bytes(write(values))
    return twin


@pytest.mark.parametrize(("bits", "write"), [(8, png16), (10, png16), (12, tiff), (16, tiff)])
def test_a_sets_values_say_which_is_white(mvtec_folder, bits, write):
    twin = deepened(mvtec_folder, bits, write)
    deep, plain = (read_dataset(folder, "mvtec") for folder in (mvtec_folder, twin))
    look = Preprocessing(size=16, channels=1)
    assert (load_pixels(deep.samples, look) == load_pixels(plain.samples, look)).all()
    assert deep.levels == 2**bits - 1
    assert plain.levels is None
    assert plain.notes == ()
    assert [str(2**bits - 1) in note for note in deep.notes] == ([] if bits == 16 else [True])


def test_levels_that_are_given_overrule_a_sets_values(mvtec_folder):
    twin = deepened(mvtec_folder, 10)
    found = read_dataset(mvtec_folder, "mvtec", levels=4095)
    assert found.notes == ()
    assert {sample.levels for sample in found.samples} == {4095}
    look = Preprocessing(size=16, channels=1)
    plain = load_pixels(read_dataset(twin, "mvtec").samples, look).float()
    assert (load_pixels(found.samples, look).float() - plain * 1023 / 4095).abs().max() < 1.5


def test_a_model_remembers_which_value_was_white(mvtec_folder, tmp_path, run):
    twin = deepened(mvtec_folder, 12)
    recipe = Recipe(epochs=1, batch_size=8, precision=Precision.FLOAT32)
    task = TrainingTask(
        network="bcae1",
        options={},
        data=mvtec_folder,
        layout="mvtec",
        protocol=Protocol.HELD_OUT,
        recipe=recipe,
    )
    stored = train_model(task, tmp_path / "widget-bcae1")
    card = load(stored.path)[1]
    assert card.preprocessing.levels == 4095
    one = "test/hole/000.png"
    assert (read_image(mvtec_folder / one, card) == read_image(twin / one, card)).all()
    # A dark picture alone: nothing but the model knows.
    dark = png16(np.full((32, 32), 900, np.uint16))
    assert read_image(dark, card).unique().tolist() == pytest.approx([round(900 / 4095 * 255) / 255])
    code, _, error = run(
        "evaluate",
        "--model",
        stored.path,
        "--data",
        mvtec_folder,
        "--layout",
        "mvtec",
        "--json",
        tmp_path / "a",
    )
    assert code == 0
    assert "4095, as for the model's training" in error


def test_a_card_of_pictures_of_8_bits_is_written_as_before(stored_model):
    written = json.loads((stored_model.path / "card.json").read_text())
    assert "levels" not in written["preprocessing"]
    assert find_model(stored_model.path).card.preprocessing.levels is None


def rows_of(output):
    with (output / "results.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_folder_is_inspected_at_one_depth(stored_model, tmp_path, run):
    folder = tmp_path / "parts"
    for seed in range(3):
        write_picture(folder / f"{seed}.png", seed, bright=seed == 1)
    twin = deepened(folder, 12)
    code, _, error = run("inspect", "--model", stored_model.path, "--output", tmp_path / "deep", folder)
    assert code == 0
    assert "3 pictures have more than 8 bits a pixel" in error
    assert "white is taken to be 4095" in error
    run("inspect", "--model", stored_model.path, "--output", tmp_path / "plain", twin)
    scores = [[row["score"] for row in rows_of(tmp_path / name)] for name in ("deep", "plain")]
    assert scores[0] == scores[1]
    code, _, error = run(
        "inspect", "--model", stored_model.path, "--levels", "4096", "--output", tmp_path / "said", folder
    )
    assert [row["score"] for row in rows_of(tmp_path / "said")] == scores[1]
    assert "white" not in error


def test_a_single_picture_that_may_be_any_of_several_asks_and_is_repeated(stored_model, tmp_path, run):
    path = write_picture(tmp_path / "parts/part.png", 1)
    deepened(tmp_path / "parts", 12)
    wanted = [
        "--model",
        stored_model.path,
        "--image",
        path,
        "--method",
        "residual",
        "--output",
        tmp_path / "out",
    ]
    code, _, told = run("inspect", "--model", stored_model.path, "--output", tmp_path / "one", path)
    assert code == 0
    assert "part.png has more than 8 bits a pixel" in told
    assert "--levels 4096" in told
    (row,) = rows_of(tmp_path / "one")
    assert row["score"] == ""
    assert "--levels 4096" in row["error"]
    code, _, error = run("explain", *wanted)
    assert (code, error.strip().count("\n")) == (1, 0)
    assert "part.png has more than 8 bits a pixel" in error
    assert "--levels" in error
    assert run("explain", *wanted, "--levels", "4095")[0] == 0
    record = json.loads((tmp_path / "out/explanation.json").read_text())
    assert record["request"]["source"]["levels"] == 4095
    code, _, error = run(
        "explain", "--request", tmp_path / "out/explanation.json", "--output", tmp_path / "again"
    )
    assert code == 0, error
    assert (tmp_path / "again/explanation.json").read_bytes() == (
        tmp_path / "out/explanation.json"
    ).read_bytes()


def test_other_levels_are_one_line(stored_model, tmp_path, run):
    path = write_picture(tmp_path / "part.png", 1)
    for command in (
        ["explain", "--image", path, "--method", "residual", "--output", tmp_path / "out"],
        ["inspect", path, "--output", tmp_path / "out"],
        ["evaluate", "--data", tmp_path, "--layout", "folder", "--json", tmp_path / "a.json"],
        ["calibrate", "--data", tmp_path, "--layout", "folder"],
        ["compress", "--data", tmp_path, "--layout", "folder", "--output", tmp_path / "out"],
        ["finetune", "--data", tmp_path, "--layout", "folder", "--output", tmp_path / "out"],
        ["familiarise", "--data", tmp_path, "--layout", "folder"],
    ):
        code, _, error = run(*command, "--model", stored_model.path, "--levels", "4000")
        assert (code, error.strip().count("\n")) == (1, 0), command
        assert "256, 1024, 4096, 16384, 65536" in error
        assert "'4000'" in error


def test_a_request_of_before_levels_were_recorded_is_read_as_it_was(stored_model, tmp_path, run):
    path = tmp_path / "part.png"
    path.write_bytes(png16(np.random.default_rng(0).integers(0, 65_535, (32, 32)).astype(np.uint16)))
    assert run(
        "explain", "--model", stored_model.path, "--image", path, "--method", "residual", "--output", tmp_path / "out"
    )[0] == 0  # fmt: skip
    file = tmp_path / "out/explanation.json"
    record = json.loads(file.read_text())
    assert record["request"]["source"].pop("levels") == 65_535
    file.write_text(json.dumps(record))
    code, _, error = run("explain", "--request", file, "--output", tmp_path / "again")
    assert code == 0, error


def test_frames_of_more_than_8_bits_are_judged_at_the_clips_depth(stored_model, tmp_path, run):
    path = stored_model.path / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"layout": "ucsd"}))
    folder = tmp_path / "clip"
    for number in range(3):
        write_picture(folder / f"{number:03d}.png", number)
    twin = deepened(folder, 12)
    for name, clip in (("deep", folder), ("plain", twin)):
        assert run("inspect", "--model", stored_model.path, "--output", tmp_path / name, clip)[0] == 0
    assert rows_of(tmp_path / "deep")[0]["frame"]
    assert rows_of(tmp_path / "deep")[0]["score"] == rows_of(tmp_path / "plain")[0]["score"]
    assert "white is taken to be 4095" in rows_of(tmp_path / "deep")[0]["note"]


def test_pages_are_noted_in_the_row_and_by_explain(stored_model, tmp_path, run):
    path = tmp_path / "pages.tif"
    values = np.random.default_rng(0).integers(0, 255, (32, 32)).astype(np.uint8)
    path.write_bytes(tiff(values, 255 - values, values))
    run("inspect", "--model", stored_model.path, "--output", tmp_path / "out", path)
    assert "It has 3 pages; the first is judged." in rows_of(tmp_path / "out")[0]["note"]
    code, _, error = run(
        "explain",
        "--model",
        stored_model.path,
        "--image",
        path,
        "--method",
        "residual",
        "--output",
        tmp_path / "x",
    )
    assert code == 0
    assert "It has 3 pages; the first is judged." in error


def test_a_dataset_is_graded_once_its_pictures_are_known(mvtec_folder):
    plain = read_dataset(mvtec_folder, "mvtec")
    assert all(sample.levels is None for sample in plain.samples)
    assert replace(plain, notes=()) == plain
