"""A clip scored as work is scored as `judge_clip` does it, is at hand while it goes on, and is found again frame by frame."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.data.videos.writing import write_frames, write_video, write_zip
from xai_ad.data.specs import Subject
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import open_frames
from xai_ad.errors import Cancelled, ImageError
from xai_ad.explain import Residual
from xai_ad.inspection import clip_scoring as module
from xai_ad.inspection.cases import explain
from xai_ad.inspection.clip_files import keep_upload, list_clips, open_clip
from xai_ad.inspection.clip_frames import open_frame
from xai_ad.inspection.clip_scoring import clip_scoring, scored_so_far
from xai_ad.inspection.clips import frames_csv, judge_clip
from xai_ad.inspection.clips import write_frames as write_csv
from xai_ad.inspection.files import record_json
from xai_ad.inspection.models import open_model
from xai_ad.inspection.pictures import View
from xai_ad.inspection.repeating import reopen
from xai_ad.inspection.results import BoundedCache
from xai_ad.networks import build_autoencoder
from xai_ad.progress import silent
from xai_ad.store import load_calibration, save_model


def noise(count, size=(36, 24)):
    generator = np.random.default_rng(5)
    return [generator.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8) for _ in range(count)]


@pytest.fixture(autouse=True)
def own_caches(monkeypatch):
    monkeypatch.setattr(module, "_SCORED", BoundedCache(8))
    monkeypatch.setattr("xai_ad.inspection.clip_frames._FRAMES", BoundedCache(8))


@pytest.fixture
def clip_model(stored_model, tmp_path, monkeypatch):
    """An untrained model that sees eight frames together."""
    torch.manual_seed(2)
    monkeypatch.setenv("XAI_AD_HOME", str(tmp_path / "home"))
    preprocessing = replace(stored_model.card.preprocessing, frames=8, channels=1)
    card = replace(
        stored_model.card,
        id="scene-cgru",
        network="cgru",
        options={},
        dataset="ped2",
        subject=Subject.SCENE,
        preprocessing=preprocessing,
    )
    return save_model(
        tmp_path / "home" / "models" / card.id,
        card,
        network=build_autoencoder("cgru", channels=1, size=128),
        references={},
        calibrations=(load_calibration(stored_model),),
    )


def question_of(stored, path):
    return clip_scoring(stored, open_clip(path.name, path))


def judged_at_once(stored, path):
    model = open_model(stored)
    stream = FrameStream(open_frames(path), model.card.preprocessing)
    return judge_clip(model.classifier, stream, model.familiarity)


def test_scores_are_those_of_judge_clip(stored_model, tmp_path):
    path = write_video(tmp_path / "walk.mkv", noise(40))
    scored = question_of(stored_model, path).answer(silent)
    expected = judged_at_once(stored_model, path)
    assert scored.is_whole
    assert scored.expected == 40
    assert scored.judged.scores.tolist() == expected.scores.tolist()
    assert scored.judged.regularity.tolist() == expected.regularity.tolist()
    assert scored.read.tolist() == list(range(1, 41))


def test_what_was_scored_before_a_stop_stays_until_there_is_more(stored_model, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PUBLISHED", 0.0)
    monkeypatch.setattr(module, "REPORTED", 0.0)
    path = write_video(tmp_path / "walk.mkv", noise(100))
    question = question_of(stored_model, path)
    heard = []

    def stop_at(share):
        def report(fraction):
            heard.append(fraction)
            if fraction >= share:
                raise Cancelled("Stopped.")

        return report

    with pytest.raises(Cancelled):
        question.answer(stop_at(0.7))
    assert heard == sorted(heard)
    partial = scored_so_far(question)
    count = len(partial.judged.scores)
    assert 0 < count < 100
    assert partial.is_stopped
    assert not partial.is_whole
    assert partial.expected == 100
    assert partial.seconds_left() > 0
    assert partial.judged.broken.endswith(f"was stopped after frame {count}.")
    whole = judged_at_once(stored_model, path)
    assert partial.judged.scores.tolist() == pytest.approx(whole.scores[:count].tolist(), rel=1e-6)
    with pytest.raises(Cancelled):
        question.answer(stop_at(0.35))
    assert len(scored_so_far(question).judged.scores) == count
    question.answer(silent)
    assert len(scored_so_far(question).judged.scores) == 100


@pytest.mark.parametrize("kind", ["stored_model", "clip_model"])
@pytest.mark.parametrize("container", ["video", "zip", "folder"])
def test_a_frame_that_is_opened_scores_as_it_does_in_its_clip(request, kind, container, tmp_path):
    stored = request.getfixturevalue(kind)
    folder = write_frames(tmp_path / "walk", [*range(3, 16), *range(30, 41)], size=(24, 24))
    path = {
        "video": lambda: write_video(tmp_path / "walk.mp4", noise(21), options={"g": "5"}),
        "zip": lambda: write_zip(tmp_path / "walk.zip", folder),
        "folder": lambda: folder,
    }[container]()
    question = question_of(stored, path)
    scored = question.answer(silent)
    model = open_model(stored)
    pixels = {
        frame.number: frame.pixels for frame in FrameStream(open_frames(path), model.card.preprocessing)
    }
    for number in scored.judged.numbers.tolist():
        case = open_frame(model, question.clip, scored, number)
        assert case.score == scored.judged.scores[scored.place_of(number)]
        assert float(case.prediction.scores[0]) == pytest.approx(case.score, rel=1e-4)
        assert torch.equal((case.still * 255).round().to(torch.uint8), pixels[number])
        assert case.placement.frames[case.place] == case.source.frame == number
        explanation = Residual().explain(model.classifier, case.image, frame=case.place)
        assert explanation.relevance.sum() == pytest.approx(case.score, rel=1e-3)
    with pytest.raises(ImageError, match="has no scored frame 999"):
        open_frame(model, question.clip, scored, 999)


def test_the_record_of_a_frame_is_repeated_from_its_clip(clip_model, tmp_path):
    path = write_video(tmp_path / "walk.mp4", noise(21), options={"g": "5"})
    question = question_of(clip_model, path)
    case = open_frame(open_model(clip_model), question.clip, question.answer(silent), 11)
    timed = explain(case, Residual())
    content = record_json(case, Residual(), timed, View())
    record = json.loads(content)
    assert record["request"]["source"]["frame"] == 11
    assert record["request"]["source"]["sha256"] == question.sha256
    (tmp_path / "explanation.json").write_bytes(content)
    again = reopen(tmp_path / "explanation.json", image=path)
    assert again.question.request == case.request(Residual())


def test_the_frames_file_is_the_same_in_memory_and_on_disk(stored_model, tmp_path):
    path = write_video(tmp_path / "walk.mkv", noise(12))
    scored = question_of(stored_model, path).answer(silent)
    calibration = load_calibration(stored_model).calibration
    write_csv(tmp_path / "frames.csv", scored.judged, calibration)
    content = frames_csv(scored.judged, calibration)
    assert content == (tmp_path / "frames.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [float(row["score"]) for row in rows] == scored.judged.scores.tolist()


def test_an_upload_is_checked_before_anything_else_and_gone_with_who_had_it(tmp_path):
    content = write_video(tmp_path / "walk.mp4", noise(5)).read_bytes()
    clip = keep_upload("../../walk.mp4", [content[:100], content[100:]])
    assert clip.path.read_bytes() == content
    assert clip == open_clip("other name", tmp_path / "walk.mp4")
    where = clip.path
    del clip
    assert not where.parent.exists()
    for name, words in {
        "part.png": "part.png is a picture: inspect it on page Inspect",
        "notes.txt": "notes.txt is no clip that can be read",
        "walk.mp4": "walk.mp4 is no video that can be opened",
    }.items():
        with pytest.raises(ImageError) as caught:
            keep_upload(name, [b"neither"])
        assert str(caught.value).startswith(words)
        assert "xai_ad-clip" not in str(caught.value)


def test_a_sets_clips_are_listed_without_masks(tmp_path):
    for name in ("Test/Test001.mp4", "Test/Test002.mp4", "Train/Train001.mp4"):
        write_video(tmp_path / "walkway" / name, 3)
    write_frames(tmp_path / "walkway" / "Test" / "Test001_gt", range(1, 3))
    (tmp_path / "walkway" / "Test" / "labels.csv").write_text("clip,frame\n")
    assert list(list_clips("walkway", tmp_path)) == ["Test/Test001", "Test/Test002", "Train/Train001"]
    assert list_clips("washer", tmp_path) == {}
