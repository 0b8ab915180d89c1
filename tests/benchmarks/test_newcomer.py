"""The newcomer's model is made in a home of its own, and measured on pictures that it never saw."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from xai_ad.benchmarks.newcomer import NewcomerBenchmark
from xai_ad.errors import BenchmarkError
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.jobs import TrainingJob, TrainingState
from xai_ad.machine.places import home, samples
from xai_ad.store import find_model
from xai_ad.store.archive import export_zip, import_zip


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """Instead of a training, the shipped model under the name that was ordered; returns the orders."""
    orders = []
    archive = export_zip(find_model("washer-bcae1"), tmp_path / "model.zip")

    def submit(order):
        orders.append((order, home(), len(list(order.data.iterdir()))))
        import_zip(archive, name=order.name)
        return "job"

    monkeypatch.setattr(jobs, "submit", submit)
    monkeypatch.setattr(jobs, "find_job", lambda _: replace(JOB, order=orders[-1][0]))
    return orders


JOB = TrainingJob(id="job", order=None, state=TrainingState.DONE, created=datetime.now(UTC), model="newcomer")


def test_a_row_says_how_long_it_took_and_how_good_it_is(trained):
    before = os.environ.get("XAI_AD_HOME")
    result = NewcomerBenchmark(photographs=30).run()
    ((order, place, given),) = trained
    assert (given, order.score, order.minutes) == (30, "ssim", 10)
    assert os.environ.get("XAI_AD_HOME") == before
    assert place != home()
    assert not place.exists()
    (row,) = result.rows
    assert (row["photographs"], row["training"]) == (30, 24)
    assert row["auc_roc"] == pytest.approx(0.919, abs=1e-3)  # the shipped model's own, by the squared error
    assert row["reference_auc_roc"] == pytest.approx(0.932, abs=1e-3)
    assert "reached" in result.remarks[0]
    assert "NOT" not in result.remarks[0]


def test_a_training_that_fails_is_no_figure(trained, monkeypatch):
    failed = replace(JOB, state=TrainingState.FAILED, error="the disk is full")
    monkeypatch.setattr(jobs, "find_job", lambda _: failed)
    with pytest.raises(BenchmarkError, match="the disk is full"):
        NewcomerBenchmark(data=samples() / "washer", photographs=10).run()
