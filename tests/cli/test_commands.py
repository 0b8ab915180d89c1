import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_picture
from tests.data.videos.writing import write_frames
from xai_ad.cli import app, judging
from xai_ad.data.layouts import LAYOUTS
from xai_ad.errors import Cancelled, InvalidInputError

EXPLANATION_KEYS = {
    "method", "model", "image_sha256", "score", "threshold", "is_anomalous", "baseline", "residual", "evaluations",
    "seconds", "diagnostics", "search", "rectangles", "direction", "score_before", "score_after", "flipped",
    "area_fraction", "segments", "request", "made_with", "regions", "moments", "stranger", "p_value", "stranger_cause",
}  # fmt: skip


def test_networks_lists_parameters_and_writes_json(run, tmp_path):
    code, out, _ = run("networks", "--json", tmp_path / "n.json")
    assert code == 0
    assert "652,841" in out
    rows = json.loads((tmp_path / "n.json").read_text())
    assert rows[0] == {"id": "bcae1", "section": "4.4.2", "options": {}, "parameters": 652_841}
    recurrent = {"recurrent_layers": 1, "decoder": "recurrent"}
    (gru,) = (row for row in rows if row["id"] == "cgru" and row["options"] == recurrent)
    assert gru == {
        "id": "cgru",
        "section": "3.7.3",
        "options": recurrent,
        "parameters": 1_259_625,
        "thesis_parameters": 1_342_569,
    }
    assert "1,259,625" in out
    assert "(the thesis counts 1,342,569)" in out


def test_a_network_of_clips_is_not_trained_on_images_and_none_is_read(run, tmp_path):
    data = ["--data", tmp_path / "nowhere", "--layout", "mvtec", "--output", tmp_path / "x"]
    code, _, error = run("train", "--network", "cgru", *data, "--option", "decoder=recurrent")
    assert (code, error.strip().count("\n")) == (1, 0)
    assert "'cgru' takes clips, and here are images. Choose one of: bcae1," in error
    assert not (tmp_path / "x").exists()


def test_a_table_that_counts_needs_no_data(run, tmp_path):
    code, out, _ = run("experiment", "table-4.12", "--output", tmp_path)
    assert code == 0
    assert "54 of 54 counts equal the thesis's." in out


def test_models_lists_the_users_own(run, own_home, stored_model, tmp_path):
    (own_home / "models").mkdir()
    stored_model.path.rename(own_home / "models" / "widget-bcae1")
    code, out, _ = run("models", "--json", tmp_path / "m.json")
    assert code == 0
    assert "widget-bcae1" in out
    assert "widget-bcae1" in [row["id"] for row in json.loads((tmp_path / "m.json").read_text())]


def test_a_model_is_trained_calibrated_evaluated_and_used(run, mvtec_folder, tmp_path):
    model = tmp_path / "widget-bcae1"
    data = ["--data", mvtec_folder, "--layout", "mvtec"]
    training = ["--epochs", 1, "--batch-size", 8, "--precision", "float32", "--recipe", "patience=3"]
    code, out, err = run("train", "--network", "bcae1", *data, "--output", model, *training)
    assert code == 0, err
    assert "epoch    1" in out
    code, out, _ = run(
        "calibrate", "--model", model, *data, "--protocol", "normal-quantile", "--quantile", 0.5
    )
    assert code == 0
    assert "squared_error-normal-quantile" in out
    code, _, _ = run("evaluate", "--model", model, *data, "--json", tmp_path / "r.json", "--record")
    assert code == 0
    figures = json.loads((tmp_path / "r.json").read_text())
    assert figures["model"] == "widget-bcae1"
    assert json.loads((model / "card.json").read_text())["metrics"]["held-out"] == figures
    assert json.loads((model / "card.json").read_text())["training"]["recipe"]["patience"] == 3


def test_a_model_is_fine_tuned_showing_each_epoch(run, mvtec_folder, tmp_path):
    data, child = ["--data", mvtec_folder, "--layout", "mvtec"], tmp_path / "widget-svdd"
    training = ["--output", tmp_path / "widget-bcae1", "--epochs", 1, "--precision", "float32"]
    assert run("train", "--network", "bcae1", *data, *training)[0] == 0
    command = ["finetune", "--model", tmp_path / "widget-bcae1", *data, "--output"]
    number = r"\d[\d.e+-]*"
    code, out, err = run(*command, child, "--recipe", "epochs=2")
    assert code == 0, err
    for line, epoch in zip(out.splitlines(), (1, 2), strict=False):
        assert re.fullmatch(rf"epoch +{epoch}  loss {number} +{number} s", line), line
    card = json.loads((child / "card.json").read_text())
    assert (card["parent"], card["training"]["recipe"]["finetuning"]) == ("widget-bcae1", "svdd")
    code, out, err = run(*command, tmp_path / "soft", "--recipe", "boundary=soft", "--recipe", "epochs=1")
    assert code == 0, err
    assert re.fullmatch(rf"epoch +1  loss {number}  radius {number} +{number} s", out.splitlines()[0])
    code, _, err = run("finetune", "--model", child, *data, "--output", tmp_path / "again")
    assert (code, err.count("\n")) == (1, 0)
    assert "fine-tuned already" in err


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("residual", []),
        ("lrp", []),
        ("lime", ["--option", "budget=20"]),
        ("kernel_shap", ["--option", "budget=64"]),
        ("counterfactual", ["--option", "grid=2"]),
    ],
)
def test_explain_writes_the_three_files(run, stored_model, tmp_path, method, options):
    picture = write_picture(tmp_path / "part.png", 1, size=64, bright=True)
    target = tmp_path / "out"
    arguments = ["--model", stored_model.path, "--image", picture, "--method", method, "--output", target]
    code, out, err = run("explain", *arguments, *options)
    assert code == 0, err
    assert "part.png" in out
    record = json.loads((target / "explanation.json").read_text())
    assert set(record) == EXPLANATION_KEYS
    assert record["method"] == method
    relevance = np.load(target / "relevance.npy")
    assert (relevance.shape, relevance.dtype) == ((128, 128), np.float32)
    if method != "counterfactual":
        total = record["score"] - record["baseline"] - record["residual"]
        assert float(relevance.sum(dtype=np.float64)) == pytest.approx(total, abs=1e-6)
    with Image.open(target / "overlay.png") as overlay:
        assert min(overlay.size) >= 128
    assert (target / "segments.npy").is_file() == (record["segments"] is not None)
    if record["segments"]:
        labels = np.load(target / "segments.npy")
        means = [float(relevance[labels == label].sum()) for label in range(len(record["segments"]))]
        assert means == pytest.approx([segment["value"] for segment in record["segments"]], abs=1e-6)


def test_an_explanation_is_repeated_from_its_request(run, stored_model, tmp_path):
    picture = write_picture(tmp_path / "part.png", 1, bright=True)
    arguments = [
        "--model",
        stored_model.path,
        "--image",
        picture,
        "--method",
        "lime",
        "--option",
        "budget=20",
    ]
    assert run("explain", *arguments, "--output", tmp_path / "first")[0] == 0
    file = tmp_path / "first" / "explanation.json"
    code, out, err = run("explain", "--request", file, "--output", tmp_path / "again")
    assert code == 0, err
    assert f"The same as {file}." in out
    for path in (tmp_path / "first").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    moved = picture.rename(tmp_path / "moved.png")
    assert run("explain", "--request", file, "--image", moved, "--output", tmp_path / "again")[0] == 0
    write_picture(moved, 2)
    code, out, err = run("explain", "--request", file, "--image", moved, "--output", tmp_path / "other")
    assert (code, out, err.count("\n")) == (1, "", 0)
    assert "moved.png changed since" in err
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    "flag", [["--model", "x"], ["--method", "lrp"], ["--option", "a=1"], ["--frame", "0"], ["--fit", "pad"]]
)
def test_a_request_names_all_of_it_already(run, tmp_path, flag):
    code, _, err = run("explain", "--request", tmp_path / "r.json", "--output", tmp_path / "out", *flag)
    assert (code, err.count("\n")) == (1, 0)
    assert f"Leave out {flag[0]}" in err


def test_a_frame_of_a_clip_is_explained(run, stored_model, tmp_path):
    clip = write_frames(tmp_path / "walk", range(1, 9))
    arguments = ["--model", stored_model.path, "--image", clip, "--method", "residual"]
    code, out, err = run("explain", *arguments, "--frame", 5, "--output", tmp_path / "out")
    assert code == 0, err
    assert "walk, frame 5: " in out
    record = json.loads((tmp_path / "out" / "explanation.json").read_text())
    alone = ["--model", stored_model.path, "--image", clip / "005.png", "--method", "residual"]
    assert run("explain", *alone, "--output", tmp_path / "alone")[0] == 0
    assert record["score"] == json.loads((tmp_path / "alone" / "explanation.json").read_text())["score"]
    relevance = [np.load(tmp_path / folder / "relevance.npy") for folder in ("out", "alone")]
    assert np.array_equal(*relevance)
    code, _, err = run("explain", *arguments, "--output", tmp_path / "out")
    assert code == 1
    assert "Say which of its frames to explain: --frame N." in err


def test_a_normal_photograph_fills_absent_parts(run, stored_model, tmp_path):
    picture = write_picture(tmp_path / "part.png", 1, bright=True)
    normal = write_picture(tmp_path / "normal.png", 2)
    arguments = [
        "--model",
        stored_model.path,
        "--image",
        picture,
        "--normal",
        normal,
        "--output",
        tmp_path / "out",
    ]
    code, _, err = run(
        "explain", *arguments, "--method", "lime", "--option", "fill=normal", "--option", "budget=20"
    )
    assert code == 0, err


def test_inspect_writes_a_row_for_every_file_and_exits_0(run, stored_model, tmp_path):
    folder = tmp_path / "parts"
    write_picture(folder / "a.png", 1)
    write_picture(folder / "deeper" / "b.jpg", 2)
    (folder / "c.png").write_text("not a picture")
    (folder / ".hidden").write_text("not wanted")
    absent = tmp_path / "absent.png"
    code, out, err = run(
        "inspect", "--model", stored_model.path, folder, absent, "--output", tmp_path / "out"
    )
    assert code == 0, err
    assert "4 files" in out
    with (tmp_path / "out" / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "path",
        "score",
        "normalised_score",
        "threshold",
        "is_anomalous",
        "error",
        "frame",
        "shape",
        "fit",
        "note",
        "stranger",
        "p_value",
        "state",
        "score_p_value",
    ]
    by_name = {row["path"].rsplit("/", 1)[-1]: row for row in rows}
    assert set(by_name) == {"a.png", "b.jpg", "c.png", "absent.png"}
    assert "is not a PNG" in by_name["c.png"]["error"]
    assert by_name["c.png"]["score"] == ""
    assert "cannot be read" in by_name["absent.png"]["error"]
    assert float(by_name["a.png"]["normalised_score"]) == pytest.approx(
        float(by_name["a.png"]["score"]) / 0.2
    )
    assert len(json.loads((tmp_path / "out" / "results.json").read_text())["results"]) == 4


def test_what_an_explanation_warns_of_is_printed(run, stored_model, tmp_path):
    picture = write_picture(tmp_path / "part.png", 1)
    options = ["--option", "window=128", "--option", "stride=128", "--option", "fill=black"]
    arguments = ["--model", stored_model.path, "--image", picture, "--output", tmp_path / "out"]
    code, out, err = run("explain", *arguments, "--method", "occlusion", *options)
    assert code == 0, err
    assert "x the limit. This fill (black) scores" in out
    assert out.count("\n") == 1


def test_inspect_explains_each_readable_file(run, stored_model, tmp_path):
    write_picture(tmp_path / "parts" / "a.png", 1)
    (tmp_path / "parts" / "b.png").write_text("broken")
    arguments = ["--model", stored_model.path, tmp_path / "parts", "--output", tmp_path / "out"]
    code, _, err = run("inspect", *arguments, "--method", "residual", "--method", "lrp")
    assert code == 0, err
    found = sorted(path.parent.name for path in (tmp_path / "out").rglob("explanation.json"))
    assert found == ["lrp", "residual"]


def test_generate_writes_a_set(run, tmp_path):
    code, _, err = run("generate", "washer", "--output", tmp_path / "w", "--count", 2)
    assert code == 0, err
    assert len(list((tmp_path / "w" / "train" / "good").iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--model", "none", "--data", ".", "--layout", "mvtec", "--json", "r.json"], "no model 'none'"),
        (["train", "--network", "none", "--data", ".", "--layout", "mvtec", "--output", "o"], "no network 'none'"),
        (["train", "--network", "bcae1", "--data", "absent", "--layout", "mvtec", "--output", "o"], "no folder"),
        (["train", "--network", "bcae1", "--data", ".", "--layout", "coco", "--output", "o"], "no layout 'coco'"),
        (["train", "--network", "bcae1", "--data", ".", "--layout", "mvtec", "--output", "o", "--option", "x"], "name=value"),
        (["train", "--network", "bcae1", "--data", ".", "--layout", "mvtec", "--output", "o", "--recipe", "patience=a"], "'patience'"),
        (["train", "--network", "bcae1", "--data", ".", "--layout", "mvtec", "--output", "o", "--epochs", "0"], "'epochs'"),
        (["train", "--network", "bcae1", "--data", ".", "--layout", "mvtec", "--output", "o", "--precision", "half"], "no precision 'half'"),
        (["finetune", "--model", "none", "--data", ".", "--layout", "mvtec", "--output", "o"], "no model 'none'"),
        (["finetune", "--model", "x", "--data", ".", "--layout", "mvtec", "--output", "o", "--recipe", "q=1"], "'q'.*boundary"),
        (["finetune", "--model", "x", "--data", ".", "--layout", "mvtec", "--output", "o", "--recipe", "nu=2"], "'nu'"),
        (["finetune", "--model", "x", "--data", ".", "--layout", "mvtec", "--output", "o", "--recipe", "boundary=hard"], "'boundary'"),
        (["explain", "--model", "x", "--image", "i", "--method", "magic", "--output", "o"], "'magic'.*lrp"),
        (["explain", "--model", "x", "--image", "i", "--method", "lime", "--output", "o", "--option", "q=1"], "'q'"),
        (["inspect", "--model", "x", "--method", "magic", "--output", "o", "."], "'magic'"),
        (["generate", "nothing", "--output", "o"], "'nothing'.*washer"),
    ],
)  # fmt: skip
def test_what_is_refused_is_one_line_and_exit_1(run, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*arguments)
    assert code == 1
    assert "\n" not in err.strip()
    assert re.search(message, err), err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["train", "--bogus"], ["explain"], ["nonsense"]])
def test_wrong_usage_is_exit_2(run, arguments):
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command_has_help(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "Usage" in out


def test_the_help_of_layout_names_every_layout(run):
    words = set(re.findall(r"\w+", run("train", "--help")[1]))
    assert words >= set(LAYOUTS)


def test_help_does_not_pay_for_torch():
    script = "import sys, xai_ad.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_error_is_one_line_on_stderr_of_a_real_process(tmp_path):
    command = [sys.executable, "-m", "xai_ad", "explain", "--model", "none", "--image", "x.png"]
    command += ["--method", "lrp", "--output", str(tmp_path)]
    found = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ})
    assert found.returncode == 1
    assert found.stdout == ""
    assert len(found.stderr.splitlines()) == 1
    assert found.stderr.startswith("xai_ad: There is no model 'none'.")


def test_inspect_keeps_what_was_judged_when_it_is_stopped(run, stored_model, tmp_path, monkeypatch):
    for index in range(3):
        write_picture(tmp_path / "parts" / f"{index}.png", index)

    def stop_at_the_last(fraction):
        if fraction == 1:
            raise Cancelled("Stopped.")

    monkeypatch.setattr(judging, "terminal_progress", lambda what: stop_at_the_last)
    code, _, err = run(
        "inspect", "--model", stored_model.path, tmp_path / "parts", "--output", tmp_path / "out"
    )
    assert (code, err) == (1, "xai_ad: Stopped.")
    assert len(json.loads((tmp_path / "out" / "results.json").read_text())["results"]) == 3


def test_an_explainer_that_refuses_a_picture_leaves_its_verdict(run, stored_model, tmp_path, monkeypatch):
    def refuse(*arguments):
        raise InvalidInputError("not this one")

    monkeypatch.setattr("xai_ad.explain.residual.Residual._explain", refuse)
    write_picture(tmp_path / "part.png", 1)
    arguments = ["--model", stored_model.path, tmp_path / "part.png", "--output", tmp_path / "out"]
    code, _, err = run("inspect", *arguments, "--method", "residual")
    assert code == 0, err
    [row] = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    assert row["error"] == "not this one"
    assert row["score"] is not None


def test_a_name_that_is_not_text_gets_its_row(run, stored_model, tmp_path):
    path = write_picture(tmp_path / "a.png", 1)
    odd = os.fsencode(tmp_path) + b"/odd\xff.png"
    os.rename(os.fsencode(path), odd)  # noqa: PTH104  # pathlib would decode it
    code, _, err = run("inspect", "--model", stored_model.path, tmp_path, "--output", tmp_path.parent / "out")
    assert code == 0, err
    assert "odd\\\\xff.png" in (tmp_path.parent / "out" / "results.json").read_text()


def test_a_quantile_that_few_pictures_do_not_allow_is_lowered_and_said_unless_it_was_asked_for(
    run, stored_model, mvtec_folder
):
    calibrate = ("calibrate", "--model", stored_model.path, "--data", mvtec_folder, "--layout", "mvtec")
    code, out, err = run(*calibrate, "--protocol", "normal-quantile")
    assert code == 0
    assert "normal-quantile" in out
    count = int(out.rstrip().rsplit(" ", 2)[1])
    assert f"Of {count} normal images at most {count / (count + 1):.3g} can be passed for sure" in err
    code, _, err = run(*calibrate, "--protocol", "normal-quantile", "--quantile", 0.99)
    assert code == 1
    assert f"{count} normal images allow quantiles up to" in err


def test_a_quantile_without_its_protocol_is_refused(run, stored_model, mvtec_folder):
    data = ["--data", mvtec_folder, "--layout", "mvtec"]
    code, _, err = run("calibrate", "--model", stored_model.path, *data, "--quantile", 0.5)
    assert code == 1
    assert "needs --protocol normal-quantile" in err


def test_models_lists_the_sound_ones_beside_a_broken_one(run, own_home, stored_model, tmp_path):
    (own_home / "models").mkdir()
    target = stored_model.path.rename(own_home / "models" / "widget-bcae1")
    (target / "calibrations.json").write_text("[]")
    code, out, err = run("models", "--json", tmp_path / "m.json")
    assert code == 0
    assert "washer-bcae1" in out
    assert "calibrations.json" in err
    assert "widget-bcae1" not in [row["id"] for row in json.loads((tmp_path / "m.json").read_text())]


def test_a_model_is_judged_by_another_score_and_stored_smaller(run, mvtec_folder, tmp_path):
    model, data = tmp_path / "widget-bcae1", ["--data", mvtec_folder, "--layout", "mvtec"]
    quick = ["--epochs", 1, "--batch-size", 8, "--precision", "float32", "--keep-every", 1]
    assert run("train", "--network", "bcae1", *data, "--output", model, *quick)[0] == 0
    assert (tmp_path / "widget-bcae1.epochs" / "widget-bcae1-0001" / "card.json").is_file()
    code, out, _ = run("calibrate", "--model", model, *data, "--score", "ssim")
    assert (code, out[:13]) == (0, "ssim-held-out")
    code, out, _ = run("compress", "--model", model, *data, "--output", tmp_path / "half")
    assert code == 0
    card = json.loads((tmp_path / "half" / "card.json").read_text())
    assert card["weights_dtype"] == "float16"
    assert card["calibration"].startswith("ssim-")


def test_an_experiment_runs_and_names_what_it_wrote(run, mvtec_folder, tmp_path):
    data = ["--data", mvtec_folder, "--layout", "mvtec"]
    quick = ["--runs", 1, "--epochs", 1, "--batch-size", 8, "--precision", "float32"]
    code, out, error = run("experiment", "table-4.9", *data, "--output", tmp_path / "out", *quick)
    assert code == 0
    assert "bcae1-seed0, epoch 1 of 1" in error
    assert "| baseline autoencoder (MSE + SVDD) |" in out
    assert (tmp_path / "out" / "table-4.9.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["table-4.6"], "needs a dataset"),
        (["table-4.6", "--data", "x"], "Every --data needs its --layout"),
        (["table-9", "--data", "x", "--layout", "mvtec"], "There is no experiment 'table-9'"),
        (["table-4.6", "--data", "x", "--layout", "mvtec", "--recipe", "seed=1"], "called 'seed'"),
        (["table-4.12", "--variant", "cgru"], "'table-4.12' has no variants to choose from"),
        (["table-4.13", "--data", "x", "--layout", "ucsd", "--variant", "gru"], "called 'gru'"),
        (["figure-4.16", "--data", "x", "--layout", "ucsd", "--variant", "gru"], "called 'gru'"),
    ],
)
def test_an_experiment_that_cannot_run_says_so_in_one_line(run, tmp_path, arguments, said):
    code, _, error = run("experiment", *arguments, "--output", tmp_path)
    assert code == 1
    assert said in error
    assert "\n" not in error.strip()


def test_inspect_says_in_a_line_what_of_photographs_of_another_shape_was_judged(run, square_model, tmp_path):
    sizes = {"one.png": (80, 60), "two.png": (40, 30), "tall.png": (30, 50), "square.png": (60, 60)}
    for name, size in sizes.items():
        Image.open(write_picture(tmp_path / "parts" / name, 1)).resize(size).save(tmp_path / "parts" / name)
    arguments = ["inspect", "--model", square_model.path, tmp_path / "parts", "--output", tmp_path / "out"]
    _, _, err = run(*arguments)
    assert err.splitlines() == [
        "2 pictures are 4:3 and the model's are 1:1: judged by their middle (--fit crop, the default).",
        "1 picture is 3:5 and the model's are 1:1: judged by its middle (--fit crop, the default).",
    ]
    results = json.loads((tmp_path / "out/results.json").read_text())["results"]
    rows = {Path(row["path"]).name: row for row in results}
    assert {name: (row["shape"], row["fit"]) for name, row in rows.items()} == {
        "one.png": ("4:3", "crop"),
        "two.png": ("4:3", "crop"),
        "tall.png": ("3:5", "crop"),
        "square.png": (None, None),
    }
    _, _, err = run(*arguments, "--fit", "pad")
    assert err.splitlines()[0].endswith("judged whole, with a margin (--fit pad).")
    code, _, err = run(*arguments, "--fit", "round")
    assert code == 1
    assert "crop, pad, stretch, or a rectangle as top,left,height,width in pixels. Got 'round'" in err


def test_explain_says_what_of_a_photograph_of_another_shape_was_explained(run, square_model, tmp_path):
    Image.open(write_picture(tmp_path / "one.png", 1)).resize((80, 60)).save(tmp_path / "one.png")
    arguments = [
        "explain",
        "--model",
        square_model.path,
        "--image",
        tmp_path / "one.png",
        "--method",
        "residual",
    ]
    _, _, err = run(*arguments, "--output", tmp_path / "out")
    assert err == "It is 4:3 and the model's pictures are 1:1: judged by its middle.\n"
    _, _, err = run(*arguments, "--output", tmp_path / "drawn", "--fit", "-4,0,64,64")
    assert err == "Judged by the rectangle of 64x64 pixels from row -4 and column 0.\n"
    record = json.loads((tmp_path / "drawn/explanation.json").read_text())
    assert record["request"]["placement"]["top"] == -4
    code, _, err = run(
        "explain",
        "--request",
        tmp_path / "drawn/explanation.json",
        "--output",
        tmp_path / "o",
        "--fit",
        "pad",
    )
    assert (code, "Leave out --fit" in err) == (1, True)


def test_an_evaluation_of_photographs_of_another_shape_says_that_they_are_squeezed(
    run, square_model, mvtec_folder, tmp_path
):
    arguments = ["evaluate", "--model", square_model.path, "--data", mvtec_folder, "--layout", "mvtec"]
    _, _, err = run(*arguments, "--json", tmp_path / "figures.json")
    assert err == ""
    for path in mvtec_folder.rglob("*.png"):
        with Image.open(path) as picture:
            picture.resize((40, 30)).save(path)
    _, _, err = run(*arguments, "--json", tmp_path / "figures.json")
    assert err.startswith(
        "The dataset's pictures are 4:3 and the model's are 1:1: they are judged whole, squeezed"
    )
    assert err.count("\n") == 1


def test_inspect_says_why_files_cannot_be_judged_of_many_the_first_five(run, stored_model, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(7):
        (folder / f"{number}.png").write_bytes(b"no picture")
    wanted = ("inspect", "--model", stored_model.path, "--output", tmp_path / "out")
    lines = run(*wanted, folder)[2].splitlines()
    assert [line for line in lines if "is not a PNG" in line] == lines[:5]
    assert lines[5:] == ["Why 2 more cannot be judged stands in results.csv."]
