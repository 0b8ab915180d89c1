"""The benchmark of limits and flags, on scores that keep the promise and on such that cannot."""

import numpy as np
import pytest

from xai_ad.benchmarks import conformal
from xai_ad.benchmarks.conformal import ALPHAS, ConformalBenchmark
from xai_ad.errors import BenchmarkError
from xai_ad.store import JudgedImage


def judged(normals, anomalies):
    scored = [(score, 0) for score in normals] + [(score, 1) for score in anomalies]
    return tuple(
        JudgedImage(score=float(score), label=label, kind="any", sha256="") for score, label in scored
    )


@pytest.fixture
def evaluated(monkeypatch):
    """Puts images in place of the model's evaluation."""

    def put(normals, anomalies=()):
        monkeypatch.setattr(conformal, "load_evaluation", lambda _: judged(normals, anomalies))

    return put


def test_a_limit_is_exceeded_by_as_many_as_its_rank_says(evaluated):
    """Of 2 x 199 distinct scores each of the other half exceeds the k-th of 199 with (200 - k) / 200: exactly alpha here."""
    evaluated(np.arange(398.0), [1e6, 2e6])
    seen = []
    result = ConformalBenchmark(splits=400).run(on_progress=seen.append)
    for alpha, row in zip(ALPHAS, result.rows, strict=True):
        assert row["alpha"] == alpha
        assert row["false_alarms"] == pytest.approx(alpha, abs=4 * row["spread"] / 20)
        assert 0 < row["spread"] < row["most"]
        assert row["caught"] == 1.0
        assert row["flagged_wrongly"] <= alpha
    assert seen[-1] == 1.0
    assert result.figures == {"normal": 398, "anomalous": 2}


def test_the_shipped_models_limits_keep_their_promise():
    result = ConformalBenchmark().run()
    for row in result.rows:
        assert row["false_alarms"] <= row["alpha"] + 0.002
        assert row["flagged_wrongly"] <= row["alpha"] + 0.002
    assert all(", kept: " in remark for remark in result.remarks)


def test_a_promise_that_is_broken_is_said(evaluated, monkeypatch):
    evaluated(np.arange(398.0))
    monkeypatch.setattr(conformal, "quantile_threshold", lambda scores, _: float(np.quantile(scores, 0.5)))
    result = ConformalBenchmark(splits=2).run()
    assert all(", NOT kept: " in remark for remark in result.remarks)
    assert {row["caught"] for row in result.rows} == {None}


def test_too_few_normal_images_are_refused(evaluated):
    evaluated(np.arange(197.0), [1.0])
    with pytest.raises(BenchmarkError, match="holds 197 normal images, and 198 are needed"):
        ConformalBenchmark().run()
