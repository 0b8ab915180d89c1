import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import write_picture
from tests.data.videos.writing import frame_pixels, write_frames, write_sound, write_video, write_zip
from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import open_frames
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.inspection.explainers import MEASURING
from xai_ad.machine.execution import Execution, Precision
from xai_ad.metrics.regularity import regularity
from xai_ad.networks import build_autoencoder
from xai_ad.store import load, load_calibration, save_model

SHAPE = Proportions(width=3, height=2)
"""That of the frames that the tests draw."""


@pytest.fixture
def image_model(stored_model, tmp_path):
    """An untrained BCAE1 of a set of videos."""
    card = replace(stored_model.card, id="walkway-bcae1", layout="ucsd", photograph=SHAPE)
    record = load_calibration(stored_model)
    return save_model(
        tmp_path / "models" / card.id,
        card,
        network=load(stored_model.path)[0].network,
        references={},
        calibrations=(record,),
    )


@pytest.fixture
def clip_model(stored_model, tmp_path):
    """An untrained ConvGRU autoencoder."""
    torch.manual_seed(0)
    card = replace(
        stored_model.card,
        id="walkway-cgru",
        network="cgru",
        layout="ucsd",
        preprocessing=Preprocessing(channels=1, frames=8),
        photograph=SHAPE,
    )
    return save_model(
        tmp_path / "models" / card.id,
        card,
        network=build_autoencoder("cgru", channels=1),
        references={},
        calibrations=(load_calibration(stored_model),),
    )


@pytest.fixture
def inspect(run, tmp_path):
    """Inspect paths; return the rows by their files' names, and the output folder."""

    def call(model, *paths):
        output = tmp_path / "out"
        code, out, err = run("inspect", "--model", model.path, *paths, "--output", output)
        assert code == 0, err
        rows = json.loads((output / "results.json").read_text())["results"]
        with (output / "results.csv").open() as file:
            table = list(csv.DictReader(file))
        assert [row["path"] for row in table] == [row["path"] for row in rows]
        assert [row["frame"] for row in table] == [
            "" if row["frame"] is None else str(row["frame"]) for row in rows
        ]
        assert f"{len(rows)} files" in out
        return {row["path"].rsplit("/", 1)[-1]: row for row in rows}, output

    return call


def frames_in(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def with_an_anomaly(count, at):
    frames = [frame_pixels(index) for index in range(count)]
    frames[at][8:24, 8:24] = 255 * (np.indices((16, 16)).sum(axis=0) % 2)[..., None]
    return frames


@pytest.mark.parametrize("model", ["image_model", "clip_model"])
def test_a_video_has_the_score_of_its_highest_frame_and_a_file_of_all_frames(
    model, inspect, tmp_path, request
):
    stored = request.getfixturevalue(model)
    path = write_video(tmp_path / "walk.mkv", with_an_anomaly(20, 13))
    rows, output = inspect(stored, path)
    scorer, card = load(stored.path)
    expected = list(scorer.score_frames(FrameStream(open_frames(path), card.preprocessing)))
    scores = np.array([frame.score for frame in expected])
    frames = frames_in(output / "walk.frames.csv")
    assert list(frames[0]) == [
        "frame",
        "score",
        "normalised_score",
        "is_anomalous",
        "regularity",
        "stranger",
        "p_value",
    ]
    assert [int(row["frame"]) for row in frames] == list(range(1, 21))
    found = {
        name: np.array([float(row[name]) for row in frames])
        for name in ("score", "normalised_score", "regularity")
    }
    assert found["score"] == pytest.approx(scores, rel=1e-6)
    assert found["normalised_score"] == pytest.approx(scores / 0.2, rel=1e-6)
    assert found["regularity"] == pytest.approx(regularity(scores), abs=1e-6)
    assert [row["is_anomalous"] for row in frames] == [str(score > 0.05) for score in scores.tolist()]
    row = rows["walk.mkv"]
    assert row["score"] == pytest.approx(scores.max())
    assert (row["frame"], row["is_anomalous"]) == (int(scores.argmax()) + 1, bool(scores.max() > 0.05))
    assert (row["error"], row["note"]) == (None, None)


def test_folders_archives_and_videos_of_the_same_frames_score_alike(clip_model, inspect, tmp_path):
    folder = write_frames(tmp_path / "clips" / "walk", range(1, 13))
    write_zip(tmp_path / "clips" / "archived.zip", folder)
    write_video(tmp_path / "clips" / "filmed.mkv", 12)
    rows, output = inspect(clip_model, tmp_path / "clips")
    assert list(rows) == ["archived.zip", "filmed.mkv", "walk"]
    first = frames_in(output / "walk.frames.csv")
    assert frames_in(output / "archived.frames.csv") == first
    assert frames_in(output / "filmed.frames.csv") == first


def test_a_folder_of_numbered_pictures_is_a_clip_for_models_of_videos_alone(
    image_model, stored_model, inspect, tmp_path
):
    write_frames(tmp_path / "walk", range(1, 5))
    rows, _ = inspect(image_model, tmp_path / "walk")
    assert list(rows) == ["walk"]
    rows, _ = inspect(stored_model, tmp_path / "walk")
    assert list(rows) == ["001.png", "002.png", "003.png", "004.png"]
    assert {row["frame"] for row in rows.values()} == {None}


def test_pictures_without_numbers_are_pictures_for_an_image_model_of_videos(image_model, inspect, tmp_path):
    write_picture(tmp_path / "found" / "gate.png", 1)
    write_picture(tmp_path / "found" / "7.png", 2)
    rows, _ = inspect(image_model, tmp_path / "found")
    assert list(rows) == ["7.png", "gate.png"]
    assert not any(row["error"] for row in rows.values())


def test_a_sets_folders_of_masks_are_passed_over(clip_model, inspect, tmp_path):
    for name in ("Test001", "Test001_gt", "Test002_gt"):
        write_frames(tmp_path / "Test" / name, range(1, 9))
    rows, _ = inspect(clip_model, tmp_path / "Test")
    assert list(rows) == ["Test001", "Test002_gt"]


def test_a_video_broken_halfway_is_judged_as_far_as_it_goes(clip_model, inspect, tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (24, 96, 96, 3), np.uint8)
    whole = write_video(tmp_path / "whole.avi", list(frames))
    (tmp_path / "half.avi").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    rows, output = inspect(clip_model, tmp_path / "half.avi")
    frames = frames_in(output / "half.frames.csv")
    assert 2 <= len(frames) < 24
    last = len(frames) + 1  # cut within
    assert f"Frame {last} of {tmp_path / 'half.avi'} is damaged." in rows["half.avi"]["error"]
    assert f"ends after frame {last}; its header promises 24" in rows["half.avi"]["error"]
    assert rows["half.avi"]["score"] == max(float(row["score"]) for row in frames)


def test_fewer_frames_than_the_model_sees_together_are_padded_and_said(clip_model, inspect, tmp_path):
    write_video(tmp_path / "short.mkv", 5)
    rows, output = inspect(clip_model, tmp_path / "short.mkv")
    assert len(frames_in(output / "short.frames.csv")) == 5
    assert rows["short.mkv"]["note"].startswith("5 frames lie in runs shorter than the 8")


def test_gaps_and_mixed_sizes_are_noted(image_model, inspect, tmp_path):
    write_frames(tmp_path / "walk", range(1, 4))
    write_frames(tmp_path / "walk", range(7, 10), size=(60, 40))
    rows, _ = inspect(image_model, tmp_path / "walk")
    assert "a gap after frame 3, up to frame 7" in rows["walk"]["note"]
    assert "several sizes (48x32, 60x40)" in rows["walk"]["note"]


def test_what_cannot_be_judged_has_its_reason(clip_model, inspect, tmp_path):
    folder = tmp_path / "mixed"
    write_picture(folder / "still.png", 1)
    write_sound(folder / "song.mp4")
    write_video(folder / "one.mkv", 1)
    (folder / "notes.txt").write_text("seen at noon")
    (folder / "deeper").mkdir()
    write_picture(folder / "names" / "gate.png", 1)
    (folder / "broken.mkv").write_bytes(b"no video")
    rows, output = inspect(clip_model, folder, tmp_path / "absent.png")
    reasons = {name: row["error"] for name, row in rows.items()}
    assert "is a single picture, and the model scores clips of 8 frames" in reasons.pop("still.png")
    assert "holds sound and no pictures" in reasons.pop("song.mp4")
    assert "has 1 frame" in reasons.pop("one.mkv")
    assert "is no video, and the model scores clips of 8 frames" in reasons.pop("notes.txt")
    assert "'gate.png', whose name has no number" in reasons.pop("names")
    assert "is no video that can be opened" in reasons.pop("broken.mkv")
    assert "cannot be read" in reasons.pop("absent.png")
    assert reasons == {}
    assert {row["score"] for row in rows.values()} == {None}
    assert not list(output.glob("*.frames.csv"))


@pytest.mark.parametrize(
    ("first", "second"),
    [("walk.mkv", "walk.mov"), ("Walk.mkv", "walk.mkv")],
    ids=["other kind", "other case"],  # one name on some systems
)
def test_clips_of_one_name_have_files_of_their_own(image_model, inspect, tmp_path, first, second):
    write_video(tmp_path / "clips" / first, 3)
    write_video(tmp_path / "clips" / second, 4)
    rows, output = inspect(image_model, tmp_path / "clips")
    assert len(frames_in((output / first).with_suffix(".frames.csv"))) == 3
    assert len(frames_in(output / "walk-2.frames.csv")) == 4
    assert rows[second]["note"] == "Its frames are in walk-2.frames.csv."


def test_a_name_as_long_as_names_get_is_cut_and_it_is_said(image_model, inspect, tmp_path):
    short = write_video(tmp_path / "clips" / "walk.mkv", 3)
    short.rename(short.with_stem("é" * 125))
    rows, output = inspect(image_model, tmp_path / "clips")
    name = "é" * 115 + ".frames.csv"
    assert len(frames_in(output / name)) == 3
    (row,) = rows.values()
    assert row["note"] == f"Its frames are in {name}."


def test_the_folder_that_one_stands_in_is_called_by_its_name(image_model, inspect, tmp_path, monkeypatch):
    monkeypatch.chdir(write_frames(tmp_path / "walk", range(1, 4)))
    rows, output = inspect(image_model, ".")
    assert list(rows) == ["."]
    assert len(frames_in(output / "walk.frames.csv")) == 3


@pytest.mark.parametrize("model", ["image_model", "clip_model"])
def test_videos_beside_the_frames_of_a_clip_are_judged_too(model, inspect, tmp_path, request):
    folder = write_frames(tmp_path / "walk", range(1, 4))
    write_zip(folder / "archived.zip", folder)
    write_video(folder / "filmed.mkv", 4)
    rows, _ = inspect(request.getfixturevalue(model), folder)
    assert list(rows) == ["walk", "archived.zip", "filmed.mkv"]
    assert not any(row["error"] for row in rows.values())


def test_what_was_judged_of_a_clip_is_kept_when_it_is_stopped(run, clip_model, tmp_path, monkeypatch):
    write_video(tmp_path / "clips" / "a.mkv", 8)
    write_video(tmp_path / "clips" / "b.mkv", 80)
    write_video(tmp_path / "clips" / "c.mkv", 8)
    whole = AnomalyClassifier.score_frames

    def stopped(scorer, frames):
        for frame in whole(scorer, frames):
            if frame.number == 41:
                raise KeyboardInterrupt
            yield frame

    monkeypatch.setattr(AnomalyClassifier, "score_frames", stopped)
    output = tmp_path / "out"
    code, _, _ = run("inspect", "--model", clip_model.path, tmp_path / "clips", "--output", output)
    assert code == 130
    first, second = json.loads((output / "results.json").read_text())["results"]
    assert first["error"] is None
    frames = frames_in(output / "b.frames.csv")
    assert [int(row["frame"]) for row in frames] == list(range(1, 41))
    assert second["score"] == max(float(row["score"]) for row in frames)
    assert second["error"] == f"{tmp_path / 'clips' / 'b.mkv'} was stopped after frame 40."


def test_a_link_that_leads_back_is_not_followed(image_model, inspect, tmp_path):
    write_video(tmp_path / "clips" / "day" / "walk.mkv", 3)
    (tmp_path / "clips" / "day" / "all").symlink_to(tmp_path / "clips")
    (tmp_path / "clips" / "best").symlink_to(tmp_path / "clips" / "day")
    rows, output = inspect(image_model, tmp_path / "clips")
    assert len(list(output.glob("*.frames.csv"))) == 2  # by its own folder and by the link to it
    assert list(rows) == ["walk.mkv"]


@pytest.mark.parametrize("which", ["clip_model", "image_model"])
def test_of_a_clip_each_method_explains_its_highest_frame(run, request, tmp_path, which):
    model = request.getfixturevalue(which)
    path = write_video(tmp_path / "walk.mkv", 12)
    arguments = ["--model", model.path, "--output", tmp_path / "out"]
    code, _, err = run("inspect", *arguments, path, "--method", "residual")
    assert code == 0, err
    (row,) = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    explained = tmp_path / "out" / "explanations" / "0000-walk" / "residual"
    record = json.loads((explained / "explanation.json").read_text())
    assert record["request"]["source"]["frame"] == row["frame"]
    assert record["score"] == pytest.approx(row["score"], rel=1e-5)
    arguments[-1] = tmp_path / "alone"
    run("explain", *arguments, "--image", path, "--frame", row["frame"], "--method", "residual")
    assert np.array_equal(np.load(explained / "relevance.npy"), np.load(tmp_path / "alone" / "relevance.npy"))


def test_a_clip_stays_judged_where_its_explanation_is_interrupted(run, clip_model, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("xai_ad.inspection.batch.question", interrupt)
    path = write_video(tmp_path / "walk.mkv", 12)
    arguments = ["--model", clip_model.path, "--output", tmp_path / "out", "--method", "residual"]
    code, _, _ = run("inspect", *arguments, path)
    assert code != 0
    (row,) = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    assert row["score"] > 0


@pytest.mark.parametrize("command", ["explain", "inspect"])
def test_whoever_waits_for_a_measurement_is_told(run, image_model, tmp_path, monkeypatch, command):
    path = write_picture(tmp_path / "still.png", 1)

    def measure(precision, batch_size, on_measure):
        on_measure()
        return Execution(precision=Precision.FLOAT32, batch_size=64)

    monkeypatch.setattr("xai_ad.inspection.explainers.fastest_execution", measure)
    arguments = [path] if command == "inspect" else ["--image", path]
    arguments += ["--model", image_model.path, "--method", "occlusion", "--output", tmp_path / "out"]
    code, _, err = run(command, *arguments)
    assert (code, err.splitlines()[0]) == (0, MEASURING)


def test_explaining_a_picture_with_a_model_of_clips_says_what_to_do(run, clip_model, tmp_path):
    path = write_picture(tmp_path / "still.png", 1)
    arguments = ["--image", path, "--method", "residual", "--output", tmp_path / "out"]
    code, _, err = run("explain", "--model", clip_model.path, *arguments)
    assert (code, err.count("\n")) == (1, 0)
    assert "scores clips of 8 frames and no single pictures. Inspect a video with it" in err


@pytest.mark.parametrize(
    "method", [["residual"], ["lrp"], ["occlusion", "--option", "window=64", "--option", "stride=64"]]
)
def test_a_frame_of_a_clip_is_explained_among_those_seen_with_it(run, clip_model, inspect, tmp_path, method):
    path = write_video(tmp_path / "walk.mkv", with_an_anomaly(12, 9))
    _, output = inspect(clip_model, path)
    scores = [float(row["score"]) for row in frames_in(output / "walk.frames.csv")]
    arguments = ["--model", clip_model.path, "--image", path, "--frame", 10, "--method", *method]
    code, out, err = run("explain", *arguments, "--output", tmp_path / "explained")
    assert code == 0, err
    assert "walk.mkv, frame 10: " in out
    record = json.loads((tmp_path / "explained" / "explanation.json").read_text())
    assert record["score"] == pytest.approx(scores[9], rel=1e-5)
    assert record["request"]["placement"]["frames"] == list(range(5, 13))
    relevance = np.load(tmp_path / "explained" / "relevance.npy")
    assert relevance.shape == (8, 128, 128)
    total = record["score"] - record["baseline"] - record["residual"]
    assert float(relevance.sum(dtype=np.float64)) == pytest.approx(total, rel=1e-4)
    assert [moment["frame"] for moment in record["moments"]] == list(range(5, 13))
    sums = relevance.sum(axis=(1, 2), dtype=np.float64)
    assert [moment["relevance"] for moment in record["moments"]] == pytest.approx(sums, rel=1e-9)
    assert re.search(r" lies (mostly \(\d+.%\) )?in frame| spread over the frames ", out)
    file = tmp_path / "explained" / "explanation.json"
    code, _, err = run("explain", "--request", file, "--output", tmp_path / "again")
    assert code == 0, err
    for written in (tmp_path / "explained").iterdir():
        assert (tmp_path / "again" / written.name).read_bytes() == written.read_bytes()


@pytest.mark.parametrize("stretches", [1, 2])
def test_moments_are_told_and_drawn_where_frames_are_told_apart(run, clip_model, tmp_path, stretches):
    path = write_video(tmp_path / "walk.mkv", with_an_anomaly(9, 3))
    options = [f"stretches={stretches}", "window=128", "stride=128"]
    arguments = [word for option in options for word in ("--option", option)]
    arguments += ["--model", clip_model.path, "--image", path, "--frame", 3, "--method", "occlusion"]
    code, out, err = run("explain", *arguments, "--output", tmp_path / "out")
    assert code == 0, err
    record = json.loads((tmp_path / "out" / "explanation.json").read_text())
    told = stretches > 1
    assert (record["moments"] is not None) is told
    assert (tmp_path / "out" / "moments.png").exists() is told
    assert (
        any(words in out for words in ("lies in frame", "spread over the frames", "In none of the")) is told
    )


@pytest.mark.parametrize("direction", ["repair", "transplant"])
def test_the_shortest_stretch_of_frames_that_flips_is_said_by_its_numbers(
    run, clip_model, tmp_path, direction
):
    path = write_video(tmp_path / "walk.mkv", with_an_anomaly(12, 9))
    arguments = ["--model", clip_model.path, "--image", path, "--frame", 10, "--method", "counterfactual"]
    arguments += ["--option", "extent=time", "--option", f"direction={direction}", "--option", "fill=black"]
    code, out, err = run("explain", *arguments, "--output", tmp_path / "out")
    assert code == 0, err
    record = json.loads((tmp_path / "out" / "explanation.json").read_text())
    assert record["moments"] is None
    for stretch in record["rectangles"]:
        assert (stretch["height"], stretch["width"]) == (128, 128)
        first = record["request"]["placement"]["frames"][stretch["first"]]
        last = first + stretch["frames"] - 1
        assert f"frames {first} to {last}" in out or f"frame {first} " in out or "8 frames" in out
        relevance = np.load(tmp_path / "out" / "relevance.npy")
        inside = np.flatnonzero(relevance.any(axis=(1, 2))).tolist()
        assert inside == list(range(stretch["first"], stretch["first"] + stretch["frames"]))
    assert record["rectangles"] or record["score_before"] == record["score_after"]


def test_pictures_have_no_stretch_of_time_to_exchange(run, image_model, tmp_path):
    path = write_video(tmp_path / "walk.mkv", 9)
    arguments = ["--model", image_model.path, "--image", path, "--frame", 3, "--method", "counterfactual"]
    code, _, err = run("explain", *arguments, "--option", "extent=time", "--output", tmp_path / "out")
    assert (code, err.count("\n")) == (1, 0)
    assert "this one sees each by itself" in err
    assert not (tmp_path / "out").exists()


def test_the_middle_of_wide_frames_is_judged_and_said(clip_model, inspect, tmp_path):
    write_frames(tmp_path / "wide", range(1, 11), size=(96, 32))
    (tmp_path / "middle").mkdir()
    for path in sorted((tmp_path / "wide").iterdir()):
        with Image.open(path) as picture:
            picture.paste(255, (0, 0, 24, 32))  # beside the middle
            picture.save(path)
            picture.crop((24, 0, 72, 32)).save(tmp_path / "middle" / path.name)
    rows, output = inspect(clip_model, tmp_path / "wide", tmp_path / "middle")
    assert rows["wide"]["score"] == pytest.approx(rows["middle"]["score"], rel=1e-6)
    assert rows["wide"]["note"] == "It is 3:1 and the model's pictures are 3:2: judged by its middle."
    assert (rows["wide"]["shape"], rows["wide"]["fit"]) == ("3:1", "crop")
    assert rows["middle"]["note"] is None
    assert frames_in(output / "wide.frames.csv") == frames_in(output / "middle.frames.csv")
