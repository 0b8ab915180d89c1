from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import auc_pr, auc_roc, equal_error_rate, precision_recall


@pytest.fixture(params=range(5))
def judged(request):
    rng = np.random.default_rng(request.param)
    labels = rng.integers(0, 2, 40)
    scores = np.round(rng.normal(labels, 1.0), 1)  # rounded, so that there are ties
    return scores, labels


def test_auc_roc_is_the_share_of_pairs_in_the_right_order(judged):
    scores, labels = judged
    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for high in scores[labels == 1]
        for low in scores[labels == 0]
    ]
    assert_allclose(auc_roc(scores, labels), np.mean(pairs))


def test_auc_pr_sums_precision_over_steps_of_recall(judged):
    scores, labels = judged
    area, recall_before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        caught = (scores >= threshold) & (labels == 1)
        recall = caught.sum() / labels.sum()
        area += (recall - recall_before) * caught.sum() / (scores >= threshold).sum()
        recall_before = recall
    assert_allclose(auc_pr(scores, labels), area)


def test_the_equal_error_rate_lies_where_the_curve_crosses_the_diagonal(judged):
    scores, labels = judged
    rate = equal_error_rate(scores, labels)
    thresholds = [*sorted(set(scores)), np.inf]
    points = sorted(
        ((np.mean(scores[labels == 0] >= cut), np.mean(scores[labels == 1] < cut)) for cut in thresholds),
        key=lambda point: (point[0], -point[1]),
    )
    crossings = []
    for (x0, y0), (x1, y1) in pairwise(points):
        if (y0 - x0) * (y1 - x1) <= 0:
            share = 0.0 if (y0 - x0) == (y1 - x1) else (y0 - x0) / ((y0 - x0) - (y1 - x1))
            crossings.append(x0 + share * (x1 - x0))
    assert any(abs(rate - crossing) < 1e-9 for crossing in crossings)


@pytest.mark.parametrize(("scores", "rate"), [([1, 2, 3, 4], 0.0), ([3, 4, 1, 2], 1.0), ([1, 3, 2, 4], 0.5)])
def test_the_equal_error_rate_of_easy_cases(scores, rate):
    assert equal_error_rate(np.array(scores, float), np.array([0, 0, 1, 1])) == pytest.approx(rate)


def test_the_weighted_average_weighs_classes_by_their_size():
    scores, labels = np.array([0.0, 1.0, 0.0, 1.0, 1.0]), np.array([0, 0, 0, 1, 1])
    plain = precision_recall(scores, labels, threshold=0.5, average="binary")
    weighted = precision_recall(scores, labels, threshold=0.5, average="weighted")
    assert (plain.precision, plain.recall, plain.f1) == pytest.approx((2 / 3, 1.0, 0.8))
    assert weighted.precision == pytest.approx((3 * 1.0 + 2 * 2 / 3) / 5)
    assert weighted.recall == pytest.approx((3 * 2 / 3 + 2 * 1.0) / 5)


def test_a_score_at_the_threshold_is_normal():
    figures = precision_recall(np.array([0.5, 0.5]), np.array([0, 1]), threshold=0.5, average="binary")
    assert (figures.precision, figures.recall) == (0.0, 0.0)


@pytest.mark.parametrize("metric", [auc_roc, auc_pr, equal_error_rate])
def test_one_class_alone_has_no_curve(metric):
    with pytest.raises(InvalidInputError, match="2 normal and 0 anomalous"):
        metric(np.array([1.0, 2.0]), np.array([0, 0]))
