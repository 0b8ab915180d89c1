"""Where commands write: one at a time, and one plain line where nothing can be written."""

import errno
import json
import os
from pathlib import Path

import pytest

from tests.conftest import write_picture
from tests.holding import held
from xai_ad.store import load_calibrations, recording


@pytest.fixture
def commands(stored_model, mvtec_folder, tmp_path):
    """Every command that writes, by its name, without where to; and whether its lock lies inside that folder."""
    picture = write_picture(tmp_path / "part.png", 1)
    data = ("--data", mvtec_folder, "--layout", "mvtec")
    model = ("--model", stored_model.path)
    return {
        "train": (("train", "--network", "bcae1", *data), False),
        "finetune": (("finetune", *model, *data), False),
        "compress": (("compress", *model, *data), False),
        "generate": (("generate", "washer", "--count", "1"), True),
        "inspect": (("inspect", *model, picture), True),
        "explain": (("explain", *model, "--image", picture, "--method", "residual"), True),
    }


NAMES = ("train", "finetune", "compress", "generate", "inspect", "explain")


@pytest.mark.parametrize("name", NAMES)
def test_the_second_into_one_output_is_refused_by_name(name, commands, run, tmp_path):
    command, inside = commands[name]
    output = tmp_path / "runs" / "out"
    with held(output, inside=inside) as process:
        code, _, said = run(*command, "--output", output)
    assert code == 1
    assert f"xai_ad: '{output}' is being written by another process (pid {process.pid}, since " in said
    assert said.endswith("). Wait for it, or choose another --output.")
    assert not output.exists()


@pytest.mark.parametrize("name", NAMES)
def test_an_output_that_cannot_be_written_is_one_line_before_any_work(name, commands, run, tmp_path):
    (tmp_path / "file").write_text("no folder")
    output = tmp_path / "file" / "out"
    code, _, said = run(*commands[name][0], "--output", output)
    assert code == 1
    line = f"xai_ad: '{output}' cannot be written ('{tmp_path / 'file'}' is a file). Choose a folder"
    assert line in said
    assert "\n" not in said[said.index("xai_ad:") :]


def test_figures_that_could_not_be_written_are_one_line_before_the_evaluation(
    stored_model, mvtec_folder, run, tmp_path
):
    evaluate = ("evaluate", "--model", stored_model.path, "--data", mvtec_folder, "--layout", "mvtec")
    code, _, said = run(*evaluate, "--json", tmp_path)
    assert (code, said) == (
        1,
        f"xai_ad: '{tmp_path}' cannot be written (Is a directory). Choose a folder that you may write to.",
    )


def test_a_home_that_cannot_be_written_costs_a_calibration_one_line(
    stored_model, mvtec_folder, run, tmp_path, monkeypatch
):
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("XAI_AD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    calibrate = ("calibrate", "--model", stored_model.card.id, "--data", mvtec_folder, "--layout", "mvtec")
    code, out, said = run(*calibrate)
    assert (code, out) == (1, "")
    assert said.endswith(
        f"cannot be written ('{tmp_path / 'home'}' is a file). Choose a folder that you may write to."
    )
    picture = write_picture(tmp_path / "part.png", 1)
    inspect = ("inspect", "--model", stored_model.card.id, picture, "--output", tmp_path / "out")
    assert run(*inspect)[0] == 0  # judging needs no home
    assert run("models")[0] == 0


def test_a_full_disk_is_one_line(stored_model, run, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    picture = write_picture(tmp_path / "part.png", 1)
    code, _, said = run("inspect", "--model", stored_model.path, picture, "--output", tmp_path / "out")
    assert code == 1
    table = tmp_path / "out" / "results.json"
    assert said == f"xai_ad: '{table}' cannot be written (No space left on device). Free some space."
    assert (tmp_path / "out" / "results.csv").read_text().count("part.png") == 1


def test_a_model_that_is_being_replaced_is_not_calibrated_and_no_work_is_lost(
    stored_model, mvtec_folder, run, tmp_path, monkeypatch
):
    monkeypatch.setattr(recording, "WAIT", 0.0)
    data = ("--model", stored_model.path, "--data", mvtec_folder, "--layout", "mvtec")
    with held(stored_model.path) as process:
        for command in (
            ("calibrate", *data),
            ("familiarise", *data),
            ("evaluate", *data, "--record", "--json", tmp_path / "figures.json"),
        ):
            code, out, said = run(*command)
            assert (code, out) == (1, "")
            assert f"is being written by another process (pid {process.pid}, since " in said
            assert said.endswith("). Wait for it.")
        plain = run("evaluate", *data, "--json", tmp_path / "figures.json")
    assert plain[0] == 0
    assert json.loads((tmp_path / "figures.json").read_text())["auc_roc"] is not None
    assert len(load_calibrations(stored_model)) == 1
