"""Strangers counted: on which pictures, and how many are named or judged right."""

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_picture
from xai_ad.benchmarks import build_benchmark, strangers
from xai_ad.benchmarks.outsiders import CHANGES, MADE_OF, blurred, darker, outsiders, shifted
from xai_ad.benchmarks.strangers import MARK
from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.data.reading import read_image
from xai_ad.errors import BenchmarkError
from xai_ad.store import load, record_familiarity
from xai_ad.training.familiarity import familiarity_of


@pytest.fixture
def sets(mvtec_folder, monkeypatch):
    """Two sets: widgets, and gadgets, which are brighter and have no model."""
    root = mvtec_folder.with_name("gadget")
    for index in range(8):
        write_picture(root / "train/good" / f"{index:03d}.png", index)
        write_picture(root / "test/good" / f"{index:03d}.png", 50 + index)
    for path in root.rglob("*.png"):
        Image.open(path).point(lambda value: min(255, value * 2)).save(path)
    known = {"widget": ("widget", "mvtec", None), "gadget": ("gadget", "mvtec", None)}
    monkeypatch.setattr(strangers, "SETS", known)
    return known


def rows_of(folder, **options):
    return build_benchmark("strangers", {"data": folder.parent, **options}).run().rows


def test_every_set_is_judged_on_its_own_the_others_and_outsiders(sets, mvtec_folder):
    rows = rows_of(mvtec_folder, images=4)
    made = [*outsiders(), *MADE_OF]
    assert [(row["model"], row["pictures"]) for row in rows] == [
        *(("widget", name) for name in ["own, normal", "own, anomalous", *CHANGES, "gadget", *made]),
        *(("gadget", name) for name in ["own, normal", *CHANGES, "widget", *made]),
    ]
    found = {(row["model"], row["pictures"]): row for row in rows}
    assert found["widget", "own, normal"]["named"] == 0
    assert found["widget", "gadget"]["named"] == found["gadget", "widget"]["named"] == 1
    assert found["widget", "own, anomalous"]["n"] == 4
    assert found["widget", "darker by 30 %"]["named_or_right"] is None  # there is no model to be right


def test_named_or_right_counts_both(sets, mvtec_folder, stored_model, monkeypatch):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"), Protocol.HELD_OUT)
    pixels = [load_pixels(part, stored_model.card.preprocessing) for part in (split.train, split.validation)]
    familiarity = familiarity_of(*pixels)
    record_familiarity(stored_model, familiarity)
    monkeypatch.setitem(sets, "widget", ("widget", "mvtec", str(stored_model.path)))
    found = {row["pictures"]: row for row in rows_of(mvtec_folder, only="widget")}
    classifier, card = load(stored_model.path)
    right = as_before = 0
    for turn, sample in enumerate([s for label in (0, 1) for s in split.test if s.label == label]):
        picture = Image.open(sample.path)
        changed = shifted(0.1)(picture, turn)
        path = sample.path.with_name("changed.png")
        changed.save(path)
        images = [read_image(source, card) for source in (sample.path, path)]
        before, now = (bool(classifier.predict(image[None]).is_anomalous) for image in images)
        named = familiarity.judge(images[1]).is_stranger
        right += named or now == bool(sample.label)
        as_before += named or now == before
        path.unlink()
    row = found["shifted by 10 %"]
    assert row["n"] == len(split.test)
    assert row["named_or_right"] == pytest.approx(right / row["n"])
    assert row["named_or_as_before"] == pytest.approx(as_before / row["n"])


def test_the_rows_stand_in_the_page_between_its_marks(sets, mvtec_folder, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{MARK}\nold\n{MARK}\nAfter.\n")
    rows = rows_of(mvtec_folder, images=2, only="gadget", page=str(page))
    text = page.read_text()
    assert text.startswith(f"Before.\n{MARK}\n\n| model | pictures | n | named |")
    assert text.endswith(f"|\n\n{MARK}\nAfter.\n")
    assert "old" not in text
    assert text.count("\n| gadget |") == len(rows)


def test_a_page_without_marks_and_a_folder_without_sets_are_refused(sets, mvtec_folder, tmp_path):
    with pytest.raises(BenchmarkError, match="has not two marks"):
        rows_of(mvtec_folder, images=1, only="gadget", page=str(tmp_path / "absent.md"))
    with pytest.raises(BenchmarkError, match="No set is at hand"):
        rows_of(tmp_path / "nowhere" / "set")


def test_changes_are_what_they_say():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 40, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    assert np.array_equal(np.asarray(darker(0.5)(picture, 0)), np.round(pixels * 0.5).astype(np.uint8))
    down, up, right, left = (np.asarray(shifted(0.1)(picture, turn)) for turn in range(4))
    assert np.array_equal(down[2:], pixels[:-2])
    assert np.array_equal(down[:2], pixels[:1].repeat(2, axis=0))
    assert np.array_equal(up[:-2], pixels[2:])
    assert np.array_equal(right[:, 4:], pixels[:, :-4])
    assert np.array_equal(left[:, :-4], pixels[:, 4:])
    assert np.asarray(blurred(0.1)(picture, 0)).std() < 0.5 * pixels.std()


def test_outsiders_are_many_and_differ():
    found = outsiders()
    assert [len(pictures) > 10 for pictures in found.values()] == [True, True]
    every = {picture.tobytes() for pictures in found.values() for picture in pictures}
    assert len(every) == sum(map(len, found.values())) - 1  # one chessboard is shipped twice
