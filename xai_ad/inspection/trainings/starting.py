"""The worker's process begun: one of its own, which goes on when this one ends."""

import subprocess
import sys
import threading
import time

from xai_ad.inspection.trainings.folders import trainings_home
from xai_ad.machine.children import child_environment
from xai_ad.machine.files import writing

LOG = ".runner.log"
PATIENCE = 30.0
"""Seconds that a worker has to begin before another one is started."""
PAUSE = 5.0
"""Seconds after the beginning of one that failed in which no other is started."""
_begun: dict[str, tuple[float, "subprocess.Popen[bytes]"]] = {}
_starting = threading.Lock()


def start_runner() -> None:
    """Start a worker for this home, unless one that this process started is just about to begin.

    It has a session of its own, so that no signal to the app's reaches it. A second worker of one home finds the
    first and ends.
    """
    root = trainings_home()
    with _starting:
        at, before = _begun.get(str(root), (0.0, None))
        if before is not None:
            since, ended = time.monotonic() - at, before.poll()
            if (ended is None and since < PATIENCE) or (ended and since < PAUSE):
                return
        with writing(root):
            root.mkdir(parents=True, exist_ok=True)
            log = (root / LOG).open("wb")
        with log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "xai_ad.inspection.trainings.runner"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=child_environment(),
                start_new_session=True,
            )
        _begun[str(root)] = time.monotonic(), worker
    threading.Thread(target=worker.wait, name="runner", daemon=True).start()


def worker_problem() -> str | None:
    """Return in a line why the last worker that this process started failed; None where it did not, or was killed."""
    _, worker = _begun.get(str(trainings_home()), (0.0, None))
    if worker is None or (worker.poll() or 0) <= 0:
        return None
    log = trainings_home() / LOG
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.is_file() else []
    said = lines[-1] if lines else f"exit code {worker.returncode}"
    return f"No training can begin: the worker's process ended ({said}). All that it said is in {str(log)!r}."
