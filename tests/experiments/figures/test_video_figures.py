"""Figures of videos: which frames they show, and what they say of them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from xai_ad.data.layouts import Sample, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.errors import DatasetError, InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.experiments import find_experiment
from xai_ad.experiments.base import Source
from xai_ad.experiments.cells import Variant
from xai_ad.experiments.figures.ablation import Rates, draw_ablation
from xai_ad.experiments.figures.predictions import VARIANT, predict_window
from xai_ad.experiments.figures.recurrent_frames import rebuild_window
from xai_ad.experiments.figures.sequences import choose_windows, motion, windows_of
from xai_ad.store import load_network


def clip_of(name, numbers, anomalous=()):
    return [
        Sample(
            path=Path(f"{name}/{number}.png"),
            label=int(number in anomalous),
            kind="anomalous" if number in anomalous else "normal",
            subset="test",
            sha256=f"{name}{number}",
            group=name,
            position=place,
            number=number,
        )
        for place, number in enumerate(numbers)
    ]


def numbers_of(windows):
    return [[sample.number for sample in window.samples] for window in windows]


def test_windows_follow_one_another_and_never_cross_a_gap_or_a_clips_end():
    samples = [*clip_of("a", [1, 2, 3, 4, 5, 6, 7]), *clip_of("b", [8, 9, 11, 12, 13, 14])]
    assert numbers_of(windows_of(samples, 3)) == [[1, 2, 3], [4, 5, 6], [11, 12, 13]]


def test_a_normal_window_and_one_with_most_anomalous_frames_are_shown():
    samples = clip_of("a", range(1, 17), anomalous={6, 9, 10, 11, 14})
    assert numbers_of(choose_windows(samples, 4)) == [[1, 2, 3, 4], [9, 10, 11, 12]]
    assert choose_windows(samples, 4)[1].name == "3 anomalous\na\n9 to 12"
    everywhere = clip_of("a", range(1, 9), anomalous=set(range(1, 9)))
    assert len(choose_windows(everywhere, 4)) == 1


def test_clips_too_short_or_normal_throughout_are_told():
    with pytest.raises(DatasetError, match="has 12 frames that follow one another"):
        choose_windows(clip_of("a", range(11), anomalous={3}), 12)
    with pytest.raises(DatasetError, match="holds an anomalous frame"):
        choose_windows(clip_of("a", range(13), anomalous={12}), 12)


def test_motion_is_compared_by_the_changes_from_frame_to_frame():
    rng = np.random.default_rng(0)
    frames, rebuilt = rng.random((2, 4, 1, 3, 5))
    background = rng.random((1, 3, 5))
    found = motion(*(torch.from_numpy(part) for part in (frames, rebuilt, background)))
    before, after = (np.diff(part, axis=0).ravel() for part in (frames, rebuilt))
    assert found.share == pytest.approx(np.abs(after).mean() / np.abs(before).mean())
    assert found.agreement == pytest.approx(np.corrcoef(before, after)[0, 1])
    expected = ((rebuilt - background) ** 2).mean() / ((frames - background) ** 2).mean()
    assert found.departure == pytest.approx(expected)


def test_frames_that_stand_still_have_no_motion_to_compare():
    still, moving = torch.full((3, 1, 2, 2), 0.5), torch.rand((3, 1, 2, 2))
    found = motion(still, moving, still[0])
    assert (found.share, found.agreement, found.departure) == (None, None, None)
    found = motion(moving, still, still[0])
    assert (found.share, found.agreement, found.departure) == (0, None, 0)


def test_a_windows_errors_are_the_scores_that_evaluation_gives_its_frames(stored_as, ped2_folder):
    stored = stored_as(Variant(network="bicrnn"))
    samples = split_dataset(read_dataset(ped2_folder, "ucsd")).test
    (window, anomalous) = choose_windows(samples, 8)
    assert (window.anomalous, anomalous.anomalous) == (0, 8)
    scores = {image.sha256: image.score for image in evaluate(stored, ped2_folder, "ucsd").images}
    _, rebuilt = rebuild_window(stored, anomalous)
    expected = [scores[sample.sha256] for sample in anomalous.samples]
    assert rebuilt.mse == pytest.approx(expected, rel=1e-4)


def test_later_frames_are_predicted_from_predictions(stored_as, ped2_folder):
    stored = stored_as(VARIANT)
    samples = split_dataset(read_dataset(ped2_folder, "ucsd")).test
    window = choose_windows(samples, 12)[0]
    frames, predicted = predict_window(stored, window)
    pixels = load_pixels(window.samples, stored.card.preprocessing)
    torch.testing.assert_close(frames, pixels / 255)
    network = load_network(stored)
    with torch.no_grad():
        first = network((pixels[:4] / 255)[None])
        second = network(first)
    torch.testing.assert_close(predicted, torch.cat([first[0], second[0]]), rtol=1e-4, atol=1e-5)


def test_networks_that_do_not_do_what_a_figure_shows_are_refused(stored_as, ped2_folder):
    window = choose_windows(split_dataset(read_dataset(ped2_folder, "ucsd")).test, 12)[0]
    with pytest.raises(InvalidInputError, match="does not rebuild clips"):
        rebuild_window(stored_as(VARIANT), window)
    with pytest.raises(InvalidInputError, match="does not predict frames"):
        predict_window(stored_as(Variant(network="crnn")), window)


@pytest.mark.parametrize(
    ("figure", "names", "rows"),
    [
        ("figure-4.11", ("crnn", "crnn-recurrent_layers_3"), 4),
        ("figure-4.12", (), 8),
        ("figure-4.13", ("cgru", "bicgru"), 4),
    ],
)
def test_a_figure_of_frames_stands_as_text_page_numbers_and_picture(
    figure, names, rows, video_request_for, cells
):
    request, _ = video_request_for(variants=names)
    markdown, page, numbers, picture = find_experiment(figure).run(request)
    (dataset,) = json.loads(numbers.read_text())["datasets"]
    assert dataset["dataset"] == "ped2"
    normal, anomalous = dataset["windows"]
    assert (sum(normal["labels"]), set(anomalous["labels"])) == (0, {1})
    if names:
        assert [set(window["models"]) for window in dataset["windows"]] == [set(names)] * 2
        assert cells.keys() == set(names)
    table = [line for line in markdown.read_text().splitlines() if line.startswith("| ")]
    assert len(table) == rows + 2
    with Pillow.open(picture) as opened:
        assert opened.width > 800
    assert page.read_text().count("plotly.js v") == 1


@pytest.mark.parametrize("figure", ["figure-4.11", "figure-4.12", "figure-4.13"])
def test_pictures_are_refused_before_anything_is_trained(figure, video_request_for, mvtec_folder):
    request, lines = video_request_for()
    pictures = Source(data=mvtec_folder, layout="mvtec")
    with pytest.raises(InvalidInputError, match="is about videos"):
        find_experiment(figure).run(replace(request, sources=(*request.sources, pictures)))
    assert lines == []


@pytest.mark.parametrize("figure", ["figure-4.6", "figure-4.7"])
def test_figures_of_pictures_show_frames_by_clip_and_number(figure, video_request_for, cells):
    request, _ = video_request_for()
    markdown, _, numbers, picture = find_experiment(figure).run(request)
    (dataset,) = json.loads(numbers.read_text())["datasets"]
    assert [image["label"] for image in dataset["images"]] == [0, 0, 1, 1, 1, 1]
    for image in dataset["images"]:
        assert f"| {image['kind']} {image['clip']} {image['frame']} |" in markdown.read_text()
        assert image["file"] == f"{image['frame']:03d}.png"
    assert picture.name == f"{figure}-ped2.png"


@pytest.mark.parametrize("figure", ["figure-4.9", "figure-4.10"])
def test_embeddings_are_those_of_the_first_three_test_clips(figure, video_request_for, cells):
    request, _ = video_request_for()
    markdown, _, numbers, _ = find_experiment(figure).run(request)
    (dataset,) = json.loads(numbers.read_text())["datasets"]
    clips = [image["clip"] for image in dataset["images"]]
    assert [clips.count(f"Test00{clip}") for clip in (1, 2, 3, 4)] == [24, 8, 8, 0]
    assert "The frames are those of the test clips Test001, Test002, Test003." in markdown.read_text()


def test_rates_are_judged_per_video_and_normal_frames_alone_allow_no_choice(
    video_request_for, cells, ped2_folder
):
    request, _ = video_request_for()
    drawing = draw_ablation(request, request.sources[0], grid=Rates(rates=(1e-6,), epochs=1))
    expected = evaluate(cells["bcae1"], ped2_folder, "ucsd").metrics["auc_roc"]
    assert drawing.numbers["before"] == {"test": pytest.approx(expected)}
    assert all(set(curve["auc_roc"]) == {"test"} for curve in drawing.numbers["curves"])
    assert len(drawing.shown.panels) == 1
    assert "allow no choice" in drawing.shown.note
