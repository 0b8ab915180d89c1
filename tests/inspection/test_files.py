"""What can be taken away holds what the page shows, under names made of harmless letters."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from xai_ad.data.fitting import Cut
from xai_ad.detector.familiarity import Cause, Likeness
from xai_ad.explain import CounterfactualSearch, Lime, Residual
from xai_ad.inspection.cases import explain, open_case
from xai_ad.inspection.files import (
    ARCHIVED_SIDE,
    archive_zip,
    file_stem,
    map_npy,
    picture_png,
    record_json,
    run_lengths,
    verdict_record,
)
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.models import open_model
from xai_ad.inspection.pictures import View, caption_of, drawn, pictures_of
from xai_ad.inspection.repeating import reopen
from xai_ad.presentation import render
from xai_ad.presentation.render import encode_png, to_image
from xai_ad.presentation.scales import shown_map
from xai_ad.presentation.words import figure
from xai_ad.store import JudgedImage
from xai_ad.ui import components
from xai_ad.ui.showing.card import card_of

LIME = Lime(budget=20, n_segments=10)
AT = datetime(2026, 11, 29, 14, 30, tzinfo=UTC)
VIEW = View(opacity=0.5, starts={"region": 0.02, "density": 0.1}, at=AT)


@pytest.fixture
def make_case(stored_model):
    def make(name="washer/scratch/003", size=(128, 128), **told):
        noise = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
        photo = make_image_file(name, encode_png(to_image(noise)))
        return open_case(open_model(stored_model), photo, **told)

    return make


def judged(case, times, likeness=None):
    """Return the case with another score, in multiples of a limit that other images would have put elsewhere."""
    record = case.model.record
    images = [
        JudgedImage(score=(0.5 + place / 40) * 0.05, label=label, kind="any", sha256=f"{place:064d}")
        for place in range(40)
        for label in ([0] if place < 16 else [0, 1] if place < 24 else [1])
    ]
    model = replace(case.model, record=replace(record, images=tuple(images)))
    scores = torch.tensor([times * record.calibration.threshold])
    return replace(case, model=model, prediction=replace(case.prediction, scores=scores), likeness=likeness)


STRANGER = Likeness(p_value=0.01, is_stranger=True, cause=Cause.LIGHT, distance=2.0)


def picture(case, explainer):
    return pictures_of(case, {explainer: explain(case, explainer)})[explainer.id]


def opened(content):
    return Pillow.open(io.BytesIO(content))


def pixels(image):
    return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("explainer", [Residual(), LIME])
def test_a_map_lies_on_the_original_as_the_overlays_own_formula_paints_it(make_case, explainer):
    cut = Cut(top=60, left=30, height=530, width=520)
    case = judged(make_case(size=(640, 580), fit=cut), 0.5)
    found = opened(picture_png(case, picture(case, explainer), VIEW))
    photo = opened(case.image_file.content).convert("RGB")
    assert (found.format, found.width) == ("PNG", photo.width)
    explanation = explain(case, explainer).explanation
    shown = shown_map(explanation, case.model.record.calibration)
    start = float(shown.scale.value(np.array(VIEW.starts[str(shown.scale.unit)])))
    assert 0 < (np.abs(shown.values) >= start).mean() < 1  # something is drawn, and something cut
    by_segment = explanation.by_segment
    expected = render.overlay(
        photo.crop((30, 60, 550, 590)),
        replace(shown, scale=replace(shown.scale, start=start)),
        opacity=0.5,
        unsure=by_segment.unsure_pixels[0] if by_segment and by_segment.unsure is not None else None,
    )
    inside = pixels(found)[64:586, 34:546]  # within the frame
    np.testing.assert_array_equal(inside, pixels(expected)[4:-4, 4:-4])
    np.testing.assert_array_equal(pixels(found)[:56, :], pixels(photo)[:56, :])
    assert found.getpixel((300, 60)) == (255, 210, 63)  # the frame


def test_evidence_is_outlined_on_what_does_not_pass_alone(make_case):
    case = make_case(size=(600, 600))
    shown = picture(case, Residual())
    passing, failing = (drawn(judged(case, times), shown, View(at=AT)) for times in (0.5, 2.0))
    assert (pixels(passing)[:600] != pixels(failing)[:600]).any()


def test_a_picture_of_the_network_covers_what_it_saw(make_case):
    case = make_case(size=(600, 600))
    found = drawn(case, pictures_of(case, {})["reconstruction"], VIEW)
    rebuilt = to_image(case.prediction.reconstructions[0]).resize((600, 600), Pillow.Resampling.NEAREST)
    np.testing.assert_array_equal(pixels(found)[:600], pixels(rebuilt))


def test_a_large_photograph_is_reduced_where_it_is_asked_for(make_case):
    case = make_case(size=(900, 1200), fit=Cut(top=0, left=0, height=900, width=900))
    assert drawn(case, picture(case, Residual()), VIEW).width == 1200
    assert drawn(case, picture(case, Residual()), VIEW, largest=600).width == 600


@pytest.mark.parametrize(
    ("times", "likeness", "word"),
    [
        (4.0, None, "FAIL"),
        (0.1, None, "PASS"),
        (1.0, None, "LOOK AT IT: too close to the limit to call"),
        (0.1, STRANGER, "CANNOT JUDGE: not like the training pictures"),
    ],
)
def test_every_file_says_the_verdict_of_the_screen(make_case, times, likeness, word):
    case = judged(make_case(), times, likeness)
    shown = picture(case, Residual())
    caption, record = caption_of(case, shown, VIEW), verdict_record(case, VIEW)
    card = card_of(case)
    assert caption.verdict == word
    assert f"Score {figure(times)} times the limit" in caption.figures
    assert any("explains no verdict" in line for line in caption.lines) == (likeness is not None)
    names = ("verdict", "state", "score", "limit")
    assert [record[name] for name in names] == [card[name] for name in names]
    assert (record["headline"] or "") == card["headline"]
    assert record["cause"] == (likeness and "light")
    readme = zipfile.ZipFile(io.BytesIO(archive_zip(case, {}, VIEW))).read("README.txt").decode()
    assert word in readme


def test_a_caption_names_what_the_picture_was_made_from(make_case):
    case = make_case("part.png", fit=Cut(top=10, left=0, height=100, width=100))
    lines = " ".join(caption_of(case, picture(case, LIME), VIEW).lines)
    for told in ("LIME", "50\N{NO-BREAK SPACE}%", "widget-bcae1", "part.png", "2026-11-29 14:30 UTC"):
        assert told in lines
    assert case.image_file.sha256[:12] in lines
    assert "100 x 100 pixels from row 10, column 0" in lines
    assert "Settings differ: budget 20 (default 1,000) and regions 10 (default 50)." in lines


def test_the_record_is_the_contracts_and_the_screens(make_case):
    case = make_case()
    timed = explain(case, LIME)
    record = json.loads(record_json(case, LIME, timed, VIEW))
    assert (record["method"], record["model"]) == ("lime", "widget-bcae1")
    assert record["image_sha256"] == case.image_file.sha256
    assert (record["score"], record["threshold"]) == (timed.explanation.score, 0.05)
    assert record["rectangles"] is None
    assert record["regions"] == sorted(record["regions"], key=lambda region: -region["strength"]) != []
    shown = record["shown"]
    assert shown["score"] == pytest.approx(record["score"] / 0.05)
    assert (shown["limit"], shown["opacity"], shown["made_at"]) == (1.0, 0.5, "2026-11-29T14:30:00+00:00")
    assert shown["segments_in_limits"] == [row["value"] / 0.05 for row in record["segments"]]
    scale = shown_map(timed.explanation, case.model.record.calibration).scale
    assert shown["hidden_below"] == pytest.approx(float(scale.value(np.array(0.02))))


@pytest.mark.parametrize("explainer", [Residual(), LIME, CounterfactualSearch(grid=2)])
def test_the_command_line_repeats_the_record_to_the_byte(make_case, tmp_path, explainer):
    case = make_case("part.png")
    (tmp_path / "part.png").write_bytes(case.image_file.content)
    file = tmp_path / "record.json"
    file.write_bytes(record_json(case, explainer, explain(case, explainer), VIEW))
    reopen(file).write(tmp_path / "again")
    assert (tmp_path / "again" / "explanation.json").read_bytes() == file.read_bytes()


def test_the_map_is_the_relevance(make_case):
    case = make_case()
    explanation = explain(case, Residual()).explanation
    np.testing.assert_array_equal(np.load(io.BytesIO(map_npy(explanation))), explanation.relevance[0])


def test_run_lengths_hold_every_label():
    segments = np.random.default_rng(0).integers(0, 3, (7, 5))
    found = run_lengths(segments)
    labels = np.concatenate([np.full(length, label) for label, length in found["runs"]])
    np.testing.assert_array_equal(labels.reshape(found["height"], found["width"]), segments)


def test_the_archive_holds_everything_and_says_what_it_is(make_case):
    case = make_case(size=(300, 1700), fit=Cut(top=0, left=0, height=300, width=300))
    ready = {explainer: explain(case, explainer) for explainer in (Residual(), LIME)}
    archive = zipfile.ZipFile(io.BytesIO(archive_zip(case, ready, VIEW)))
    names = set(archive.namelist())
    assert names == {
        "README.txt", "photo.png", "verdict.json", "seen.png", "reconstruction.png", "ssim.png", "ssim.npy", "typical.png",
        "residual.png", "residual.json", "residual.npy",
        "lime.png", "lime.json", "lime.npy", "lime.segments.npy",
    }  # fmt: skip
    assert archive.testzip() is None
    assert archive.read("photo.png") == case.image_file.content
    readme = archive.read("README.txt").decode()
    assert all(f"\n{name} " in readme for name in names - {"README.txt"})
    assert opened(archive.read("lime.png")).width == ARCHIVED_SIDE
    assert archive.read("lime.json") == record_json(case, LIME, ready[LIME], VIEW)
    by_segment = ready[LIME].explanation.by_segment
    np.testing.assert_array_equal(
        np.load(io.BytesIO(archive.read("lime.segments.npy"))), by_segment.segments[0]
    )


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("washer/scratch/003", "washer-scratch-003"),
        ("../../etc/<b>x</b>.png", "etc-b-x-b"),
        ("\u202egnp.png", "gnp"),
        ("....", "photo"),
        ("x" * 300 + ".png", "x" * 60),
    ],
)
def test_names_are_made_of_harmless_letters(make_case, name, stem):
    assert file_stem(make_case(name), "lime") == f"{stem}.widget-bcae1.lime"


def test_a_page_begins_with_the_opacity_that_files_have():
    script = (Path(components.__file__).parent / "drawing" / "view.js").read_text()
    (told,) = re.findall(r"opacity: \{ map: ([\d.]+), picture: ([\d.]+)", script)
    assert (View().opacity, View().picture_opacity) == tuple(map(float, told))


def test_what_is_outlined_on_the_screen_is_outlined_in_the_file(make_case):
    case = make_case(size=(600, 600))
    shown = picture(case, Residual())
    with_it, without = (
        pixels(drawn(judged(case, 2.0), shown, View(at=AT, outlined=one)))[:600] for one in (True, False)
    )
    begun = pixels(drawn(judged(case, 2.0), shown, View(at=AT)))[:600]
    assert (with_it == begun).all()
    assert (with_it != without).any()
