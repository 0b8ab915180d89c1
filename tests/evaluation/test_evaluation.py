import shutil
from dataclasses import replace

import numpy as np
import pytest

from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.data.reading import read_image
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import DatasetError
from xai_ad.evaluation import evaluate
from xai_ad.metrics.localisation import pixel_auc_roc
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.store import JudgedImage, add_calibration, load, load_calibration

KEYS = {
    "model", "dataset", "layout", "protocol", "n_normal", "n_anomalous", "auc_roc", "auc_pr", "f1", "precision",
    "recall", "specificity", "eer", "threshold", "score_max", "per_class", "weighted", "pixel_auc_roc",
    "aupro", "auc_roc_ssim", "pixel_auc_roc_ssim", "aupro_ssim",
}  # fmt: skip


def test_an_evaluation_has_the_contracts_keys_and_only_reported_images(stored_model, mvtec_folder):
    result = evaluate(stored_model, mvtec_folder, "mvtec")
    assert set(result.metrics) == KEYS
    assert (result.metrics["n_normal"], result.metrics["n_anomalous"]) == (4, 8)
    assert set(result.metrics["per_class"]) == {"hole", "stain"}
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    assert set(result.record.sha256) == {sample.sha256 for sample in split.test}


def test_components_are_computed_where_they_are_asked_for_and_images_are_reconstructed_once(
    stored_model, mvtec_folder, monkeypatch
):
    seen = {"answer": 0, "embed_windows": 0}
    for name in seen:
        whole = getattr(ConvolutionalAutoencoder, name)

        def counted(network, windows, name=name, whole=whole):
            seen[name] += len(windows)
            return whole(network, windows)

        monkeypatch.setattr(ConvolutionalAutoencoder, name, counted)
    assert evaluate(stored_model, mvtec_folder, "mvtec").components is None
    assert seen == {"answer": 12, "embed_windows": 0}
    assert evaluate(stored_model, mvtec_folder, "mvtec", components=True).components.shape == (12, 16)
    assert seen == {"answer": 24, "embed_windows": 12}


def test_recorded_scores_are_the_classifiers(stored_model, mvtec_folder):
    classifier, card = load(stored_model.path)
    result = evaluate(stored_model, mvtec_folder, "mvtec")
    samples = {sample.sha256: sample for sample in read_dataset(mvtec_folder, "mvtec").samples}
    for image in result.images:
        score = float(classifier(read_image(samples[image.sha256].path, card)[None])[0])
        assert image.score == pytest.approx(score, rel=1e-3)


def test_no_figure_uses_a_threshold_that_saw_the_reported_images(stored_model, mvtec_folder):
    reported = split_dataset(read_dataset(mvtec_folder, "mvtec")).test[0]
    seen = JudgedImage(score=0.1, label=reported.label, kind=reported.kind, sha256=reported.sha256)
    leaking = add_calibration(
        stored_model, replace(load_calibration(stored_model), id="leaking", images=(seen,))
    )
    metrics = evaluate(leaking, mvtec_folder, "mvtec").metrics
    assert [metrics[name] for name in ("f1", "precision", "recall", "weighted")] == [None] * 4
    assert metrics["auc_roc"] is not None


def test_the_thesis_protocol_reports_all_and_sets_its_threshold_on_them(stored_model, mvtec_folder):
    metrics = evaluate(stored_model, mvtec_folder, "mvtec", protocol=Protocol.THESIS).metrics
    assert (metrics["n_normal"], metrics["n_anomalous"]) == (6, 10)
    assert metrics["threshold"] != 0.05
    assert metrics["f1"] is not None


def test_without_masks_the_pixel_figure_is_null(stored_model, mvtec_folder):
    shutil.rmtree(mvtec_folder / "ground_truth")
    metrics = evaluate(stored_model, mvtec_folder, "mvtec").metrics
    figures = [metrics[f"{name}{score}"] for name in ("pixel_auc_roc", "aupro") for score in ("", "_ssim")]
    assert figures == [None] * 4
    assert metrics["auc_roc_ssim"] is not None


def test_pixel_figures_are_the_squared_errors_and_what_ssim_gives_stands_beside(stored_model, mvtec_folder):
    scored = evaluate(stored_model, mvtec_folder, "mvtec").metrics
    record = load_calibration(stored_model)
    ssim = replace(record.calibration, scoring=Scoring(score=Score.SSIM))
    by_ssim = replace(record, id="by-ssim", calibration=ssim)
    judged = evaluate(add_calibration(stored_model, by_ssim), mvtec_folder, "mvtec")
    rescored = judged.metrics
    same = ("pixel_auc_roc", "aupro", "auc_roc_ssim", "pixel_auc_roc_ssim", "aupro_ssim")
    assert [rescored[name] for name in same] == [scored[name] for name in same]
    classifier, card = load(stored_model.path)
    assert classifier.calibration.scoring.score is Score.SSIM
    samples = {sample.sha256: sample for sample in read_dataset(mvtec_folder, "mvtec").samples}
    assert [scores.score for scores in judged.record.scores] == [Score.SSIM, Score.SQUARED_ERROR]
    for image in judged.record.images(ssim.scoring):
        score = float(classifier(read_image(samples[image.sha256].path, card)[None])[0])
        assert image.score == pytest.approx(score, rel=1e-4)
    assert scored["pixel_auc_roc"] != scored["pixel_auc_roc_ssim"]


def test_a_folder_has_nothing_to_report(stored_model, mvtec_folder):
    with pytest.raises(DatasetError, match="no images to report on"):
        evaluate(stored_model, mvtec_folder / "train/good", "folder")


def test_pixel_figures_are_of_the_images_whose_masks_are_known(stored_model, mvtec_folder, monkeypatch):
    monkeypatch.setattr("xai_ad.detector.streams.BATCH_SIZE", 5)
    metrics = evaluate(stored_model, mvtec_folder, "mvtec").metrics
    classifier, card = load(stored_model.path)
    test = split_dataset(read_dataset(mvtec_folder, "mvtec")).test
    maps, masks = [], []
    for sample in test:
        if sample.kind == "stain":  # has no masks
            continue
        error_map = classifier.predict(read_image(sample.path, card)[None]).error_maps[0].numpy()
        mask = np.zeros(error_map.shape, dtype=bool)
        if sample.kind == "hole":
            mask[32:64, 32:64] = True
        maps.append(error_map)
        masks.append(mask)
    assert len(maps) == 8
    expected = pixel_auc_roc(np.array(maps), np.array(masks))
    assert metrics["pixel_auc_roc"] == pytest.approx(expected, abs=1e-6)
