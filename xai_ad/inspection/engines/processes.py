"""Work in a process of its own for each job: for what is long, and must neither slow nor end this one."""

import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from xai_ad.errors import Cancelled, XaiAdError
from xai_ad.inspection.engines.base import Answer, Lane, Perform, Question
from xai_ad.inspection.engines.child import STOP
from xai_ad.inspection.engines.queued import Terms
from xai_ad.inspection.engines.threads import ThreadEngine
from xai_ad.machine.children import child_environment
from xai_ad.progress import Progress

_GLANCE = 0.2
"""Seconds between two looks at whether a job that reports nothing has been stopped."""
_Heard: TypeAlias = "queue.SimpleQueue[tuple[str, Any]]"


class ProcessEngine(ThreadEngine[Question, Answer]):
    """Has a process for each job, and a thread that passes on what it reports.

    `perform`, a function of a module, questions and answers are pickled, and only by this process and its own
    children for each other. The standard library's spawning runs the main script again in each child, which under
    Streamlit is the app: so a child is a program of its own, `child.py`.

    A child computes with `torch_threads` threads. A stopped one has `patience`, in seconds, to end by itself; one
    that ends without an answer is a failed job.
    """

    def __init__(
        self,
        perform: Perform[Question, Answer],
        terms: Terms | None = None,
        *,
        workers: Mapping[Lane, int] | None = None,
        torch_threads: int = 1,
        patience: float = 10.0,
    ) -> None:
        super().__init__(perform, terms, workers=workers)
        self._torch_threads = torch_threads
        self._patience = patience

    def _answer(self, question: Question, progress: Progress) -> Answer:
        asked = pickle.dumps((self._perform, question))
        with subprocess.Popen(
            [sys.executable, "-m", "xai_ad.inspection.engines.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(OMP_NUM_THREADS=str(self._torch_threads)),
        ) as child:
            heard: _Heard = queue.SimpleQueue()
            threading.Thread(target=_listen, args=(child, heard), daemon=True).start()
            try:
                _tell(child, asked)
                answer: Answer = _follow(child, heard, progress)
                return answer
            finally:
                _tell(child, STOP)
                with suppress(subprocess.TimeoutExpired):
                    child.wait(self._patience)
                child.kill()
                if child.stdin:
                    with suppress(OSError):  # what a child that is gone was not told
                        child.stdin.close()


def _tell(child: "subprocess.Popen[bytes]", data: bytes) -> None:
    """Send bytes to a child; one that is gone is heard of."""
    if child.stdin:
        with suppress(OSError):
            child.stdin.write(data)
            child.stdin.flush()


def _listen(child: "subprocess.Popen[bytes]", heard: _Heard) -> None:
    """Pass on what a child says, until it ends."""
    try:
        while child.stdout:
            heard.put(pickle.load(child.stdout))  # noqa: S301  # this process's own child
    except Exception:  # noqa: BLE001  # the end of what it says, or what cannot be read of it
        heard.put(("gone", None))


def _follow(child: "subprocess.Popen[bytes]", heard: _Heard, progress: Progress) -> Any:
    """Return what a child answers, and raise what it raises."""
    reached = 0.0
    while True:
        try:
            kind, value = heard.get(timeout=_GLANCE)
        except queue.Empty:
            progress(reached)  # which raises here where the job was stopped
            continue
        if kind == "progress":
            reached = value
            progress(reached)
        elif kind == "done":
            return value
        elif kind == "stopped":
            raise Cancelled(value)
        elif kind == "refused":
            raise XaiAdError(value)
        elif kind == "failed":
            raise RuntimeError(f"In its own process:\n{value}")
        else:
            with suppress(subprocess.TimeoutExpired):
                child.wait(1.0)
            raise XaiAdError(
                f"The work's own process ended without a result (exit code {child.returncode}). "
                "It may have run out of memory."
            )
