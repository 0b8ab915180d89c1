"""What tests of trainings share: a set of a few small pictures, an order of seconds, and workers that are waited for."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import write_picture
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings import runner as runner_module
from xai_ad.inspection.trainings.jobs import TrainingOrder

_WORKER = """
from xai_ad.machine import threads
threads.stand_behind = lambda: None  # beside the tests of others it would never get its turn
from xai_ad.inspection.trainings.runner import main
main()
"""


@pytest.fixture
def parts(tmp_path):
    """A folder of 24 normal pictures."""
    for index in range(24):
        write_picture(tmp_path / "parts" / f"{index:03d}.png", index)
    return tmp_path / "parts"


@pytest.fixture
def order(parts):
    """A training of three short epochs, of the smallest network at a small size."""

    def make(**changed):
        fields = {
            "name": "my-part",
            "data": parts,
            "layout": "folder",
            "network": "bcae1",
            "options": {"size": 80},
            "epochs": 3,
        }
        return TrainingOrder(**fields | changed)

    return make


@pytest.fixture
def no_runner(monkeypatch):
    """No worker begins by itself; returns how often one was asked for."""
    begun = []
    monkeypatch.setattr(jobs, "start_runner", lambda: begun.append(1))
    monkeypatch.setattr(
        runner_module, "stand_behind", lambda: None
    )  # it would hold for every test after this one
    return begun


@pytest.fixture
def runner(no_runner):
    """Start a worker as the app does, but as this test's own child; it is killed in the end."""
    children = []

    def start():
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
        child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", _WORKER], env=environment)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()


def kill(child):
    """End a process as a power cut does."""
    os.kill(child.pid, signal.SIGKILL)
    child.wait()


def wait_until(is_so, seconds=60.0):
    """Wait until something is so; fail where it does not come to be."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.02)
