"""A worker that cannot begin is not begun over and over, and says why."""

import subprocess
import sys
import time

import pytest

from xai_ad.inspection.trainings import starting
from xai_ad.inspection.trainings.folders import trainings_home
from xai_ad.inspection.trainings.starting import start_runner, worker_problem


@pytest.fixture
def begun(monkeypatch):
    """Replaces the worker by a program; returns those that were started."""
    monkeypatch.setattr(starting, "_begun", {})
    started, original = [], subprocess.Popen

    def program(text):
        def popen(command, **given):
            started.append(original([sys.executable, "-c", text], **given))
            return started[-1]

        monkeypatch.setattr(subprocess, "Popen", popen)
        return started

    yield program
    for process in started:
        process.kill()
        process.wait()


def test_one_that_fails_is_told_and_left_alone_for_a_while(begun, monkeypatch):
    started = begun("raise SystemExit('this computer has no torch')")
    start_runner()
    started[0].wait(60)
    assert "this computer has no torch" in worker_problem()
    assert str(trainings_home()) in worker_problem()
    start_runner()
    assert len(started) == 1
    now = time.monotonic()
    monkeypatch.setattr(starting.time, "monotonic", lambda: now + starting.PAUSE + 1)
    start_runner()
    assert len(started) == 2


def test_one_that_was_killed_is_no_problem(begun):
    started = begun("import os; os.kill(os.getpid(), 9)")
    start_runner()
    started[0].wait(60)
    assert worker_problem() is None


def test_one_that_ended_well_is_followed_by_another(begun):
    started = begun("pass")
    start_runner()
    started[0].wait(60)
    assert worker_problem() is None
    start_runner()
    assert len(started) == 2


def test_one_that_is_about_to_begin_is_waited_for(begun):
    started = begun("import time; time.sleep(60)")
    start_runner()
    start_runner()
    assert len(started) == 1
    assert worker_problem() is None
