"""Owen values as an explainer: budget, windows, and a defect that is one region."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xai_ad.explain import Owen
from xai_ad.explain.base import raw_score
from xai_ad.explain.choices import Fill


@pytest.mark.parametrize("budget", [8, 9, 50])
def test_no_more_than_the_budget_is_scored(classifier, image, budget):
    found = Owen(budget=budget).explain(classifier, image)
    assert found.evaluations <= budget
    assert found.evaluations >= budget - 1


def test_the_shares_are_the_segments_values_and_add_up(classifier, image):
    found = Owen(budget=60, fill=Fill.BLACK).explain(classifier, image)
    segments, values = found.by_segment.segments, found.by_segment.values
    sums = np.bincount(segments.ravel(), found.relevance.ravel().astype(np.float64))
    assert sums == pytest.approx(values, abs=1e-6 * found.score)
    assert found.baseline == raw_score(classifier, torch.zeros_like(image))
    assert values.sum() == pytest.approx(found.score - found.baseline)
    assert found.provenance.segments == len(values) > 2


def test_a_cheaper_one_has_a_smaller_budget_and_all_else_alike():
    own = Owen(fill=Fill.BLUR, budget=400)
    assert own.cheaper(0.25, torch.zeros(3, 8, 8)) == replace(own, budget=100)
    assert own.cheaper(0.001, torch.zeros(3, 8, 8)).budget == 8
