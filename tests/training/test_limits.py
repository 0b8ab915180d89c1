"""How sure a limit is: an interval that redrawn calibration images give."""

from dataclasses import replace

import numpy as np
import pytest

from xai_ad.detector.calibration import Calibration
from xai_ad.store import CalibrationProtocol, CalibrationRecord, JudgedImage
from xai_ad.training.calibration import gmean_threshold, gmean_thresholds, quantile_threshold
from xai_ad.training.limits import DRAWS, limit_interval, redrawn


def record_of(normals, anomalies=(), *, threshold=1.0, quantile=None):
    scored = [(score, 0) for score in normals] + [(score, 1) for score in anomalies]
    return CalibrationRecord(
        id="drawn",
        protocol=CalibrationProtocol.HELD_OUT if quantile is None else CalibrationProtocol.NORMAL_QUANTILE,
        quantile=quantile,
        calibration=Calibration(threshold=threshold, score_max=2 * threshold, map_scale=4.0),
        images=tuple(
            JudgedImage(score=float(score), label=label, kind="any", sha256=str(number))
            for number, (score, label) in enumerate(scored)
        ),
    )


def drawn(seed, count, anomalous):
    rng = np.random.default_rng(seed)
    normals, anomalies = np.exp(rng.normal(0, 0.3, count)), np.exp(rng.normal(1, 0.3, anomalous))
    labels = np.repeat([0, 1], [count, anomalous])
    threshold = gmean_threshold(np.concatenate([normals, anomalies]), labels)
    return record_of(normals, anomalies, threshold=threshold)


def test_thresholds_of_many_sets_are_those_of_each():
    rng = np.random.default_rng(3)
    scores, labels = np.round(rng.gamma(2.0, 1.0, (40, 12)), 1), np.repeat([0, 1], [7, 5])
    found = gmean_thresholds(scores, labels)
    assert found.tolist() == [gmean_threshold(row, labels) for row in scores]


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_holds_the_limit_and_is_the_same_each_time(seed):
    record = drawn(seed, 18, 10)
    interval = limit_interval(record)
    assert 0 < interval.low <= record.calibration.threshold <= interval.high
    limit_interval.cache_clear()
    assert limit_interval(record) == interval
    assert (interval.normals, interval.anomalies) == (18, 10)


def test_more_images_make_a_limit_surer():
    few, many = (limit_interval(drawn(0, count, count)) for count in (15, 1500))
    assert many.high - many.low < 0.5 * (few.high - few.low)


def test_nine_in_ten_limits_of_other_sets_lie_about_where_the_interval_says():
    record = drawn(1, 200, 200)
    interval = limit_interval(record)
    others = [drawn(seed, 200, 200).calibration.threshold for seed in range(2, 202)]
    width = np.quantile(others, 0.95) - np.quantile(others, 0.05)
    assert 0.6 < (interval.high - interval.low) / width < 1.6


def test_an_interval_scales_with_the_scores():
    record = drawn(2, 20, 20)
    tenfold = replace(
        record,
        calibration=replace(record.calibration, threshold=10 * record.calibration.threshold),
        images=tuple(replace(image, score=10 * image.score) for image in record.images),
    )
    one, ten = limit_interval(record), limit_interval(tenfold)
    assert (ten.low, ten.high) == pytest.approx((10 * one.low, 10 * one.high))


def test_scores_that_are_all_the_same_leave_no_doubt():
    interval = limit_interval(record_of([0.5] * 9, [1.5] * 9))
    assert (interval.low, interval.high) == pytest.approx((1.0, 1.0))


def test_a_quantile_is_redrawn_from_normal_scores_alone():
    scores = np.exp(np.random.default_rng(0).normal(0, 0.2, 200))
    threshold = quantile_threshold(scores, 0.9)
    one = limit_interval(record_of(scores, threshold=threshold, quantile=0.9))
    other = limit_interval(record_of(scores, [50.0, 60.0], threshold=threshold, quantile=0.9))
    assert (one.low, one.high) == (other.low, other.high)
    order = np.sort(scores)  # the exact interval of the quantile, by its order statistics: ranks 180 -+ 7
    assert order[160] < one.low < threshold < one.high < order[193]


@pytest.mark.parametrize(("normals", "anomalies"), [([], []), ([0.5, 0.7], []), ([], [2.0])])
def test_a_limit_that_rests_on_nothing_is_taken_as_it_is(normals, anomalies):
    interval = limit_interval(record_of(normals, anomalies))
    assert (interval.low, interval.high) == (1.0, 1.0)


def test_a_limit_by_clips_is_redrawn_by_clips():
    """As though each clip were one image, scored by the limit that four in five of its frames pass."""
    rng = np.random.default_rng(4)
    clips = [np.exp(rng.normal(mean, 0.1, 30)) for mean in rng.normal(0, 0.3, 9)]
    highest = [np.sort(clip)[23] for clip in clips]
    threshold = quantile_threshold(np.array(highest), 0.9)
    of_clips = replace(
        record_of(np.concatenate(clips), threshold=threshold, quantile=0.9),
        protocol=CalibrationProtocol.CLIP_QUANTILE,
        clips=(30,) * 9,
    )
    found, expected = (
        limit_interval(of_clips),
        limit_interval(record_of(highest, threshold=threshold, quantile=0.9)),
    )
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.low < threshold < found.high
    assert found.normals == 270


def test_smoothing_keeps_mean_and_variance():
    scores = np.exp(np.random.default_rng(5).normal(0, 0.4, 60))
    sets = np.log1p(redrawn(scores, np.random.default_rng(0)))
    assert sets.shape == (DRAWS, 60)
    assert sets.mean() == pytest.approx(np.log1p(scores).mean(), abs=0.01)
    assert sets.std() == pytest.approx(np.log1p(scores).std(ddof=1), rel=0.02)
    assert len(np.unique(sets)) == sets.size  # no score is drawn twice


def test_a_limit_that_a_person_set_is_taken_as_it_is():
    rng = np.random.default_rng(0)
    record = record_of(rng.gamma(9, 0.1, 40), rng.gamma(30, 0.1, 20), threshold=1.5)
    manual = replace(record, protocol=CalibrationProtocol.MANUAL, reason="why", by="who")
    assert limit_interval(record).high > 1.5
    assert (limit_interval(manual).low, limit_interval(manual).high) == (1.5, 1.5)
