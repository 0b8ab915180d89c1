import io
import json
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import write_picture
from tests.data.videos.writing import write_video
from xai_ad.cli.parsing import terminal_progress
from xai_ad.data import cutting
from xai_ad.data.decoding import opening
from xai_ad.data.fitting import Cut, Fit
from xai_ad.data.reading import read_image
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import Cancelled, InvalidInputError
from xai_ad.explain import Lrp, Residual
from xai_ad.inspection import batch
from xai_ad.inspection.batch import inspect_files, judge_files
from xai_ad.store import load


@pytest.fixture
def parts(tmp_path):
    """Forty images: more than a batch, and an odd number of the next."""
    return [write_picture(tmp_path / "parts" / f"{index:02d}.png", index) for index in range(40)]


@pytest.fixture
def opened(monkeypatch):
    """What was read and what was decoded, one name an opening."""
    seen = {"read": [], "decoded": []}
    whole_read, whole_decode = opening.bytes_of, Image.open

    def read(source):
        if not isinstance(source, bytes):
            seen["read"].append(source.name)
        return whole_read(source)

    def decode(*args, **options):
        seen["decoded"].append(1)
        return whole_decode(*args, **options)

    monkeypatch.setattr(opening, "bytes_of", read)
    monkeypatch.setattr(Image, "open", decode)
    return seen


def results_in(output):
    return json.loads((output / "results.json").read_text())["results"]


def test_images_are_judged_in_order_as_they_are_alone(stored_model, parts):
    detector, card = load(stored_model.path)
    rows = [row for row, _ in judge_files(detector, card, parts)]
    assert [row.path for row in rows] == [str(path) for path in parts]
    for row, path in zip(rows, parts, strict=True):
        alone = detector.predict(read_image(path, card)[None])
        assert row.score == pytest.approx(float(alone.scores[0]), rel=1e-6)
        assert row.normalised_score == pytest.approx(float(alone.normalised[0]), rel=1e-6)
        assert (row.threshold, row.is_anomalous) == (0.05, bool(alone.is_anomalous[0]))


def test_what_cannot_be_read_keeps_its_place(stored_model, parts):
    parts[3].write_text("no image")
    parts[33].unlink()
    detector, card = load(stored_model.path)
    rows = [row for row, _ in judge_files(detector, card, parts)]
    assert [row.path for row in rows] == [str(path) for path in parts]
    assert [index for index, row in enumerate(rows) if row.score is None] == [3, 33]
    assert "is not a PNG" in rows[3].error
    assert "cannot be read" in rows[33].error


def test_forwards_are_batched_and_every_file_is_opened_once(stored_model, parts, opened, monkeypatch):
    detector, card = load(stored_model.path)
    sizes = []
    whole = AnomalyClassifier.predict
    monkeypatch.setattr(
        AnomalyClassifier, "predict", lambda self, stack: sizes.append(len(stack)) or whole(self, stack)
    )
    list(judge_files(detector, card, parts))
    assert sizes == [32, 8]
    assert sorted(opened["read"]) == [path.name for path in parts]
    assert len(opened["decoded"]) == 40


def test_an_image_with_two_methods_is_read_and_decoded_once(stored_model, parts, tmp_path, opened):
    inspect_files(stored_model.path, parts[:3], tmp_path / "out", explainers=[Residual(), Lrp()])
    assert sorted(opened["read"]) == ["00.png", "01.png", "02.png"]
    assert len(opened["decoded"]) == 3
    assert len(list((tmp_path / "out").rglob("overlay.png"))) == 6


def test_no_more_is_read_ahead_than_a_batch_and_its_readers(stored_model, parts, opened):
    detector, card = load(stored_model.path)
    judged = judge_files(detector, card, parts, keep=True)
    next(judged)
    judged.close()
    assert len(opened["read"]) <= 2 + batch.READERS


def test_the_model_is_loaded_once(stored_model, parts, tmp_path, monkeypatch):
    loads = []
    monkeypatch.setattr(batch, "load", lambda model, **named: loads.append(model) or load(model, **named))
    inspect_files(stored_model.path, parts[:2], tmp_path / "out", explainers=[Residual()])
    assert len(loads) == 1


def test_images_and_clips_stay_in_their_order(stored_model, parts, tmp_path):
    clip = write_video(tmp_path / "walk.mkv", 3)
    rows = inspect_files(stored_model.path, [parts[0], clip, parts[1], parts[2]], tmp_path / "out")
    assert [row.path for row in rows] == [str(path) for path in (parts[0], clip, parts[1], parts[2])]
    assert [row.frame is None for row in rows] == [True, False, True, True]


@pytest.mark.parametrize("error", [KeyboardInterrupt, Cancelled("Stopped.")])
def test_what_was_judged_is_kept_whatever_ends_the_rest(stored_model, parts, tmp_path, monkeypatch, error):
    whole, calls = AnomalyClassifier.predict, []

    def stop_at_the_second(self, stack):
        calls.append(1)
        if len(calls) == 2:
            raise error
        return whole(self, stack)

    monkeypatch.setattr(AnomalyClassifier, "predict", stop_at_the_second)
    with pytest.raises((KeyboardInterrupt, Cancelled)):
        inspect_files(stored_model.path, parts, tmp_path / "out")
    assert [row["path"] for row in results_in(tmp_path / "out")] == [str(path) for path in parts[:32]]


def test_stopping_within_an_explanation_is_no_error_of_its_image(stored_model, parts, tmp_path):
    def stop(fraction):
        if fraction > 0.3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        inspect_files(
            stored_model.path, parts[:2], tmp_path / "out", explainers=[Residual(), Lrp()], on_progress=stop
        )
    assert results_in(tmp_path / "out") == []


def test_what_a_method_refuses_stands_in_the_row(stored_model, parts, tmp_path, monkeypatch):
    def refuse(*arguments):
        raise InvalidInputError("not this one")

    monkeypatch.setattr(Residual, "_explain", refuse)
    rows = inspect_files(stored_model.path, parts[:2], tmp_path / "out", explainers=[Residual()])
    assert [(row.score is None, row.error) for row in rows] == [(False, "not this one")] * 2


def test_progress_never_falls_and_counts_explanations(stored_model, parts, tmp_path):
    seen = []
    inspect_files(
        stored_model.path,
        parts[:2],
        tmp_path / "out",
        explainers=[Residual(), Lrp()],
        on_progress=seen.append,
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert {0.25, 0.5, 0.75} <= set(seen)


def test_an_inspection_with_methods_has_one_line_of_progress(stored_model, parts, tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    inspect_files(
        stored_model.path,
        parts[:2],
        tmp_path / "out",
        explainers=[Residual(), Lrp()],
        on_progress=terminal_progress("Inspecting"),
    )
    written = terminal.getvalue()
    assert {line.split()[0] for line in written.split("\r") if line} == {"Inspecting"}
    assert written.endswith("100%\n")
    assert written.count("\n") == 1


def test_a_damaged_model_is_no_row(stored_model, parts, tmp_path, monkeypatch):
    monkeypatch.setattr(
        AnomalyClassifier, "reconstruct", lambda self, stack: torch.full_like(stack, float("nan"))
    )
    with pytest.raises(Exception, match="scores that are no numbers"):
        inspect_files(stored_model.path, parts[:2], tmp_path / "out")


@pytest.fixture
def wide(tmp_path):
    """An image of 4:3 with a bright left end, and its middle and its padded whole as files of their own."""
    pixels = np.random.default_rng(0).integers(0, 80, (60, 80, 3), dtype=np.uint8)
    pixels[:, :10] = 255
    margin = np.broadcast_to(np.uint8(cutting.border_colour(Image.fromarray(pixels))), (10, 80, 3))
    kinds = {
        "wide": pixels,
        "middle": pixels[:, 10:70],
        "padded": np.concatenate([margin, pixels, margin]),
        "squeezed": np.asarray(Image.fromarray(pixels).resize((128, 128), Image.Resampling.BILINEAR)),
        "drawn": pixels[5:35, 40:70],
    }
    for name, content in kinds.items():
        Image.fromarray(content).save(tmp_path / f"{name}.png")
    return {name: tmp_path / f"{name}.png" for name in kinds}


RULES = {
    Fit.CROP: ("middle", "judged by its middle"),
    Fit.PAD: ("padded", "judged whole, with a margin"),
    Fit.STRETCH: ("squeezed", "judged whole, squeezed"),
}


@pytest.mark.parametrize("keep", [False, True], ids=["in batches", "one by one"])
@pytest.mark.parametrize("fit", RULES)
def test_an_image_of_another_shape_is_judged_as_what_is_seen_of_it(square_model, wide, fit, keep):
    detector, card = load(square_model.path)
    same, words = RULES[fit]
    (row, _), (square, _) = judge_files(detector, card, [wide["wide"], wide[same]], fit=fit, keep=keep)
    assert row.score == pytest.approx(square.score, rel=1e-6)
    assert (square.shape, square.fit, square.note) == (None, None, None)
    assert (row.shape, row.fit) == ("4:3", str(fit))
    assert row.note == f"It is 4:3 and the model's pictures are 1:1: {words}."


@pytest.mark.parametrize("keep", [False, True], ids=["in batches", "one by one"])
def test_a_drawn_rectangle_is_judged_of_every_image(square_model, wide, keep):
    detector, card = load(square_model.path)
    fit = Cut(top=5, left=40, height=30, width=30)
    ((row, _),) = judge_files(detector, card, [wide["wide"]], fit=fit, keep=keep)
    ((drawn, _),) = judge_files(detector, card, [wide["drawn"]])
    assert row.score == pytest.approx(drawn.score, rel=1e-6)
    assert (row.shape, row.fit) == ("4:3", "5,40,30,30")
    assert row.note == "Judged by the rectangle of 30x30 pixels from row 5 and column 40."


def test_a_model_that_does_not_know_its_images_shape_says_so_and_stretches(stored_model, wide):
    detector, card = load(stored_model.path)
    (row, _), (square, _) = judge_files(detector, card, [wide["wide"], wide["squeezed"]])
    assert row.score == pytest.approx(square.score, rel=1e-6)
    assert (row.fit, square.fit) == ("stretch", None)
    assert (
        row.note == "It is 4:3 and what shape the model's pictures had is not known: judged whole, squeezed."
    )


def test_an_unfit_rectangle_is_an_error_in_its_row(square_model, wide):
    detector, card = load(square_model.path)
    ((row, _),) = judge_files(detector, card, [wide["wide"]], fit=Cut(top=60, left=0, height=30, width=30))
    assert row.score is None
    assert "lies beside the picture, which has 80x60 pixels" in row.error
