"""Every shipped model loads, and judges generated samples as it did when it was shipped."""

import json
from pathlib import Path

import pytest

from xai_ad.data.images import read_image, sha256_of
from xai_ad.data.layouts import read_dataset, split_dataset
from xai_ad.data.specs import dataset_spec
from xai_ad.store import SHIPPED, find_model, load, load_calibration, load_evaluation

ROOT = Path(__file__).resolve().parent.parent
RECORDED = json.loads((Path(__file__).parent / "shipped_scores.json").read_text())
MODELS = [find_model(path) for path in sorted(SHIPPED.iterdir()) if path.is_dir()]


def test_the_promised_models_are_shipped():
    assert {"washer-bcae1", "bottle-bcae1"} <= {stored.card.id for stored in MODELS}
    assert {stored.card.id for stored in MODELS} == set(RECORDED)
    assert [stored.path.name for stored in MODELS] == [stored.card.id for stored in MODELS]


def test_shipped_models_stay_small():
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 120e6


@pytest.mark.parametrize("stored", MODELS, ids=lambda stored: stored.card.id)
def test_a_shipped_model_reproduces_its_recorded_scores(stored):
    classifier, card = load(stored.path)
    for sample, score in RECORDED[stored.card.id].items():
        image = read_image(ROOT / "sample_data" / sample, card)
        assert float(classifier(image[None])[0]) == pytest.approx(score, rel=1e-3)


@pytest.mark.parametrize("stored", MODELS, ids=lambda stored: stored.card.id)
def test_a_shipped_card_carries_its_evaluation_and_its_licence(stored):
    card = stored.card
    assert {"auc_roc", "pixel_auc_roc", "protocol"} <= set(card.metrics["held-out"])
    assert card.licence == dataset_spec(card.dataset).licence
    evaluated = load_evaluation(stored)
    assert len(evaluated) == card.split.counts["test"]
    calibrated = {image.sha256 for image in load_calibration(stored).images}
    assert not calibrated & {image.sha256 for image in evaluated}


@pytest.mark.parametrize(
    "stored",
    [stored for stored in MODELS if dataset_spec(stored.card.dataset).generated],
    ids=lambda s: s.card.id,
)
def test_a_generated_sets_split_is_the_cards(stored):
    dataset = read_dataset(ROOT / "sample_data" / stored.card.dataset, stored.card.layout)
    split = split_dataset(dataset)
    assert split.counts == stored.card.split.counts
    assert {image.sha256 for image in load_evaluation(stored)} == {sample.sha256 for sample in split.test}


def test_a_recorded_sample_is_the_file_that_is_shipped():
    _, card = load("washer-bcae1")
    scores = {image.sha256: image.score for image in load_evaluation("washer-bcae1")}
    scores |= {image.sha256: image.score for image in load_calibration("washer-bcae1").images}
    for sample, score in RECORDED[card.id].items():
        assert scores[sha256_of(ROOT / "sample_data" / sample)] == pytest.approx(score, rel=1e-3)


@pytest.mark.parametrize("stored", MODELS, ids=lambda stored: stored.card.id)
def test_the_washers_are_hard_enough_to_tell_models_apart(stored):
    figure = stored.card.metrics["held-out"]["auc_roc"]
    assert figure >= {"washer": 0.80, "bottle": 0.93}.get(stored.card.dataset, 0.5)
    if dataset_spec(stored.card.dataset).generated:
        assert figure < 1
