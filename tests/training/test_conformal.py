"""A score's p-value is the limit's promise turned round."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.test_limits import record_of
from xai_ad.store import CalibrationProtocol
from xai_ad.training.calibration import quantile_threshold
from xai_ad.training.conformal import normal_scores, score_p_value


@pytest.mark.parametrize("alpha", [0.02, 0.05, 0.1, 0.5])
def test_a_score_is_above_the_quantile_where_its_p_value_is_at_most_the_rest(alpha):
    rng = np.random.default_rng(1)
    normals = rng.gamma(4.0, 1.0, 99)
    limit = quantile_threshold(normals, 1 - alpha)
    record = record_of(normals, threshold=limit, quantile=1 - alpha)
    for score in [*rng.gamma(6.0, 1.0, 200), *normals]:
        p_value = score_p_value(score, record)
        # Of the calibration's own images the one at the limit is one more.
        assert (p_value <= alpha + 1e-12) == (score > limit)


def test_the_normal_images_count_wherever_the_limit_lies():
    record = record_of([1.0, 2.0, 3.0], [2.5, 9.0], threshold=1.0)
    assert normal_scores(record).tolist() == [1.0, 2.0, 3.0]
    moved = replace(
        record,
        protocol=CalibrationProtocol.MANUAL,
        calibration=replace(record.calibration, threshold=8.0),
    )
    assert score_p_value(2.5, record) == score_p_value(2.5, moved) == 0.5


def test_without_normal_images_or_by_whole_clips_there_is_none():
    record = record_of([1.0, 2.0])
    assert score_p_value(2.5, record_of([], [3.0])) is None
    assert score_p_value(2.5, replace(record, clips=(1, 1))) is None
