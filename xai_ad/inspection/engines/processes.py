"""Work in a process of its own for each job: for what is long, and must neither slow nor end this one."""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from xai_ad.errors import Cancelled, XaiAdError
from xai_ad.inspection.engines.base import Answer, Lane, Perform, Question
from xai_ad.inspection.engines.queued import Terms
from xai_ad.inspection.engines.threads import ThreadEngine
from xai_ad.progress import Progress

_GLANCE = 0.2
"""Seconds between two looks at whether a job that reports nothing has been stopped."""
_GONE = (EOFError, OSError)
"""What a pipe raises whose other end is closed."""


class ProcessEngine(ThreadEngine[Question, Answer]):
    """Has a process for each job, and a thread that passes on what it reports.

    `perform`, questions and answers are pickled, and only by this process and its own children for each other. A
    child computes with `torch_threads` threads. A stopped one has `patience`, in seconds, to end by itself; one that
    ends without an answer is a failed job.
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
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self._torch_threads, self._perform, question)
        child = context.Process(target=_work, args=arguments, daemon=True)
        try:
            child.start()
            theirs.close()  # so that the child's end is seen here
            answer: Answer = _follow(child, ours, progress)
            return answer
        finally:
            with suppress(*_GONE):
                ours.send("stop")
            if child.pid is not None:
                _end(child, ours, self._patience)
            ours.close()


def _follow(child: BaseProcess, connection: Connection, progress: Progress) -> Any:
    """Return what a child answers, and raise what it raises."""
    reached = 0.0
    while True:
        if not connection.poll(_GLANCE):
            progress(reached)  # which raises here where the job was stopped
            continue
        try:
            kind, value = connection.recv()
        except _GONE:
            child.join(1.0)
            raise XaiAdError(
                f"The work's own process ended without a result (exit code {child.exitcode}). "
                "It may have run out of memory."
            ) from None
        if kind == "progress":
            reached = value
            progress(reached)
        elif kind == "done":
            return value
        elif kind == "stopped":
            raise Cancelled(value)
        elif kind == "refused":
            raise XaiAdError(value)
        else:
            raise RuntimeError(f"In its own process:\n{value}")


def _end(child: BaseProcess, connection: Connection, patience: float) -> None:
    """Wait until a child has ended, and end it where that takes too long."""
    deadline = time.monotonic() + patience
    with suppress(*_GONE):
        while time.monotonic() < deadline:  # what it still says is read, or it would wait to be heard
            if connection.poll(_GLANCE):
                connection.recv()
    child.join(max(0.0, deadline - time.monotonic()))
    child.kill()
    child.join()


def _work(connection: Connection, torch_threads: int, perform: Perform[Any, Any], question: Any) -> None:
    """Be the child: answer one question, and end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    os.environ["OMP_NUM_THREADS"] = str(torch_threads)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(torch_threads)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(connection, stop), daemon=True).start()

    def report(fraction: float) -> None:
        if stop.is_set():
            raise Cancelled("Stopped.")
        connection.send(("progress", fraction))

    try:
        connection.send(("done", perform(question, report)))
    except Cancelled as error:
        connection.send(("stopped", str(error)))
    except XaiAdError as error:
        connection.send(("refused", str(error)))
    except Exception:  # noqa: BLE001  # whatever it is, the parent's log shall have it
        connection.send(("failed", traceback.format_exc()))


def _listen(connection: Connection, stop: threading.Event) -> None:
    """Hear that the work is to stop; a parent that is gone needs no answer."""
    try:
        connection.recv()
    except _GONE:
        os._exit(1)
    stop.set()
