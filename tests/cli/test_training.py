"""Training without naming a network, skipping what cannot be read, and the list of trainings."""

import json

import pytest

from xai_ad.inspection.trainings import jobs
from xai_ad.store import find_model, load_calibration
from xai_ad.training.recommended import RECOMMENDED, SEEN


def test_without_a_network_what_is_recommended_is_trained_and_judged(run, mvtec_folder, tmp_path):
    model = tmp_path / "mine"
    data = ["--data", mvtec_folder, "--layout", "mvtec", "--output", model]
    code, _, err = run("train", *data, "--epochs", 1, "--precision", "float32")
    assert code == 0, err
    card = find_model(model).card
    assert (card.network, card.training.recipe["epochs"]) == (RECOMMENDED, 1)
    assert card.training.recipe["patience"] == 1000  # 10,000 pictures seen, of ten
    assert card.training.recipe["max_minutes"] == 10
    assert load_calibration(find_model(model)).calibration.scoring.score == "ssim"
    assert SEEN == 40_000


def test_unreadable_pictures_end_a_training_or_are_skipped_and_listed(run, mvtec_folder, tmp_path):
    (mvtec_folder / "train/good/004.png").write_bytes(b"broken")
    data = ["--network", "bcae1", "--data", mvtec_folder, "--layout", "mvtec", "--output", tmp_path / "mine"]
    quick = ["--epochs", 1, "--precision", "float32"]
    code, _, err = run("train", *data, *quick)
    assert code == 1
    assert "004.png is not a" in err
    code, _, err = run("train", *data, *quick, "--skip-unreadable")
    assert code == 0, err
    assert "Note: 1 picture is skipped that cannot be read: good/004.png." in err


@pytest.mark.parametrize("asked", [0, 2])
def test_trainings_are_listed(run, tmp_path, monkeypatch, asked):
    monkeypatch.setattr(jobs, "start_runner", lambda: None)
    for index in range(asked):
        jobs.submit(jobs.TrainingOrder(name=f"part-{index}", data=tmp_path, layout="folder"))
    code, out, _ = run("trainings", "--json", tmp_path / "list.json")
    assert code == 0
    rows = json.loads((tmp_path / "list.json").read_text())
    assert len(out.splitlines()) == len(rows) == asked
    assert [(row["name"], row["state"], row["position"]) for row in rows] == [
        (f"part-{index}", "waiting", index + 1) for index in reversed(range(asked))
    ]


def test_a_training_is_paused_stopped_and_resumed_by_its_id(run, tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(jobs, "start_runner", lambda: begun.append(1))
    job_id = jobs.submit(jobs.TrainingOrder(name="part", data=tmp_path, layout="folder"))
    for flag, state in (("--pause", "paused"), ("--stop", "stopped"), ("--resume", "waiting")):
        code, out, err = run("trainings", flag, job_id)
        assert code == 0, err
        assert out.split()[:2] == [job_id, state]
    code, _, err = run("trainings", "--pause", "no-such-job")
    assert code == 1
    assert "'no-such-job'" in err


def test_what_waits_is_gone_on_with_at_a_look_at_the_list(run, tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(jobs, "start_runner", lambda: begun.append(1))
    jobs.submit(jobs.TrainingOrder(name="part", data=tmp_path, layout="folder"))
    begun.clear()
    assert run("trainings")[0] == 0
    assert begun == [1]
