"""A graph is recorded in a process of its own, which can be stopped and says why it refuses."""

import sys
from dataclasses import replace

import pytest
import torch

from xai_ad.errors import Cancelled, ExportError
from xai_ad.exporting import metadata_of, recorded_apart, recording
from xai_ad.inspection.limits import set_limit
from xai_ad.store import find_model, load, load_calibration


def metadata_in(graph):
    return {entry.key: entry.value for entry in graph.metadata_props}


def test_nothing_is_recorded_in_this_process(stored_model, monkeypatch):
    """Whose other threads go on computing."""
    monkeypatch.setattr(torch.onnx, "export", None)
    shipped = find_model("washer-bcae1")
    set_limit(shipped, 0.5, reason="why", by="who")
    record, progress = load_calibration(shipped), []
    graph = recorded_apart(shipped, record.id, on_progress=progress.append)
    assert metadata_in(graph) == metadata_of(shipped, record, load(shipped)[0])
    assert metadata_in(graph)["xai_ad.threshold"] == "0.5"
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_a_stop_ends_the_process(stored_model, monkeypatch):
    begun = []
    whole = recording.subprocess.Popen

    def begin(*arguments, **options):
        begun.append(whole(*arguments, **options))
        return begun[0]

    def stop(_):
        raise Cancelled

    monkeypatch.setattr(recording.subprocess, "Popen", begin)
    with pytest.raises(Cancelled):
        recorded_apart(stored_model, "squared_error-held-out", on_progress=stop)
    assert begun[0].returncode is not None


def test_why_it_is_refused_is_one_line(stored_model):
    with pytest.raises(ExportError, match="There is no calibration 'other'") as caught:
        recorded_apart(stored_model, "other")
    assert "\n" not in str(caught.value)
    moved = replace(stored_model, path=stored_model.path.with_name("gone"))
    with pytest.raises(ExportError, match="There is no model"):
        recorded_apart(moved, "other")


def test_a_process_that_dies_is_told(stored_model, monkeypatch, tmp_path):
    (tmp_path / "dies.sh").write_text("#!/bin/sh\nkill -9 $$\n")
    (tmp_path / "dies.sh").chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "dies.sh"))
    with pytest.raises(ExportError, match=r"ended without a result \(exit code -9\)"):
        recorded_apart(stored_model, "squared_error-held-out")
