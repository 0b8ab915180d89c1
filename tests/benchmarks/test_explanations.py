"""Explanations measured: on which images, by which figures, and where they are kept."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from xai_ad.benchmarks import build_benchmark, explanations
from xai_ad.benchmarks.explanations import in_random_turns
from xai_ad.data.layouts import Sample, read_dataset, split_dataset
from xai_ad.errors import BenchmarkError, InvalidInputError, UnknownNameError
from xai_ad.explain import EXPLAINERS
from xai_ad.metrics.medians import estimate
from xai_ad.store import find_model, load_calibration, load_measured

FIGURES = {
    "localisation": 0.75,
    "hits": 1.0,
    "pointing": 0.5,
    "iou": 0.25,
    "faithfulness": None,
    "seconds": 1.0,
    "evaluations": 5.0,
}


@pytest.fixture
def measured(monkeypatch):
    """What is measured of an image, and not how; returns what was asked for."""
    asked = []

    def told(picture, method, mask, *, repeated, randomised):
        asked.append((picture, method.id, mask, repeated, randomised))
        place = {"hits": float(mask is not None), "faithfulness": float(picture.image.mean())}
        return {**FIGURES, **place, **({"noise": 0.9} if repeated else {})}

    monkeypatch.setattr(explanations, "figures_of", told)
    monkeypatch.setattr(explanations, "raw_score", lambda classifier, image: 0.06)  # the threshold is 0.05
    return asked


def benchmark(stored, folder, **settings):
    return build_benchmark(
        "explanations", {"model": str(stored.path), "data": folder, "layout": "mvtec", **settings}
    )


def test_images_are_anomalous_found_and_marked_where_any_is(stored_model, mvtec_folder, measured):
    result = benchmark(stored_model, mvtec_folder, images=4, record=True).run()
    (found,) = load_measured(find_model(stored_model.path))
    samples = {sample.sha256: sample for sample in split_dataset(read_dataset(mvtec_folder, "mvtec")).test}
    assert found.kinds == ("hole",) * 4  # of stains there is no mask
    assert [samples[name].kind for name in found.images] == list(found.kinds)
    assert len(set(found.images)) == 4
    assert (found.calibration, found.score) == ("squared_error-held-out", "squared_error")
    assert list(dict.fromkeys(row["method"] for row in result.rows)) == list(EXPLAINERS)
    assert found.method("lrp").localisation == (0.75,) * 4
    calibrated = {image.sha256 for image in load_calibration(stored_model).images}
    assert not calibrated & set(found.images)


def test_without_any_mask_each_kind_has_its_turn(stored_model, mvtec_folder, measured):
    shutil.rmtree(mvtec_folder / "ground_truth")
    benchmark(stored_model, mvtec_folder, images=4, record=True).run()
    (found,) = load_measured(find_model(stored_model.path))
    assert found.kinds == ("hole", "stain", "hole", "stain")
    assert found.method("lrp").hits == (0.0,) * 4


def test_another_seed_draws_other_images(stored_model, mvtec_folder):
    samples = [one for one in read_dataset(mvtec_folder, "mvtec").samples if one.label == 1]
    orders = [[one.sha256 for one in in_random_turns(samples, seed)] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(one.sha256 for one in samples)


def test_of_a_kind_every_group_has_its_turn():
    samples = [
        Sample(
            path=Path(f"{kind}{group}{place}"),
            label=1,
            kind=kind,
            subset="test",
            sha256=f"{kind}{group}{place}",
            group=group,
        )
        for kind in "xy"
        for group in "abc"
        for place in range(3)
    ]
    found = list(in_random_turns(samples, 0))
    assert [sample.kind for sample in found[:6]] == ["x", "y"] * 3
    assert {sample.group for sample in found[:6:2]} == set("abc")
    assert len(found) == len(samples)


def test_the_first_pictures_alone_have_their_weights_shuffled_and_rivals_none(
    stored_model, mvtec_folder, measured, monkeypatch
):
    monkeypatch.setattr(explanations, "RANDOMISED", 2)
    result = benchmark(stored_model, mvtec_folder, images=3, rivals=3).run()
    of_lrp = [(repeated, randomised) for _, name, _, repeated, randomised in measured if name == "lrp"]
    assert of_lrp == [(True, True), (True, True), (True, False)]
    assert {repeated for _, name, _, repeated, _ in measured if name == "lime_image"} == {False}
    assert result.remarks == ("shapiq's estimators are left out: no 'shapiq' names a Python that has them.",)
    assert not any(
        repeated for _, _, _, repeated, _ in run_without_repeats(stored_model, mvtec_folder, measured)
    )


def run_without_repeats(stored, folder, measured):
    measured.clear()
    benchmark(stored, folder, images=2, repeats=0).run()
    return measured


def test_rivals_are_not_recorded(stored_model, mvtec_folder, measured):
    benchmark(stored_model, mvtec_folder, images=2, rivals=3, record=True).run()
    (found,) = load_measured(find_model(stored_model.path))
    assert [method.method for method in found.methods] == list(EXPLAINERS)


def test_a_model_that_finds_nothing_is_told(stored_model, mvtec_folder, measured, monkeypatch):
    monkeypatch.setattr(explanations, "raw_score", lambda classifier, image: 0.05)
    with pytest.raises(InvalidInputError, match="finds no anomalous test image"):
        benchmark(stored_model, mvtec_folder).run()


def test_a_calibration_that_is_not_there_is_told(stored_model, mvtec_folder):
    with pytest.raises(UnknownNameError, match="no calibration 'ssim'"):
        benchmark(stored_model, mvtec_folder, calibration="ssim").run()


def test_some_methods_alone_are_measured_and_never_recorded(stored_model, mvtec_folder, measured):
    result = benchmark(stored_model, mvtec_folder, images=2, methods="lrp, residual").run()
    assert {row["method"] for row in result.rows} == {"residual", "lrp"}
    assert len(measured) == 4
    with pytest.raises(InvalidInputError, match="Leave out 'methods', 'lrp', or --record"):
        benchmark(stored_model, mvtec_folder, methods="lrp", record=True).run()
    with pytest.raises(UnknownNameError, match="no method 'grad_cam'"):
        benchmark(stored_model, mvtec_folder, methods="lrp,grad_cam").run()
    assert len(measured) == 4


def test_a_page_without_the_models_marks_is_refused_before_anything_is_measured(
    stored_model, mvtec_folder, measured, tmp_path
):
    page = tmp_path / "page.md"
    page.write_text("<!-- widget-bcae1 -->\n")
    with pytest.raises(BenchmarkError, match="has not two marks '<!-- widget-bcae1 -->'"):
        benchmark(stored_model, mvtec_folder, page=page, record=True).run()
    assert measured == []
    assert page.read_text() == "<!-- widget-bcae1 -->\n"


def test_a_row_is_a_median_with_its_interval(stored_model, mvtec_folder, measured):
    rows = benchmark(stored_model, mvtec_folder, images=3).run().rows
    values = [round(float(picture.image.mean()), 4) for picture, name, *_ in measured if name == "lrp"]
    expected = estimate(values)
    assert {
        "model": "widget-bcae1",
        "dataset": "widget",
        "method": "lrp",
        "metric": "faithfulness",
        "median": expected.value,
        "low": expected.low,
        "high": expected.high,
        "n": 3,
    } in rows
    assert {row["metric"] for row in rows} == {*FIGURES, "noise"}


def test_what_is_shown_first_is_held_to_every_marked_image(stored_model, mvtec_folder, monkeypatch):
    monkeypatch.setattr(explanations, "raw_score", lambda classifier, image: 0.06)
    monkeypatch.setattr(explanations, "default_method", lambda stored, score: "residual")
    result = benchmark(stored_model, mvtec_folder, defaults=True).run()
    assert [row["image"].split("/")[0] for row in result.rows] == ["hole"] * 4
    assert {row["method"] for row in result.rows} == {"residual"}
    assert result.figures["share"] == np.mean([row["hits"] for row in result.rows])
    assert all(row["shows"] for row in result.rows)
    shutil.rmtree(mvtec_folder / "ground_truth")
    with pytest.raises(InvalidInputError, match="has a mask to compare with"):
        benchmark(stored_model, mvtec_folder, defaults=True).run()
