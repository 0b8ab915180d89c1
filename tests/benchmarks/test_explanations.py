"""Explanations measured: on which images, by which figures, and where they are kept."""

import shutil

import numpy as np
import pytest
import torch

from xai_ad.benchmarks import build_benchmark, explanations, measuring
from xai_ad.benchmarks.explanations import in_random_turns
from xai_ad.benchmarks.measuring import CHANCE, Measured, evidence, measure
from xai_ad.data.layouts import read_dataset, split_dataset
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain import EXPLAINERS
from xai_ad.explain.choices import Direction, Search
from xai_ad.explain.results import Attribution, Counterfactual, Rectangle
from xai_ad.store import find_model, load, load_calibration, load_measured


@pytest.fixture
def measured(monkeypatch):
    """What is measured of an image, and not how: its brightness as every figure; returns the names that were asked for."""
    asked = []

    def told(classifier, image, mask, seed, on_progress):
        asked.append(image)
        one = Measured(
            seconds=1.0,
            faithfulness=float(image.mean()),
            localisation=0.75,
            hits=mask is not None,
            pointing=0.5,
            overlap=0.25,
        )
        return dict.fromkeys((*EXPLAINERS, CHANCE), one)

    monkeypatch.setattr(measuring, "measure", told)
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
    assert [row["method"] for row in result.rows] == [*EXPLAINERS, CHANCE]
    assert found.method("lrp").localisation == (0.75,) * 4
    calibrated = {image.sha256 for image in load_calibration(stored_model).images}
    assert not calibrated & set(found.images)


def test_without_any_mask_each_kind_has_its_turn(stored_model, mvtec_folder, measured):
    shutil.rmtree(mvtec_folder / "ground_truth")
    benchmark(stored_model, mvtec_folder, images=4, record=True).run()
    (found,) = load_measured(find_model(stored_model.path))
    assert found.kinds == ("hole", "stain", "hole", "stain")
    assert found.method("lrp").hits == (False,) * 4


def test_another_seed_draws_other_images(stored_model, mvtec_folder):
    samples = [one for one in read_dataset(mvtec_folder, "mvtec").samples if one.label == 1]
    orders = [[one.sha256 for one in in_random_turns(samples, seed)] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(one.sha256 for one in samples)


def test_what_was_measured_is_not_measured_again_and_broken_files_are(
    stored_model, mvtec_folder, measured, own_home
):
    benchmark(stored_model, mvtec_folder, images=3).run()
    benchmark(stored_model, mvtec_folder, images=4).run()
    assert len(measured) == 4
    for path in (own_home / "benchmarks").glob("explanations-*.json"):
        path.write_text("{")
    benchmark(stored_model, mvtec_folder, images=4).run()
    assert len(measured) == 8
    assert load_measured(find_model(stored_model.path)) == ()  # nothing was to be recorded


def test_a_model_that_finds_nothing_is_told(stored_model, mvtec_folder, measured, monkeypatch):
    monkeypatch.setattr(explanations, "raw_score", lambda classifier, image: 0.05)
    with pytest.raises(InvalidInputError, match="finds no anomalous test image"):
        benchmark(stored_model, mvtec_folder).run()


def test_a_calibration_that_is_not_there_is_told(stored_model, mvtec_folder):
    with pytest.raises(UnknownNameError, match="no calibration 'ssim'"):
        benchmark(stored_model, mvtec_folder, calibration="ssim").run()


def test_a_table_has_means_and_spreads_and_chance(stored_model, mvtec_folder, measured):
    rows = benchmark(stored_model, mvtec_folder, images=2).run().rows
    values = [float(image.mean()) for image in measured]
    assert rows[0]["faithfulness"] == pytest.approx(np.mean(values), abs=1e-4)
    assert rows[0]["faithfulness_spread"] == pytest.approx(np.std(values), abs=1e-4)
    assert (rows[0]["hits"], rows[0]["localisation_spread"]) == (1.0, 0.0)
    assert (rows[-1]["localisation"], rows[-1]["images"]) == (None, 2)


def test_every_method_is_measured_on_an_image_and_a_random_order_beside_them(stored_model, monkeypatch):
    monkeypatch.setattr(measuring, "explainer_here", quick)
    classifier, _ = load(stored_model.path)
    image = torch.full((3, 128, 128), 0.5)
    image[:, 40:60, 40:60] = 1.0
    mask = (image[0] == 1.0).numpy()
    found = measure(classifier, image, mask)
    assert found.keys() == {*EXPLAINERS, CHANCE}
    residual = found["residual"]
    assert residual.hits
    assert residual.localisation > 0.9
    assert residual.faithfulness > found[CHANCE].faithfulness
    assert found["consensus"].seconds >= max(
        found[name].seconds for name in ("residual", "kernel_shap", "occlusion")
    )
    assert found[CHANCE].localisation is None
    unmarked = measure(classifier, image, None)
    assert {one.localisation for one in unmarked.values()} == {None}
    assert unmarked["residual"].faithfulness == residual.faithfulness


def quick(method):
    from xai_ad.explain import build_explainer

    options = {
        "lime": {"budget": 16, "n_segments": 5},
        "kernel_shap": {"budget": 16, "n_segments": 5},
        "counterfactual": {"grid": 2, "max_rectangles": 1},
        "integrated_gradients": {"steps": 2},
        "occlusion": {"window": 64, "stride": 64},
    }
    return build_explainer(method, options.get(method, {}))


def test_a_counterfactuals_evidence_is_its_rectangles():
    found = Counterfactual(
        method="counterfactual",
        direction=Direction.REPAIR,
        search=Search.EXACT,
        rectangles=(Rectangle(top=1, left=0, height=1, width=2), Rectangle(top=0, left=3, height=1, width=1)),
        pixels=np.zeros((3, 2, 4), dtype=np.float32),
        score=1.0,
        score_before=1.0,
        score_after=0.1,
        flipped=True,
        area=0.375,
        evaluations=1,
    )
    assert evidence(found).tolist() == [[0, 0, 0, 1], [1, 1, 0, 0]]
    relevance = np.arange(8, dtype=np.float32).reshape(1, 2, 4)
    attribution = Attribution(method="lrp", relevance=relevance, score=1.0, baseline=0.0, evaluations=1)
    assert np.array_equal(evidence(attribution), relevance[0])


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
