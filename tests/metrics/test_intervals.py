"""How sure an area is, against enumeration of pairs, a bootstrap, and figures that were published."""

import numpy as np
import pytest
from scipy.stats import norm

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import auc_roc
from xai_ad.metrics.intervals import auc_roc_interval


def drawn(seed, anomalous, normal, apart=1.0):
    """Scores with ties, and their labels."""
    rng = np.random.default_rng(seed)
    scores = np.round(np.concatenate([rng.normal(apart, 1, anomalous), rng.normal(0, 1, normal)]), 1)
    return scores, np.repeat([1, 0], [anomalous, normal])


@pytest.mark.parametrize("seed", range(3))
def test_the_interval_is_that_of_delongs_variance_by_pairs(seed):
    scores, labels = drawn(seed, 30, 40)
    one, other = scores[labels == 1].tolist(), scores[labels == 0].tolist()
    pairs = [[1.0 if a > b else 0.5 if a == b else 0.0 for b in other] for a in one]
    rows, columns = (
        [sum(row) / 40 for row in pairs],
        [sum(column) / 30 for column in zip(*pairs, strict=True)],
    )
    area = sum(rows) / 30
    spread = sum((v - area) ** 2 for v in rows) / 29 / 30 + sum((v - area) ** 2 for v in columns) / 39 / 40
    ends = np.log(area / (1 - area)) + norm.ppf([0.025, 0.975]) * spread**0.5 / area / (1 - area)
    assert auc_roc_interval(scores, labels) == pytest.approx(tuple(1 / (1 + np.exp(-ends))), abs=1e-9)


def test_it_is_about_that_of_a_bootstrap():
    scores, labels = drawn(0, 150, 250)
    rng = np.random.default_rng(1)
    areas = []
    for _ in range(2000):
        chosen = np.concatenate([rng.integers(0, 150, 150), rng.integers(150, 400, 250)])
        areas.append(auc_roc(scores[chosen], labels[chosen]))
    assert auc_roc_interval(scores, labels) == pytest.approx(np.quantile(areas, [0.025, 0.975]), abs=0.006)


def test_a_perfect_area_is_not_sure_and_surer_of_more_images():
    low, high = auc_roc_interval(*drawn(0, 20, 20, apart=50))
    assert (low < 0.97, high) == (True, 1.0)
    spread = low * (1 - low) * (1 + 19 * ((1 - low) / (2 - low) + low / (1 + low)))
    assert (1 - low) ** 2 == pytest.approx(norm.ppf(0.975) ** 2 * spread / 400, rel=1e-6)
    assert low < auc_roc_interval(*drawn(0, 200, 200, apart=50))[0] < 1
    assert auc_roc_interval(*drawn(0, 20, 20, apart=-50)) == pytest.approx((0, 1 - low))


def test_of_a_single_anomalous_image_little_is_known():
    scores, labels = np.array([0.5, 0.1, 0.2, 0.9]), np.array([1, 0, 0, 0])
    low, high = auc_roc_interval(scores, labels)
    assert low < 0.25
    assert high > 0.9


def test_of_videos_whole_clips_are_redrawn():
    scores, labels = drawn(0, 100, 100)
    clips = [f"clip {at % 5}" for at in range(200)]
    low, high = auc_roc_interval(scores, labels, clips)
    every = []
    rng = np.random.default_rng(3)
    for _ in range(1500):
        chosen = np.concatenate([np.arange(clip, 200, 5) for clip in rng.integers(0, 5, 5)])
        every.append(auc_roc(scores[chosen], labels[chosen]))
    assert (low, high) == pytest.approx(tuple(np.quantile(every, [0.025, 0.975])), abs=0.01)
    assert auc_roc_interval(scores, labels, ["one"] * 200) == auc_roc_interval(scores, labels)


def test_one_kind_alone_has_no_area():
    with pytest.raises(InvalidInputError, match="normal and anomalous"):
        auc_roc_interval(np.arange(3.0), np.zeros(3, int))
