"""Figures of videos: which frames they show, and what they say of them."""

import base64
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
from xai_ad.store import load_network, load_references
from xai_ad.thesis import find_experiment
from xai_ad.thesis.base import Source
from xai_ad.thesis.figures import recurrent_frames
from xai_ad.thesis.figures.ablation import draw_ablation
from xai_ad.thesis.figures.recurrent_frames import (
    BOTH_WAYS,
    BY_LAYERS,
    PREDICTOR,
    predict_window,
    reconstruct_window,
)
from xai_ad.thesis.figures.windows import Motion, choose_windows, motion, windows_of
from xai_ad.thesis.variants import variant_named


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
    stored = stored_as(variant_named("bicrnn"))
    samples = split_dataset(read_dataset(ped2_folder, "ucsd")).test
    (window, anomalous) = choose_windows(samples, 8)
    assert (window.anomalous, anomalous.anomalous) == (0, 8)
    scores = {image.sha256: image.score for image in evaluate(stored, ped2_folder, "ucsd").images}
    frames, rebuilt, moved = reconstruct_window(stored, anomalous)
    expected = [scores[sample.sha256] for sample in anomalous.samples]
    assert moved.mse == pytest.approx(expected, rel=1e-4)
    torch.testing.assert_close(frames, load_pixels(anomalous.samples, stored.card.preprocessing) / 255)
    assert moved == motion(frames, rebuilt, load_references(stored)["mean"])


def test_later_frames_are_predicted_from_predictions(stored_as, ped2_folder):
    stored = stored_as(PREDICTOR)
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


def shade(value):
    """A frame of one grey value in [0, 1]."""
    return torch.full((1, 8, 8), value)


def grey_values(row):
    """The grey value that each tile's picture shows, in [0, 1]."""
    return [round(np.asarray(tile.image.convert("L")).mean() / 255, 2) for tile in row]


def test_each_row_of_reconstructions_and_figures_is_its_networks(video_request_for, monkeypatch):
    shades = {"crnn": 0.2, "crnn-recurrent_layers_3": 0.6}
    monkeypatch.setattr(
        recurrent_frames,
        "first_cells",
        lambda request, source, variants: [(variant.name, shades[variant.name]) for variant in variants],
    )

    def rebuild(stored, window):
        name, value = stored
        bright = value + 0.1 * (window.anomalous > 0)
        errors = [value + step for step in range(8)]
        moved = Motion(mse=errors, share=value, agreement=None if name == "crnn" else 0.25, departure=bright)
        frames = torch.stack([shade(step / 10) for step in range(8)])
        rebuilt = torch.stack([shade(bright)] * 8)
        return frames, rebuilt, moved

    monkeypatch.setattr(recurrent_frames, "reconstruct_window", rebuild)
    request, _ = video_request_for(variants=tuple(shades))
    drawing = recurrent_frames.draw_windows(request, request.sources[0], variants=BY_LAYERS)
    assert [name.split("\n")[0] for name in drawing.shown.rows] == [
        "normal",
        "CRNN",
        "CRNN",
        "8 anomalous",
        "CRNN",
        "CRNN",
    ]
    assert [name.split("\n")[1] for name in drawing.shown.rows] == ["Test001", "(1, Y)", "(3, Y)"] * 2
    frames, rebuilt, other, again, *later = map(grey_values, drawing.shown.tiles)
    assert frames == again == pytest.approx([step / 10 for step in range(8)], abs=0.01)
    assert (set(rebuilt), set(other), *map(set, later)) == ({0.2}, {0.6}, {0.3}, {0.7})
    captions = [tile.caption for tile in drawing.shown.tiles[2]]
    assert captions == [(f"MSE {0.6 + step:.4f}",) for step in range(8)]
    table = drawing.table.rows
    assert [[row[0], row[1].split(",")[0], *row[2:]] for row in table] == [
        ["CRNN (1, Y)", "normal", "3.7000", "0.200", "-", "0.200"],
        ["CRNN (3, Y)", "normal", "4.1000", "0.600", "0.250", "0.600"],
        ["CRNN (1, Y)", "8 anomalous", "3.7000", "0.200", "-", "0.300"],
        ["CRNN (3, Y)", "8 anomalous", "4.1000", "0.600", "0.250", "0.700"],
    ]
    figures = drawing.numbers["windows"][1]["models"]["crnn-recurrent_layers_3"]
    assert figures["mse"] == pytest.approx([0.6 + step for step in range(8)])
    assert (figures["share"], figures["agreement"], figures["departure"]) == (0.6, 0.25, pytest.approx(0.7))


def test_a_prediction_stands_below_its_frame_beside_the_last_seed_repeated(video_request_for, monkeypatch):
    drawn = [step / 16 for step in range(12)]
    errors = [0.01 * step for step in range(8)]
    monkeypatch.setattr(recurrent_frames, "first_cells", lambda *_: [None])

    def predict(stored, window):
        rise = 0.01 * (window.anomalous > 0)
        frames = torch.stack([shade(value) for value in drawn])
        following = [shade(value + error + rise) for value, error in zip(drawn[4:], errors, strict=True)]
        return frames, torch.stack(following)

    monkeypatch.setattr(recurrent_frames, "predict_window", predict)
    request, _ = video_request_for()
    drawing = recurrent_frames.draw_predictions(request, request.sources[0])
    normal, anomalous = drawing.numbers["windows"]
    assert normal["mse"] == pytest.approx([error**2 for error in errors], abs=1e-7)
    assert anomalous["mse"] == pytest.approx([(error + 0.01) ** 2 for error in errors], abs=1e-7)
    repeated = [(step / 16) ** 2 for step in range(1, 9)]
    assert normal["last_seed_mse"] == anomalous["last_seed_mse"] == pytest.approx(repeated, abs=1e-7)
    header, table = drawing.table.header, drawing.table.rows
    names = [name.split(",")[0] for name in header]
    assert names == ["frame", "MSE", "MSE of the last seed", "MSE", "MSE of the last seed"]
    assert table == [
        ["t" if step == 0 else f"t + {step}", f"{error**2:.4f}", last, f"{(error + 0.01) ** 2:.4f}", last]
        for step, error, last in zip(range(8), errors, (f"{value:.4f}" for value in repeated), strict=True)
    ]
    assert drawing.shown.columns[3:6] == ("t - 1", "t", "t + 1")
    shown, predicted, *_ = map(grey_values, drawing.shown.tiles)
    assert shown == pytest.approx(drawn, abs=0.01)
    assert predicted[:4] == [1] * 4  # blank: seeds are not predicted
    expected = [value + error for value, error in zip(drawn[4:], errors, strict=True)]
    assert predicted[4:] == pytest.approx(expected, abs=0.01)
    captions = [tile.caption for tile in drawing.shown.tiles[1]]
    assert captions == [("seed",)] * 4 + [(f"MSE {error**2:.4f}",) for error in errors]


def test_networks_that_do_not_do_what_a_figure_shows_are_refused(stored_as, ped2_folder):
    window = choose_windows(split_dataset(read_dataset(ped2_folder, "ucsd")).test, 12)[0]
    with pytest.raises(InvalidInputError, match="does not reconstruct clips"):
        reconstruct_window(stored_as(PREDICTOR), window)
    with pytest.raises(InvalidInputError, match="does not predict frames"):
        predict_window(stored_as(variant_named("crnn")), window)


def test_the_networks_compared_are_those_of_the_captions():
    assert [variant.short for variant in BY_LAYERS] == [
        "CRNN (1, N)", "CRNN (2, N)", "CRNN (3, N)", "CRNN (1, Y)", "CRNN (2, Y)", "CRNN (3, Y)",
    ]  # fmt: skip
    assert [variant.short for variant in BOTH_WAYS] == [
        "CRNN (1, Y)", "BiCRNN (1, Y)", "CLSTM (1, Y)", "BiCLSTM (1, Y)", "CGRU (1, Y)", "BiCGRU (1, Y)",
    ]  # fmt: skip
    assert PREDICTOR.short == "Seq2Seq CLSTM (2, N)"


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
    assert base64.b64encode(picture.read_bytes()).decode() in page.read_text()


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
    drawing = draw_ablation(request, request.sources[0], rates=(1e-6,), epochs=1)
    expected = evaluate(cells["bcae1"], ped2_folder, "ucsd").metrics["auc_roc"]
    assert drawing.numbers["before"] == {"test": pytest.approx(expected)}
    assert all(set(curve["auc_roc"]) == {"test"} for curve in drawing.numbers["curves"])
    assert len(drawing.shown.panels) == 1
    assert "allow no choice" in drawing.shown.note
