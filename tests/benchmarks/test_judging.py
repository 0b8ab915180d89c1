"""Whole ways against forwards: the rows of clips, what ratios are of, and the rates of inspecting."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.clip_networks import predicting_network, rebuilding_network
from tests.data.videos.writing import write_frames
from xai_ad.benchmarks import benchmark_record, build_benchmark, judging
from xai_ad.benchmarks.judging import (
    VideoScoringBenchmark,
    draw_bottles,
    forward_seconds,
    inspecting_rates,
    network_inputs,
)
from xai_ad.benchmarks.speed import SpeedBenchmark
from xai_ad.data.images import Preprocessing
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import open_frames
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.inspection.clips import judge_clip
from xai_ad.networks import build_autoencoder
from xai_ad.store import load, load_calibration, save_model

KEYS = {
    "model", "clip", "frames", "seconds", "frames_per_second", "forward_frames_per_second", "ratio",
}  # fmt: skip
CALIBRATION = Calibration(threshold=0.05, score_max=0.2, map_scale=4.0)
LOOK = Preprocessing(size=12, channels=1)


@pytest.fixture
def video_set(tmp_path):
    """Two clips to train on, and three of 10, 12 and 14 frames to test on, in the layout of UCSD."""
    root = tmp_path / "walkway"
    for clip in (1, 2):
        write_frames(root / f"Train/Train{clip:03d}", range(clip, 12))
    for clip, frames in enumerate((10, 12, 14), start=1):
        write_frames(root / f"Test/Test{clip:03d}", range(1, frames + 1))
    rows = [f"Test{clip:03d},{number},0" for clip, frames in enumerate((10, 12, 14), start=1)
            for number in range(1, frames + 1)]  # fmt: skip
    (root / "frame_labels.csv").write_text("\n".join(["clip,frame,label", *rows]))
    return root


@pytest.fixture(params=["bcae1", "cgru", "seq2seq_cgru"])
def model(request, stored_model, tmp_path):
    """An untrained model of a set of videos, frame-wise and of clips."""
    of_images = request.param == "bcae1"
    network = (
        load(stored_model.path)[0].network if of_images else build_autoencoder(request.param, channels=1)
    )
    look = Preprocessing() if of_images else Preprocessing(channels=1, frames=8)
    card = replace(
        stored_model.card,
        id=f"walkway-{request.param}",
        network=request.param,
        layout="ucsd",
        preprocessing=look,
    )
    return save_model(
        tmp_path / "models" / card.id,
        card,
        network=network,
        references={},
        calibrations=(load_calibration(stored_model),),
    )


@pytest.fixture
def slowing(monkeypatch):
    """Let a machine grow busy: each round takes that many times as long as the first, of both sides alike."""
    measured = {"scoring": 0, "forwards": 0}

    def taking(side, seconds):
        def answer(*_):
            measured[side] += 1
            return seconds * measured[side]

        return answer

    monkeypatch.setattr(judging, "seconds_of", taking("scoring", 6.0))
    monkeypatch.setattr(judging, "forward_seconds", taking("forwards", 5.0))
    return measured


def test_models_of_either_kind_have_a_row_for_each_of_the_first_test_clips(model, video_set):
    benchmark = build_benchmark(
        "speed", {"model": str(model.path), "data": video_set, "layout": "ucsd", "images": 2, "rounds": 1}
    )
    seen = []
    record = benchmark_record(benchmark, benchmark.run(on_progress=seen.append))
    assert set(record) == {"benchmark", "machine", "settings", "rows", "ratio"}
    assert record["benchmark"] == "speed"
    assert [set(row) for row in record["rows"]] == [KEYS, KEYS]
    assert [(row["model"], row["clip"], row["frames"]) for row in record["rows"]] == [
        (model.card.id, "Test001", 10),
        (model.card.id, "Test002", 12),
    ]
    assert all(row["ratio"] > 0 for row in record["rows"])
    assert seen == sorted(seen)
    assert seen[-1] == 1


@pytest.mark.parametrize("model", ["bcae1"], indirect=True)
def test_ratios_are_taken_within_rounds(model, video_set, slowing):
    benchmark = VideoScoringBenchmark(
        model=str(model.path), data=video_set, layout="ucsd", images=1, rounds=3
    )
    result = benchmark.run()
    row = result.rows[0]
    # A warm-up, then rounds of 12, 18 and 24 seconds against 10, 15 and 20.
    assert (row["seconds"], row["frames_per_second"]) == (18, 10 / 18)
    assert row["forward_frames_per_second"] == 10 / 15
    assert row["ratio"] == pytest.approx(6 / 5)
    assert slowing == {"scoring": 4, "forwards": 4}
    assert result.remarks == ("Scoring the clips takes 1.20 times what the network's forwards alone take.",)


@pytest.mark.parametrize("model", ["bcae1"], indirect=True)
def test_the_ratio_of_all_clips_weighs_each_by_its_time(model, video_set, monkeypatch):
    ways, forwards = iter([0.0, 2.0, 4.0, 0.0, 30.0, 8.0]), iter([0.0, 1.0, 1.0, 0.0, 7.0, 1.0])
    monkeypatch.setattr(judging, "seconds_of", lambda *_: next(ways))
    monkeypatch.setattr(judging, "forward_seconds", lambda *_: next(forwards))
    benchmark = VideoScoringBenchmark(
        model=str(model.path), data=video_set, layout="ucsd", images=2, rounds=2
    )
    # Rounds of 2 + 30 over 1 + 7 and of 4 + 8 over 1 + 1.
    result = benchmark.run()
    assert result.figures == {"ratio": 5.0}
    assert [row["ratio"] for row in result.rows] == pytest.approx([3.0, (30 / 7 + 8) / 2])


@pytest.mark.parametrize("model", ["bcae1"], indirect=True)
def test_of_a_long_clip_the_first_frames_are_measured(model, video_set, slowing, monkeypatch):
    monkeypatch.setattr(judging, "MOST_FRAMES", 11)
    benchmark = VideoScoringBenchmark(model=str(model.path), data=video_set, layout="ucsd", rounds=1)
    assert [row["frames"] for row in benchmark.run().rows] == [10, 11, 11]


@pytest.mark.parametrize("network", [rebuilding_network(), predicting_network()])
def test_the_forwards_are_given_what_scoring_gives_the_network_in_its_batches(network, tmp_path):
    scorer = AnomalyClassifier(network, CALIBRATION)
    stream = FrameStream(open_frames(write_frames(tmp_path / "walk", range(1, 75))), LOOK)
    inputs = network_inputs(lambda: judge_clip(scorer, stream), scorer.network)
    given = []
    scorer.network.register_forward_pre_hook(lambda _, images: given.append(images[0]))
    list(scorer.score_frames(stream))
    assert len(given) == len(inputs) > 1
    assert all(torch.equal(one, other) for one, other in zip(given, inputs, strict=True))
    assert len(inputs[0]) == BATCH_SIZE // network.frames
    given.clear()
    assert forward_seconds(scorer.network, inputs) > 0
    assert all(one is other for one, other in zip(given, inputs, strict=True))


def test_recording_the_inputs_leaves_no_hook_behind(tmp_path):
    scorer = AnomalyClassifier(rebuilding_network(), CALIBRATION)
    source = open_frames(write_frames(tmp_path / "walk", range(1, 9)))
    inputs = network_inputs(lambda: judge_clip(scorer, FrameStream(source, LOOK)), scorer.network)
    held = len(inputs)
    list(scorer.score_frames(FrameStream(source, LOOK)))
    assert len(inputs) == held


@pytest.mark.parametrize("model", ["bcae1"], indirect=True)
def test_the_whole_way_reads_scores_and_smooths_every_frame(model, video_set, monkeypatch):
    judged = []
    judge = judging.judge_clip
    monkeypatch.setattr(judging, "judge_clip", lambda *given: judged.append(judge(*given)))
    VideoScoringBenchmark(model=str(model.path), data=video_set, layout="ucsd", images=1, rounds=2).run()
    # What it gives the network is looked at once, and a warm-up goes before the rounds.
    assert [(len(one.scores), len(one.regularity)) for one in judged] == [(10, 10)] * 4


@pytest.fixture
def few_files(monkeypatch):
    """Draw five small files of two looks."""
    for name, value in (("FILES", 5), ("DRAWN", 2), ("SIDE", 140)):
        monkeypatch.setattr(judging, name, value)


def test_files_are_like_bottles_and_look_by_turns(tmp_path, few_files):
    paths = draw_bottles(tmp_path)
    looks = [np.asarray(Image.open(path)).astype(int) for path in paths]
    assert [look.shape for look in looks] == [(140, 140, 3)] * 5
    assert [path.read_bytes() == paths[number % 2].read_bytes() for number, path in enumerate(paths)] == [
        True
    ] * 5
    assert np.abs(looks[0] - looks[1]).mean() > 1
    assert looks[0][0, 0].mean() > 220
    assert looks[0][70, 70 + 50].mean() < 60  # the ring


def test_bottles_are_as_large_as_mvtecs_and_two_hundred():
    assert (judging.FILES, judging.SIDE) == (200, 900)


def test_inspecting_is_held_against_the_forwards_of_the_same_images(stored_model, few_files, slowing):
    rates = inspecting_rates(stored_model.path, rounds=3)
    # A warm-up, then rounds of 12, 18 and 24 seconds against 10, 15 and 20.
    assert rates == {
        "images": 5,
        "images_per_second": 5 / 18,
        "forward_images_per_second": 5 / 15,
        "ratio": pytest.approx(5 / 6),
    }


def test_inspecting_gives_the_network_every_file(stored_model, few_files, monkeypatch):
    given = []
    monkeypatch.setattr(judging, "forward_seconds", lambda network, inputs: given.append(inputs) or 1.0)
    assert inspecting_rates(stored_model.path, rounds=1)["images_per_second"] > 0
    assert torch.cat(given[0]).shape == (5, 3, 128, 128)


def test_more_clips_than_there_are_is_an_error(video_set, stored_model):
    benchmark = VideoScoringBenchmark(model=str(stored_model.path), data=video_set, layout="ucsd", images=4)
    with pytest.raises(InvalidInputError, match=r"has 3 test clips.*Got 'images' = 4; ask for fewer"):
        benchmark.run()


@pytest.mark.parametrize("layout", ["ucsd", "avenue", "subway"])
def test_a_layout_of_videos_is_scored_and_one_of_pictures_explained(layout):
    assert type(build_benchmark("speed", {"layout": layout})) is VideoScoringBenchmark
    assert type(build_benchmark("speed", {"layout": "mvtec"})) is SpeedBenchmark
    assert type(build_benchmark("speed")) is SpeedBenchmark


def test_an_explanations_setting_is_none_of_scoring():
    with pytest.raises(UnknownNameError, match=r"'speed' called 'm'.*images, layout, model, rounds"):
        build_benchmark("speed", {"layout": "ucsd", "m": 20})


@pytest.mark.parametrize("name", ["images", "rounds"])
def test_none_of_either_is_no_measurement(name):
    with pytest.raises(InvalidInputError, match=rf"'{name}' of the benchmark 'speed'.*\[1, inf\).*Got 0"):
        build_benchmark("speed", {"layout": "ucsd", name: 0})
