"""Checks on real clips, where they are at hand: `XAI_AD_DATA`, else `../shared/data`."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import read_dataset, split_clips, split_dataset
from xai_ad.data.videos.windows import prediction_windows, reconstruction_windows
from xai_ad.evaluation import evaluate
from xai_ad.machine.places import shipped_models
from xai_ad.store import find_model

DATA = Path(
    os.environ.get("XAI_AD_DATA") or Path(__file__).resolve().parent.parent.parent / "shared" / "data"
)
PED2 = DATA / "ucsd_ped2"

pytestmark = pytest.mark.skipif(not PED2.is_dir(), reason=f"no UCSD Ped 2 in {DATA}; set XAI_AD_DATA")


@pytest.fixture(scope="module")
def ped2():
    return read_dataset(PED2, "ucsd")


def test_ped2_is_what_its_publisher_says(ped2):
    assert (ped2.name, ped2.crop, ped2.crop_of) == ("ped2", (80, 0, 160, 360), (240, 360))
    split, frames = split_clips(ped2), split_dataset(ped2)
    assert (len(split.train), len(split.validation), len(split.test)) == (12, 4, 12)
    assert len(frames.train) + len(frames.validation) == 2550
    assert len(frames.test) == 2010
    assert sum(sample.label for sample in frames.test) == 1648


def test_ped2s_labels_are_its_tables(ped2):
    with (PED2 / "frame_labels.csv").open() as file:
        rows = [(row["clip"], int(row["frame"]), row["label"] == "1") for row in csv.DictReader(file)]
    found = [
        (clip.name, number, label)
        for clip in split_clips(ped2).test
        for number, label in zip(clip.numbers, clip.labels, strict=True)
    ]
    assert found == rows


def test_ped2s_masks_lie_on_its_anomalous_frames(ped2):
    clip = split_clips(ped2).test[0]
    preprocessing = Preprocessing(channels=1, crop=ped2.crop, crop_of=ped2.crop_of)
    marked = np.array([mask.any() for mask in clip.masks.read(preprocessing)])
    labels = np.array(clip.labels)
    assert (marked == labels).mean() > 0.95


def test_every_frame_of_ped2_is_scored_once(ped2):
    for clip in ped2.clips:
        for plan in (reconstruction_windows, prediction_windows):
            scored = [window.targets[index] for window in plan(clip.numbers) for index in window.scored]
            assert sorted(scored) == list(range(len(clip.numbers)))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["ped2-bcae1-compound", "ped2-cgru", "ped2-seq2seq_cgru"])
def test_a_shipped_model_detects_what_its_card_says(model):
    stored = find_model(shipped_models() / model)
    figures = evaluate(stored, PED2, "ucsd").metrics
    recorded = stored.card.metrics["held-out"]
    for name in ("auc_roc", "auc_roc_global", "eer", "auc_roc_ssim", "pixel_auc_roc"):
        assert figures[name] == pytest.approx(recorded[name], abs=2e-3), name
