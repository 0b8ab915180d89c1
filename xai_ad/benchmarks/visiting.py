"""Our own app in a real browser, on a server of its own: what benchmarks of pages share."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from xai_ad.benchmarks.base import Row
from xai_ad.errors import BenchmarkError
from xai_ad.machine.places import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Page

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
HOME = "XAI_AD_HOME"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server's address, and the home that it has for itself."""

    address: str
    home: Path


@contextmanager
def visited(app: Path = CHECKOUT / "app.py") -> Iterator[tuple["Page", Served]]:
    """Run the app, and give a page of a browser of its own, 1366 x 900, that is still blank.

    Raises `BenchmarkError` where there is no browser, nothing to drive it with, or what is waited for does not come.
    """
    chromium = browser_here()
    from playwright.sync_api import Error, sync_playwright

    with serving(app) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            yield browser.new_page(viewport={"width": 1366, "height": 900}), served
        except Error as error:
            raise BenchmarkError(f"The page does not answer: {str(error).splitlines()[0]}") from error
        finally:
            browser.close()


def wait_rows(waits: Mapping[str, Sequence[float]], limits: Mapping[str, float]) -> tuple[Row, ...]:
    """Return a row for each wait with a limit: the median, the longest, and what is asked of the median, in seconds."""
    return tuple(
        {"wait": name, "seconds": median(waits[name]), "longest": max(waits[name]), "aim": limit}
        for name, limit in limits.items()
    )


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


@contextmanager
def own_home(place: Path) -> Iterator[None]:
    """Let everything that this process writes for the user go into a folder."""
    before = os.environ.get(HOME)
    os.environ[HOME] = str(place)
    try:
        yield
    finally:
        del os.environ[HOME]
        if before is not None:
            os.environ[HOME] = before


@contextmanager
def serving(app: Path = CHECKOUT / "app.py") -> Iterator[Served]:
    """Run the app, or another that is made of it, with a home of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless", "true"]
    command += ["--server.port", str(port)]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        settings = {**os.environ, HOME: folder, "PYTHONPATH": str(CHECKOUT)}
        process = subprocess.Popen(  # noqa: S603  # our own app
            command, cwd=CHECKOUT, env=settings, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"http://localhost:{port}/_stcore/health", process)
            yield Served(address=f"http://localhost:{port}", home=Path(folder))
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
