"""Slow work, done beside the pages: a few threads, a bounded queue, and a registry that every session shares.

It knows nothing of Streamlit. A job has a key; who asks for a key that is already waiting or running shares that job
and becomes one of its owners. A job is stopped when its last owner lets go of it, so nobody stops another's work. A
closed tab says nothing: an owner who has not asked for anything during a `lease` counts as gone.
"""

import logging
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, TypeAlias

from xai_ad.errors import BusyError, Cancelled, XaiAdError
from xai_ad.progress import Progress

_log = logging.getLogger(__name__)

Work: TypeAlias = Callable[[Progress], Any]
"""Does the work, reports its progress, and returns the result; a `Progress` that raises `Cancelled` stops it."""


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether the job may still produce a result."""
        return self in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """What a job looked like at one moment; `fraction` is 0 to 1, `error` one line for a person."""

    state: JobState
    fraction: float
    result: Any = None
    error: str | None = None


@dataclass(eq=False)
class _Job:
    key: Hashable
    work: Work
    owners: set[str]
    state: JobState = JobState.WAITING
    fraction: float = 0.0
    result: Any = None
    error: str | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def report(self, fraction: float) -> None:
        """Take note of the progress, or stop."""
        if self.stop.is_set():
            raise Cancelled("Stopped.")
        self.fraction = max(self.fraction, min(fraction, 1.0))

    @property
    def status(self) -> JobStatus:
        return JobStatus(state=self.state, fraction=self.fraction, result=self.result, error=self.error)


class Jobs:
    """At most `workers` jobs run at a time, `waiting` wait, and the latest `kept` finished ones are remembered."""

    def __init__(
        self,
        *,
        workers: int = 1,
        waiting: int = 64,
        kept: int = 64,
        lease: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._waiting = waiting
        self._kept = kept
        self._lease = lease
        self._clock = clock
        self._seen: dict[str, float] = {}  # when each owner last asked for something
        self._queue: deque[_Job] = deque()
        self._running: set[_Job] = set()
        self._jobs: OrderedDict[Hashable, _Job] = OrderedDict()  # oldest first
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._closed = False

    def submit(self, key: Hashable, work: Work, *, owner: str, lasting: bool = False) -> JobStatus:
        """Ask for a key's work and return how it stands; safe to repeat at every poll.

        A waiting or running job gains the owner; a done or failed one is returned as it is (`forget` a failed one to
        try again); a stopped one starts anew. A `lasting` owner needs no lease. Raises `BusyError` where the queue is
        full.
        """
        with self._changed:
            self._seen[owner] = math.inf if lasting else self._clock()
            self._drop_absent()
            job = self._jobs.get(key)
            if job is not None and not job.stop.is_set() and job.state is not JobState.STOPPED:
                if job.state.active:
                    job.owners.add(owner)
                return job.status
            if len(self._queue) >= self._waiting or self._closed:
                raise BusyError(
                    f"{len(self._queue)} explanations are already waiting. Try again in a moment."
                )
            job = _Job(key, work, {owner})
            self._jobs[key] = job
            self._jobs.move_to_end(key)
            self._queue.append(job)
            self._start_thread()
            self._changed.notify()
            return job.status

    def status(self, key: Hashable) -> JobStatus | None:
        """Return how a key's job stands, or None where there is none."""
        with self._changed:
            job = self._jobs.get(key)
            return None if job is None else job.status

    def stop(self, key: Hashable, *, owner: str) -> None:
        """Let one owner go of a job, and stop the job if that was the last."""
        with self._changed:
            job = self._jobs.get(key)
            if job is not None:
                self._let_go(job, owner)

    def release(self, owner: str, *, keep: Collection[Hashable] = ()) -> None:
        """Let an owner go of every job but those of the keys in `keep`."""
        with self._changed:
            for key, job in list(self._jobs.items()):
                if key not in keep:
                    self._let_go(job, owner)

    def forget(self, key: Hashable) -> None:
        """Drop a finished job, so that its key can be worked on again."""
        with self._changed:
            job = self._jobs.get(key)
            if job is not None and not job.state.active:
                del self._jobs[key]

    def close(self) -> None:
        """Stop everything and wait for the threads; a closed registry takes no more work."""
        with self._changed:
            self._closed = True
            for job in list(self._jobs.values()):
                job.owners.clear()
                self._cancel(job)
            for job in self._running:
                job.stop.set()
            self._changed.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def _drop_absent(self) -> None:
        """Let go of the jobs of owners whose lease ran out."""
        oldest = self._clock() - self._lease
        absent = {owner for owner, seen in self._seen.items() if seen < oldest}
        for job in list(self._jobs.values()) if absent else []:
            for owner in absent & job.owners:
                self._let_go(job, owner)
        for owner in absent:
            del self._seen[owner]

    def _let_go(self, job: _Job, owner: str) -> None:
        if owner in job.owners:
            job.owners.discard(owner)
            if not job.owners:
                self._cancel(job)

    def _cancel(self, job: _Job) -> None:
        """Stop a job: at once where it waits, at its next report where it runs."""
        if job.state is JobState.WAITING:
            self._queue.remove(job)
            self._finish(job, JobState.STOPPED)
        elif job.state is JobState.RUNNING:
            job.stop.set()

    def _finish(self, job: _Job, state: JobState) -> None:
        job.state = state
        job.owners.clear()
        self._running.discard(job)
        finished = [key for key, other in self._jobs.items() if not other.state.active]
        for key in finished[: max(0, len(finished) - self._kept)]:
            del self._jobs[key]

    def _start_thread(self) -> None:
        if len(self._threads) < min(self._workers, len(self._queue) + len(self._running)):
            # Daemon threads: an explanation nobody waits for must not keep the server from ending.
            thread = threading.Thread(target=self._serve, name=f"job-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closed)
                if self._closed:
                    return
                job = self._queue.popleft()
                job.state = JobState.RUNNING
                self._running.add(job)
            self._run(job)

    def _report(self, job: _Job, fraction: float) -> None:
        """Be a running job's `Progress`."""
        with self._changed:
            self._drop_absent()
        job.report(fraction)

    def _run(self, job: _Job) -> None:
        started = time.monotonic()
        state = JobState.FAILED
        try:
            job.result = job.work(partial(self._report, job))
            state = JobState.DONE
        except Cancelled:
            state = JobState.STOPPED
        except XaiAdError as error:
            job.error = str(error)
        except Exception:  # noqa: BLE001  # a thread that dies takes the whole queue with it
            _log.exception("The job %r failed.", job.key)
            job.error = "An internal error; the server's log has the details."
        finally:
            with self._changed:
                job.fraction = 1.0 if state is JobState.DONE else job.fraction
                self._finish(job, state)
        _log.debug("The job %r is %s after %.1f s.", job.key, state, time.monotonic() - started)


WARM_UP = "warm-up"
"""Who owns the jobs that the server begins by itself, until the first session takes over."""

JOBS = Jobs()
"""The registry of this process. One worker: torch already uses every core."""
