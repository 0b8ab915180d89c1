"""What a person waits for on page Compare is measured in a browser, and held against the evaluations at the floor."""

import shutil

import pytest

from xai_ad.benchmarks import build_benchmark, comparing
from xai_ad.benchmarks.comparing import engine_seconds, floor_seconds, summary
from xai_ad.errors import BenchmarkError, UnknownNameError, XaiAdError


def computed(model, method, evaluations, path="washer/dent/003"):
    question = {"model": {"id": model}, "source": {"path": path}, "explainer": {"method": method}}
    return {"question": question, "evaluations": evaluations}


def test_all_is_held_against_its_evaluations_at_each_models_floor():
    lines = [computed("a", "lime", 100), computed("b", "lime", 100), computed("a", "lrp", 20)]
    other = computed("a", "lime", 999, path="washer/dent/001")
    found = summary([*lines, other], [9.0], {"a": 40.0, "b": 50.0}, "dent/003")
    assert (found["explanations"], found["computed_twice"], found["evaluations"]) == (3, 0, 220)
    assert found["floor_seconds"] == pytest.approx(120 / 40 + 100 / 50)
    assert found["ratio"] == pytest.approx(9 / 5)


def test_what_is_computed_once_more_is_counted():
    lines = [computed("a", "lime", 10)] * 3 + [computed("a", "lrp", 1)] * 2
    assert summary(lines, [1.0], {"a": 10.0}, "dent/003")["computed_twice"] == 3


def test_without_a_browser_it_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(BenchmarkError, match="There is no chromium on the path"):
        build_benchmark("compare").run()


def test_a_model_that_is_not_there_is_named():
    with pytest.raises(XaiAdError, match="nosuch"):
        build_benchmark("compare", {"models": "washer-bcae1,nosuch"}).run()


@pytest.mark.parametrize(
    "given", [{"sample": "dent/999"}, {"warm": "dent/999"}, {"alone": "dent/002,dent/999"}]
)
def test_a_sample_that_is_not_there_is_named_before_anything_is_started(given, monkeypatch):
    monkeypatch.setattr(comparing, "browser_here", lambda: pytest.fail("A browser was looked for."))
    with pytest.raises(UnknownNameError, match=r"There is no sample 'dent/999'\. Choose one of"):
        build_benchmark("compare", given).run()


def test_without_a_browser_every_cell_is_computed_and_its_evaluations_counted_by_model():
    seconds, evaluations = engine_seconds(["washer-bcae1", "washer-ks_cae"], ["residual", "lrp"], "dent/007")
    assert seconds > 0
    assert evaluations == {"washer-bcae1": 1 + 2, "washer-ks_cae": 1 + 2}


def test_each_models_evaluations_take_what_its_own_floor_says():
    assert floor_seconds({"a": 80, "b": 50}, {"a": 40.0, "b": 25.0}) == 4.0
