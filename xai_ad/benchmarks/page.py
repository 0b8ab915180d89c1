"""`benchmark page`: how long a person waits on page Inspect, in a real browser, on a server of its own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, ClassVar

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult
from xai_ad.benchmarks.visiting import own_home, visited, wait_rows
from xai_ad.errors import BenchmarkError
from xai_ad.fields import whole
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.jobs import TrainingOrder, TrainingState
from xai_ad.machine.places import samples
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import find_model

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIMITS = {"verdict": 1.0, "residual": 1.0, "method": 0.2}
"""Seconds that each is to take at most."""
_FIRST = 120_000  # ms: a server's first visit loads the libraries
TWICE = 2.0
"""How many times as long a verdict may take while a training runs."""
_BESIDE = {f"{name}, training": TWICE * limit for name, limit in LIMITS.items()}
_BEGINS = 300.0
"""Seconds that a training has to begin, beside a browser that is at work."""


@dataclass(frozen=True, kw_only=True)
class PageBenchmark(Benchmark):
    """Seconds from a press of Next to the verdict, from there to the residual, and from a click to another method.

    The page is warm: it has shown a picture before. A method that is clicked is one that was computed. Times are a
    browser's that is driven by a program, which looks once a frame. With `training` a training of the samples is begun
    then, and all is measured once more beside it.
    """

    id: ClassVar[str] = "page"
    sentence: ClassVar[str] = (
        "Page Inspect in a browser, seconds: from Next to verdict and residual, from a click to a method."
    )

    model: str = "washer-bcae1"
    rounds: int = whole(9, low=1)
    training: bool = False

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each wait: the median, the longest, and what is asked of the median.

        Raises `BenchmarkError` where there is no browser, nothing to drive it with, no page or no training, and what
        `find_model` raises for a model that is not there: the page would open on another.
        """
        find_model(self.model)
        with visited() as (page, served):
            _open(page, f"{served.address}/?model={self.model}&method=residual")
            alone = self._waits(page, part_of(on_progress, 0.0, 0.5 if self.training else 1.0))
            rows = wait_rows(alone, LIMITS)
            if not self.training:
                return BenchmarkResult(rows=rows)
            with _trained_beside(served.home):
                beside = self._waits(page, part_of(on_progress, 0.5, 1.0))
        times = median(beside["verdict"]) / median(alone["verdict"])
        kept = "" if times <= TWICE else "NOT "
        return BenchmarkResult(
            rows=(*rows, *wait_rows({f"{name}, training": beside[name] for name in LIMITS}, _BESIDE)),
            figures={"verdict_times": times},
            remarks=(
                f"Beside a training a verdict takes {times:.2f} times as long; at most {TWICE:g}: {kept}kept.",
            ),
        )

    def _waits(self, page: "Page", on_progress: Progress) -> dict[str, list[float]]:
        waits: dict[str, list[float]] = {name: [] for name in LIMITS}
        for turn in range(self.rounds):
            for name, seconds in _waits(page).items():
                waits[name].append(seconds)
            on_progress((turn + 1) / self.rounds)
        return waits


@contextmanager
def _trained_beside(home: Path) -> Iterator[None]:
    """Train in the worker's own process meanwhile; raises `BenchmarkError` where that does not begin."""
    with own_home(home):
        order = TrainingOrder(name="beside", data=samples() / "washer", layout="mvtec")
        job_id = jobs.submit(order)
        end = time.monotonic() + _BEGINS
        while not (job := jobs.find_job(job_id)).epochs:
            if time.monotonic() > end or not job.state.active:
                raise BenchmarkError(
                    f"The training did not begin: it is {job.state}, {job.error or 'and silent'}."
                )
            time.sleep(0.5)
        try:
            yield
        finally:
            jobs.stop(job_id)
            while jobs.find_job(job_id).state is TrainingState.RUNNING:
                time.sleep(0.2)


def _open(page: "Page", address: str) -> None:
    page.goto(address, timeout=_FIRST)
    page.locator("[data-testid=verdict][data-verdict]").wait_for(timeout=_FIRST)
    page.locator("[data-testid=panel-ssim][data-state=ready]").wait_for(timeout=_FIRST)


def _waits(page: "Page") -> dict[str, float]:
    """Step to the next picture and look at another method of it and back; return the seconds of each wait."""
    name = page.locator("[data-testid=verdict] .file-name").inner_text()
    begun = time.perf_counter()
    page.locator(".stepper .next").click()
    page.locator("[data-testid=verdict] .file-name").filter(has_not_text=name).wait_for()
    judged = time.perf_counter()
    shown = page.locator("[data-testid=verdict] .file-name").inner_text().partition("/")[2]
    page.locator("[data-testid=viewer] .chip", has_text=shown).first.wait_for()
    page.locator("[data-testid=panel-residual][data-state=ready]").wait_for()
    drawn = time.perf_counter()
    page.locator("[data-testid=panel-ssim][data-state=ready]").wait_for()
    chosen = _seconds_of(lambda: _choose(page, "ssim"))
    _choose(page, "residual")
    return {"verdict": judged - begun, "residual": drawn - judged, "method": chosen}


def _choose(page: "Page", method: str) -> None:
    page.locator(f"[data-testid=panel-{method}]").click()
    page.locator(f"[data-testid=panel-{method}][aria-checked=true]").wait_for()


def _seconds_of(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
