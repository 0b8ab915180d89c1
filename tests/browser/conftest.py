"""A real server and a real browser; without chromium these tests are skipped, with the reason."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def chromium():
    """The browser's executable: `$CHROMIUM`, else the system's."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(found).exists():
        pytest.skip(f"There is no chromium at {found}. Install it, or set CHROMIUM to its path.")
    return found


@pytest.fixture(scope="module")
def browser(chromium):
    """A browser, closed with its module: Playwright's event loop would be in the way of other tests' own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_healthy(address):
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:  # noqa: S310  # our own server
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def running_server(folder, script="app.py", **settings):
    """`streamlit run app.py` with a home and a log in a folder, and environment variables beside; its address."""
    port = free_port()
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    command += ["--server.port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XAI_AD_HOME": str(folder / "home"), **settings}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(600):
                if is_healthy(address):
                    break
                assert process.poll() is None, (folder / "server.log").read_text()
                try:
                    process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
            yield address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    log = (folder / "server.log").read_text()
    ours = [part for part in log.split("Traceback")[1:] if f"{ROOT}/xai_ad" in part.partition("\n\n")[0]]
    assert not ours, (
        log
    )  # a browser that closes in the middle of a message is told as an error by Streamlit itself
    assert "Session State API" not in log  # how Streamlit warns of a widget that is told its value twice


@pytest.fixture(scope="session")
def server(chromium, tmp_path_factory):
    """The address of a server that the tests share."""
    with running_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def fresh_server(chromium, tmp_path):
    """The address of a server that nobody visited yet."""
    with running_server(tmp_path) as address:
        yield address


def is_streamlits_own(url):
    """Whether it is one of Streamlit's own.

    Between quick reruns it drops the page's icon, its only medium; and it looks for its server below a page's path.
    """
    return "/media/" in url or any(
        f"/{page}/_stcore/" in url for page in ("compare", "video", "train", "models")
    )


def is_mistake(message):
    """Whether a console's message is an error that no answer's status tells."""
    return message.type == "error" and not is_streamlits_own(message.location.get("url", ""))


def is_trouble(answer):
    """Whether an answer is an error of ours."""
    return answer.status >= 400 and not is_streamlits_own(answer.url)


@pytest.fixture
def page(browser):
    """A page of 1366 x 768 that must stay free of errors."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme="light")
    context.set_default_timeout(60_000)
    opened = context.new_page()
    problems = []
    opened.on(
        "console",
        lambda message: problems.append(message.text) if is_mistake(message) else None,
    )
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "response",
        lambda answer: problems.append(f"{answer.status} {answer.url}") if is_trouble(answer) else None,
    )
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def save_screenshot():
    """Saves what a page shows into `screenshots/`, which git ignores."""

    def save(page, name):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return save
