"""`benchmark page`: how long a person waits on page Inspect, in a real browser, on a server of its own."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, ClassVar

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Row
from xai_ad.errors import BenchmarkError
from xai_ad.fields import whole
from xai_ad.machine.places import CHECKOUT
from xai_ad.progress import Progress, silent
from xai_ad.store import find_model

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIMITS = {"verdict": 1.0, "residual": 1.0, "method": 0.2}
"""Seconds that each is to take at most."""
_FIRST = 120_000  # ms: a server's first visit loads the libraries
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")


@dataclass(frozen=True, kw_only=True)
class PageBenchmark(Benchmark):
    """Seconds from a press of Next to the verdict, from there to the residual, and from a click to another method.

    The page is warm: it has shown a picture before. A method that is clicked is one that was computed. Times are a
    browser's that is driven by a program, which looks once a frame.
    """

    id: ClassVar[str] = "page"
    sentence: ClassVar[str] = (
        "Page Inspect in a browser, seconds: from Next to verdict and residual, from a click to a method."
    )

    model: str = "washer-bcae1"
    rounds: int = whole(9, low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each wait: the median, the longest, and what is asked of the median.

        Raises `BenchmarkError` where there is no browser, nothing to drive it with, or no page, and what `find_model`
        raises for a model that is not there: the page would open on another.
        """
        find_model(self.model)
        chromium = browser_here()
        from playwright.sync_api import Error, sync_playwright

        waits: dict[str, list[float]] = {name: [] for name in LIMITS}
        with serving() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            try:
                page = browser.new_page(viewport={"width": 1366, "height": 900})
                _open(page, f"{address}/?model={self.model}&method=residual")
                for turn in range(self.rounds):
                    for name, seconds in _waits(page).items():
                        waits[name].append(seconds)
                    on_progress((turn + 1) / self.rounds)
            except Error as error:
                raise BenchmarkError(f"The page does not answer: {str(error).splitlines()[0]}") from error
            finally:
                browser.close()
        rows: list[Row] = [
            {"wait": name, "seconds": median(times), "longest": max(times), "aim": LIMITS[name]}
            for name, times in waits.items()
        ]
        return BenchmarkResult(rows=tuple(rows))


def browser_here() -> str:
    """Return the browser's executable; raises `BenchmarkError` where there is none, or nothing to drive it with."""
    if importlib.util.find_spec("playwright") is None:
        raise BenchmarkError(
            "There is no Playwright to drive a browser with: `pip install -r requirements-checks.txt`."
        )
    chromium = shutil.which("chromium")
    if chromium is None:
        raise BenchmarkError("There is no chromium on the path. Install it: `apt-get install chromium`.")
    return chromium


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


@contextmanager
def serving(app: Path = CHECKOUT / "app.py") -> Iterator[str]:
    """Run the app, or another that is made of it, with a home of its own, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless", "true"]
    command += ["--server.port", str(port)]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        settings = {**os.environ, "XAI_AD_HOME": folder, "PYTHONPATH": str(CHECKOUT)}
        process = subprocess.Popen(  # noqa: S603  # our own app
            command, cwd=CHECKOUT, env=settings, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"http://localhost:{port}/_stcore/health", process)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes], patience: float = 60.0) -> None:
    """Wait until the app answers; raises `BenchmarkError` where it ends, or stays silent for so many seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # our own server
                return
        except OSError:
            time.sleep(0.1)
    raise BenchmarkError(
        f"The app did not start within {patience:.0f} s. Run `streamlit run app.py` to see why."
    )
