"""Work that is told what to do by its question and by files, so that it can be done in any process."""

import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from xai_ad.errors import ImageError
from xai_ad.inspection.engines.base import Lane
from xai_ad.inspection.engines.mock import MockEngine
from xai_ad.inspection.engines.processes import ProcessEngine
from xai_ad.inspection.engines.queued import Terms
from xai_ad.inspection.engines.threads import ThreadEngine

PATIENCE = 20.0
ENGINES = ("threads", "processes", "mock")


@dataclass(frozen=True, kw_only=True)
class Task:
    """A question: `kind` says what `perform` does for it."""

    name: str
    folder: str
    kind: str = "gate"

    def path(self, event):
        """Return the file that says that something has happened."""
        return Path(self.folder) / f"{self.name}.{event}"

    def open(self):
        """Let gated work go on."""
        self.path("open").touch()

    def await_begin(self):
        """Wait until gated work has begun."""
        until(self.path("begun").exists)

    @property
    def runs(self):
        """How often it was begun."""
        file = self.path("runs")
        return file.read_text().count("x") if file.exists() else 0


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def perform(task, progress):
    """Do as a task says."""
    with task.path("runs").open("a") as file:
        file.write("x")
    if task.kind == "refuse":
        raise ImageError("The picture is 3 pixels wide.")
    if task.kind == "break":
        raise ZeroDivisionError("secret")
    if task.kind == "end":
        os._exit(3)
    if task.kind == "reports":
        for fraction in (0.5, 0.2, 7.0):
            progress(fraction)
    if task.kind == "gate":
        progress(0.25)
        task.path("begun").touch()
        until(task.path("open").exists)
        progress(0.75)
    if task.kind == "silent":
        task.path("begun").touch()
        until(task.path("open").exists)
    return f"{task.name} in {os.getpid()}"


@contextmanager
def running(kind, work=perform, terms=None, **options):
    """An engine of a kind that does its work by itself; a mock is told to, all the time, by a thread for each lane."""
    if kind != "mock":
        engine = {"threads": ThreadEngine, "processes": ProcessEngine}[kind](work, terms, **options)
        yield engine
        engine.close()
        return
    engine = MockEngine(work, terms)
    closed = threading.Event()

    def tell(lane):
        while not closed.is_set():
            if engine.run_next(lane) is None:
                time.sleep(0.005)

    threads = [threading.Thread(target=tell, args=(lane,)) for lane in Lane]
    for thread in threads:
        thread.start()
    yield engine
    engine.close()
    closed.set()
    for thread in threads:
        thread.join()


@pytest.fixture
def task(tmp_path):
    """Makes tasks whose work waits until it is let through; `task("a", kind)`."""
    made = []

    def make(name, kind="gate"):
        made.append(Task(name=name, folder=str(tmp_path), kind=kind))
        return made[-1]

    make.open_all = lambda: [one.open() for one in made]
    return make


@pytest.fixture(params=ENGINES)
def engine(request, task):
    with running(request.param, terms=Terms(waiting=3, kept=4)) as made:
        yield made
        task.open_all()  # or the engine would wait for them
