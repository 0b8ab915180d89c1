import math
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import NORMAL, Protocol, Sample, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.scores import Score, Scoring
from xai_ad.detector.streams import sample_maps
from xai_ad.errors import InvalidInputError
from xai_ad.networks import build_network
from xai_ad.store import CalibrationProtocol
from xai_ad.training.calibration import (
    calibrate,
    clip_scores,
    clip_threshold,
    gmean_threshold,
    lowered_note,
    quantile_threshold,
)


def gmean(scores, labels, threshold):
    hits = np.mean(scores[labels == 1] > threshold)
    passes = np.mean(scores[labels == 0] <= threshold)
    return math.sqrt(hits * passes)


@pytest.mark.parametrize("seed", range(8))
def test_no_threshold_has_a_greater_geometric_mean(seed):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([[0, 1], rng.integers(0, 2, 28)])
    scores = np.round(rng.normal(labels, 1.0), 1)
    threshold = gmean_threshold(scores, labels)
    candidates = np.concatenate([scores, scores + 0.05, scores - 0.05])
    assert gmean(scores, labels, threshold) == pytest.approx(
        max(gmean(scores, labels, c) for c in candidates)
    )


def test_the_threshold_lies_midway_between_the_scores_beside_it():
    assert gmean_threshold(np.array([1.0, 5.0, 2.0, 9.0]), np.array([0, 1, 0, 1])) == 3.5


def test_the_highest_of_equally_good_thresholds_is_taken():
    scores, labels = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 0, 1])
    assert gmean(scores, labels, 1.5) == gmean(scores, labels, 3.5)
    assert gmean_threshold(scores, labels) == 3.5


@pytest.mark.parametrize(
    ("scores", "labels"), [([1.0, 2.0], [0, 0]), ([1.0, 2.0], [1, 1]), ([1.0, 1.0], [0, 1])]
)
def test_a_threshold_needs_both_kinds_and_scores_that_differ(scores, labels):
    with pytest.raises(InvalidInputError, match="normal and anomalous scores that differ"):
        gmean_threshold(np.array(scores), np.array(labels))


def test_the_quantile_is_split_conformal():
    scores = np.arange(1.0, 100.0)  # 99 normal scores
    assert quantile_threshold(scores, 0.99) == 99.0
    assert quantile_threshold(scores, 0.5) == 50.0


def test_four_in_five_frames_of_so_many_clips_pass_a_limit_by_clips():
    """Of every clip the least limit that four fifths of its frames pass, and of those the limit that q of the clips do."""
    rng = np.random.default_rng(6)
    clips = [rng.gamma(2.0, 1.0, frames) for frames in (10, 31, 7, 150, 20)]

    def passes(clip, limit):
        return np.mean(clip <= limit) >= 0.8

    least = [min(score for score in clip if passes(clip, score)) for clip in clips]
    assert clip_scores(clips).tolist() == least
    for quantile, count in ((0.5, 3), (5 / 6, 5)):
        limit = clip_threshold(clips, quantile)
        assert sum(passes(clip, limit) for clip in clips) == count
        assert limit in least
    with pytest.raises(InvalidInputError, match=r"5 normal clips allow quantiles up to 0\.8333\. Got 0\.9"):
        clip_threshold(clips, 0.9)


def test_a_new_clip_keeps_a_limit_by_clips_as_often_as_is_promised():
    """Frames of a clip are alike: a limit by frames is kept by far fewer clips than it says."""
    rng, kept = np.random.default_rng(7), []
    for _ in range(2000):
        *clips, new = rng.normal(0, 1, (10, 1)) + rng.normal(0, 0.2, (10, 40))
        kept.append(np.mean(new <= clip_threshold(list(clips), 0.8)) >= 0.8)
    assert 0.78 < np.mean(kept) < 0.83


def test_a_quantile_that_the_images_do_not_allow_is_refused_naming_the_largest():
    with pytest.raises(
        InvalidInputError, match=r"98 normal images allow quantiles up to 0\.9899\. Got 0\.99"
    ):
        quantile_threshold(np.arange(98.0), 0.99)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return build_network("bcae1").eval()


def test_calibration_keeps_every_image_and_the_largest_anomalous_score(mvtec_folder, network):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    record = calibrate(
        network,
        split.calibration,
        load_pixels(split.calibration, Preprocessing()),
        protocol=Protocol.HELD_OUT,
        scoring=Scoring(),
    )
    assert record.id.startswith("squared_error-held-out-")
    assert [image.sha256 for image in record.images] == [sample.sha256 for sample in split.calibration]
    assert record.calibration.score_max == max(image.score for image in record.images if image.label == 1)
    scores = np.array([image.score for image in record.images])
    assert record.calibration.threshold == gmean_threshold(
        scores, np.array([image.label for image in record.images])
    )


def test_normal_images_alone_give_the_largest_quantile_they_allow(mvtec_folder, network):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    normals = [sample for sample in split.calibration if not sample.label]
    record = calibrate(
        network, normals, load_pixels(normals, Preprocessing()), protocol=Protocol.HELD_OUT, scoring=Scoring()
    )
    assert record.protocol is CalibrationProtocol.NORMAL_QUANTILE
    assert record.quantile == pytest.approx(len(normals) / (len(normals) + 1))
    assert record.calibration.threshold == max(image.score for image in record.images)
    assert record.calibration.score_max == 2 * record.calibration.threshold


def test_a_quantile_that_had_to_be_lowered_is_said(mvtec_folder, network, caplog):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"), Protocol.HELD_OUT)
    normal = [sample for sample in split.calibration if sample.label == NORMAL]
    pixels = load_pixels(normal, Preprocessing())
    options = {"protocol": Protocol.HELD_OUT, "scoring": Scoring()}
    lowered = calibrate(network, normal, pixels, **options)
    count = len(normal)
    line = (
        f"Of {count} normal images at most {count / (count + 1):.3g} can be passed for sure, and 0.99 was asked for: the "
        "limit is their highest score."
    )
    assert caplog.messages == [line]
    assert lowered_note(lowered) == line
    assert lowered.calibration.threshold == max(image.score for image in lowered.images)
    asked = calibrate(network, normal, pixels, **options, quantile=0.5)
    many = replace(lowered, images=lowered.images * 200, quantile=0.99)
    gmean = replace(lowered, quantile=None)
    assert [lowered_note(record) for record in (asked, many, gmean)] == [None] * 3
    assert caplog.messages == [line]


def test_a_quantile_uses_no_anomalous_image(mvtec_folder, network):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    record = calibrate(
        network,
        split.calibration,
        load_pixels(split.calibration, Preprocessing()),
        protocol=Protocol.HELD_OUT,
        scoring=Scoring(),
        quantile=0.5,
    )
    assert {image.label for image in record.images} == {0}


def test_another_calibration_has_another_name(mvtec_folder, network):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"))
    pixels = load_pixels(split.calibration, Preprocessing())
    records = [
        calibrate(network, split.calibration, pixels, protocol=Protocol.HELD_OUT, scoring=Scoring()),
        calibrate(
            network, split.calibration[:-1], pixels[:-1], protocol=Protocol.HELD_OUT, scoring=Scoring()
        ),
        calibrate(
            network, split.calibration, pixels, protocol=Protocol.HELD_OUT, scoring=Scoring(), quantile=0.5
        ),
        calibrate(
            network,
            split.calibration,
            pixels,
            protocol=Protocol.HELD_OUT,
            scoring=Scoring(),
            quantile=0.50001,
        ),
    ]
    assert len({record.id for record in records}) == 4


@pytest.mark.parametrize("quantile", [None, 0.5])
@pytest.mark.parametrize("score", list(Score))
def test_the_scale_of_drawn_maps_ends_at_the_highest_thousandth_of_the_density(
    mvtec_folder, network, monkeypatch, quantile, score
):
    monkeypatch.setattr("xai_ad.detector.streams.BATCH_SIZE", 3)
    samples = split_dataset(read_dataset(mvtec_folder, "mvtec")).calibration
    pixels, scoring = load_pixels(samples, Preprocessing()), Scoring(score=score)
    record = calibrate(
        network, samples, pixels, protocol=Protocol.HELD_OUT, scoring=scoring, quantile=quantile
    )
    maps = torch.cat(list(sample_maps(network, samples, pixels, scoring)))
    used = [quantile is None or not sample.label for sample in samples]
    assert len(record.images) == sum(used) < len(samples) + (quantile is None)
    assert [image.score for image in record.images] == scoring.reduce(maps).double().numpy()[used].tolist()
    expected = np.quantile(maps[used].double().numpy(), 0.999) / record.calibration.threshold
    assert record.calibration.map_scale == pytest.approx(expected, rel=1e-12)


def test_a_long_videos_maps_are_forgotten_as_they_are_counted(monkeypatch):
    alive, most = [], 0

    def maps_of(*_, **__):
        nonlocal most
        for _ in range(200):
            maps = torch.rand(4, 32, 32)
            alive.append(weakref.ref(maps))
            most = max(most, sum(reference() is not None for reference in alive))
            yield maps

    monkeypatch.setattr("xai_ad.training.calibration.sample_maps", maps_of)
    samples = [
        Sample(path=Path("walk.avi"), label=0, kind="normal", subset="train", sha256=str(index))
        for index in range(800)
    ]
    pixels = torch.zeros(800, 1, 32, 32, dtype=torch.uint8)
    calibrate(None, samples, pixels, protocol=Protocol.HELD_OUT, scoring=Scoring())
    assert most <= 2


@pytest.mark.parametrize("quantile", [0.0, 1.0, -1.0, 2.0, math.nan, math.inf])
def test_a_quantile_outside_the_unit_interval_is_refused(quantile):
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        quantile_threshold(np.arange(10.0), quantile)
