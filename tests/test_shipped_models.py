"""Every shipped model loads, and judges generated samples as it did when it was shipped."""

import json
from pathlib import Path

import pytest

from xai_ad.data.decoding import sha256_of
from xai_ad.data.fitting import Fit
from xai_ad.data.layouts import read_dataset, split_dataset
from xai_ad.data.reading import read_image
from xai_ad.data.specs import dataset_spec
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import open_frames
from xai_ad.inspection.methods import default_method, known_for
from xai_ad.inspection.scorings import best_calibration, best_model
from xai_ad.machine.places import shipped_models
from xai_ad.store import default_models, find_model, load, load_calibration, load_evaluation
from xai_ad.store.records import SCHEMA

ROOT = Path(__file__).resolve().parent.parent
RECORDED = json.loads((Path(__file__).parent / "shipped_scores.json").read_text())
PROMISED = {
    "washer-bcae1", "washer-bcae1-svdd", "washer-bcae2", "washer-ks_cae",
    "washer-aa_cae", "washer-se_cae", "washer-sa_cae", "washer-ssa_cae", "lesion-bcae1",
    "lesion-bcae1-svdd", "lesion-ssa_cae", "bottle-bcae1", "bottle-bcae1-svdd", "bottle-ssa_cae",
    "bottle-ks_cae-compound", "ham10000-bcae1", "ham10000-bcae1-svdd", "ped2-bcae1", "ped2-bcae1-svdd",
    "ped2-bcae1-compound", "ped2-cgru", "ped2-seq2seq_cgru", "ped2-motion_cae", "walkway-bcae1",
    "walkway-cgru", "walkway-motion_cae",
}  # fmt: skip
RECORDED_CLIPS = json.loads((Path(__file__).parent / "shipped_clip_scores.json").read_text())
"""By model, the frames' scores of pictures that are taken for a clip."""
CLIP = ROOT / "sample_data" / "washer" / "test" / "good"
MODELS = [find_model(path) for path in sorted(shipped_models().iterdir()) if path.is_dir()]


def test_the_promised_models_are_shipped():
    assert {stored.card.id for stored in MODELS} == PROMISED
    assert {stored.card.id for stored in MODELS} == set(RECORDED) | set(RECORDED_CLIPS)
    assert [stored.path.name for stored in MODELS] == [stored.card.id for stored in MODELS]


def test_shipped_models_stay_small():
    assert sum(path.stat().st_size for path in shipped_models().rglob("*") if path.is_file()) < 120e6


@pytest.mark.parametrize(
    "stored", [find_model(name) for name in RECORDED_CLIPS], ids=lambda stored: stored.card.id
)
def test_a_shipped_model_of_videos_reproduces_its_recorded_scores(stored):
    scorer, card = load(stored.path)
    stream = FrameStream(open_frames(CLIP), card.preprocessing)
    scores = [frame.score for frame in scorer.score_frames(stream)]
    assert scores == pytest.approx(RECORDED_CLIPS[card.id], rel=1e-3)


@pytest.mark.parametrize("stored", [find_model(name) for name in RECORDED], ids=lambda stored: stored.card.id)
def test_a_shipped_model_reproduces_its_recorded_scores(stored):
    classifier, card = load(stored.path)
    for sample, score in RECORDED[stored.card.id].items():
        image = read_image(ROOT / "sample_data" / sample, card, fit=Fit.STRETCH)
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


def test_a_shipped_card_says_what_shape_its_photographs_had():
    shapes = {
        "washer": "1:1",
        "lesion": "1:1",
        "bottle": "1:1",
        "ham10000": "4:3",
        "ped2": "3:2",
        "walkway": "16:11",
    }
    for stored in MODELS:
        assert stored.card.schema == SCHEMA
        assert stored.card.photograph.words == shapes[stored.card.dataset]


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
def test_the_data_are_hard_enough_to_tell_models_apart_and_the_models_good_enough_to_be_shipped(stored):
    figure = stored.card.metrics["held-out"]["auc_roc"]
    least = {"washer": 0.80, "bottle": 0.90, "lesion": 0.70, "ham10000": 0.65, "ped2": 0.75, "walkway": 0.55}
    assert figure >= least[stored.card.dataset]
    if dataset_spec(stored.card.dataset).generated:
        assert figure < 1


def test_a_fine_tuned_model_names_a_shipped_parent():
    shipped = {stored.card.id for stored in MODELS}
    for stored in MODELS:
        assert stored.card.parent is None or stored.card.parent in shipped


def test_the_best_shipped_models_reach_what_was_promised():
    figures = {stored.card.id: stored.card.metrics["held-out"] for stored in MODELS}
    bottles = [figures[name] for name in figures if name.startswith("bottle")]
    assert max(figure["auc_roc"] for figure in bottles) >= 0.96
    assert max(figure["auc_roc_ssim"] for figure in bottles) >= 0.99
    assert max(figure["pixel_auc_roc_ssim"] for figure in bottles) >= 0.93
    classes = [
        figure["per_class"].values() for name, figure in figures.items() if name.startswith("ham10000")
    ]
    assert max(sum(areas) / len(areas) for areas in classes) >= 0.65
    motion = figures["ped2-motion_cae"]
    assert motion["auc_roc_global"] >= 0.92
    assert motion["auc_roc"] >= 0.95
    assert min(motion["specificity"], motion["recall"]) >= 0.80


OF_IMAGES = [stored for stored in MODELS if stored.card.preprocessing.frames is None]


@pytest.mark.parametrize("stored", OF_IMAGES, ids=lambda stored: stored.card.id)
def test_a_shipped_model_judges_by_the_score_that_was_measured_best(stored):
    assert best_calibration(stored).id == stored.card.calibration


@pytest.mark.parametrize("dataset", sorted({stored.card.dataset for stored in OF_IMAGES}))
def test_a_dataset_opens_with_the_model_that_was_measured_best(dataset):
    best = best_model([stored for stored in OF_IMAGES if stored.card.dataset == dataset])
    assert default_models()[dataset] == best.card.id


@pytest.mark.parametrize("dataset", ["washer", "lesion", "bottle", "ped2"])
def test_what_is_shown_first_was_measured_to_point_at_nearly_every_defect(dataset):
    stored = find_model(default_models()[dataset])
    score = load_calibration(stored).calibration.scoring.score
    known = known_for(stored, score).measured
    assert sum(known.method(default_method(stored, score)).hits) >= 0.9 * len(known.images)
    calibrated = {image.sha256 for image in load_calibration(stored).images}
    assert not calibrated & set(known.images)
    assert set(known.images) <= {image.sha256 for image in load_evaluation(stored)}
