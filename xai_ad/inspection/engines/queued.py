"""The books of every engine on this computer: queues, owners, and the states of jobs."""

import logging
import threading
import time
from abc import abstractmethod
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Generic

from xai_ad.errors import BusyError, Cancelled, XaiAdError
from xai_ad.inspection.engines.base import Answer, Engine, JobState, JobStatus, Lane, Perform, Question
from xai_ad.progress import Progress

_log = logging.getLogger(__name__)


def out_of_sight(owner: str) -> bool:
    """Know of no owner whether it is there; each has to come back for its jobs."""
    del owner
    return False


@dataclass(eq=False)
class Job(Generic[Question, Answer]):
    """One question under way; whoever changes it holds the engine's lock."""

    question: Question
    lane: Lane
    owners: set[str]
    state: JobState = JobState.WAITING
    fraction: float = 0.0
    result: Answer | None = None
    error: str | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def status(self) -> JobStatus[Answer]:
        """What it looks like now."""
        stopping = self.state.active and self.stop.is_set()
        return JobStatus(
            state=self.state,
            fraction=self.fraction,
            result=self.result,
            error=self.error,
            stopping=stopping,
        )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How much an engine takes on, and for whom.

    A lane holds at most `waiting` jobs, and the latest `kept` finished ones are remembered. An owner lets go of
    everything when it was out of sight for a `lease`, in seconds: when it has neither asked for anything nor been
    seen by `is_present`. A browser asks once a minute in a hidden tab, so its server has to say that the tab is still
    there; the lease bridges a reload and a lost connection.
    """

    waiting: int = 64
    kept: int = 64
    lease: float = 30.0
    is_present: Callable[[str], bool] = out_of_sight
    clock: Callable[[], float] = time.monotonic


class QueuedEngine(Engine[Question, Answer]):
    """Keeps the books; who works on a lane's jobs, and when, is left open."""

    def __init__(self, perform: Perform[Question, Answer], terms: Terms | None = None) -> None:
        self._perform = perform
        self._terms = terms or Terms()
        self._seen: dict[str, float] = {}  # when each owner was last in sight
        self._queues: dict[Lane, deque[Job[Question, Answer]]] = {lane: deque() for lane in Lane}
        self._running: set[Job[Question, Answer]] = set()
        self._jobs: OrderedDict[Question, Job[Question, Answer]] = OrderedDict()  # oldest first
        self._changed = threading.Condition()
        self._closed = False

    def submit(self, question: Question, *, owner: str, lane: Lane) -> JobStatus[Answer]:  # noqa: D102  # the contract's
        with self._changed:
            self._seen[owner] = self._terms.clock()
            self._drop_absent()
            job = self._jobs.get(question)
            if job is not None and not job.stop.is_set() and job.state is not JobState.STOPPED:
                if job.state.active:
                    job.owners.add(owner)
                return job.status
            queue = self._queues[lane]
            if len(queue) >= self._terms.waiting or self._closed:
                raise BusyError(f"{len(queue)} {lane} are already waiting. Try again in a moment.")
            job = Job(question, lane, {owner})
            self._jobs[question] = job
            self._jobs.move_to_end(question)
            queue.append(job)
            self._wake(lane)
            return job.status

    def status(self, question: Question) -> JobStatus[Answer] | None:  # noqa: D102
        with self._changed:
            job = self._jobs.get(question)
            return None if job is None else job.status

    def stop(self, question: Question, *, owner: str) -> None:  # noqa: D102
        with self._changed:
            job = self._jobs.get(question)
            if job is not None:
                self._let_go(job, owner)

    def release(self, owner: str, *, keep: Collection[Question] = ()) -> None:  # noqa: D102
        with self._changed:
            for question, job in list(self._jobs.items()):
                if question not in keep:
                    self._let_go(job, owner)

    def forget(self, question: Question) -> None:  # noqa: D102
        with self._changed:
            job = self._jobs.get(question)
            if job is not None and not job.state.active:
                del self._jobs[question]

    def close(self) -> None:  # noqa: D102
        with self._changed:
            self._closed = True
            for job in [*self._jobs.values(), *self._running]:
                job.owners.clear()
                self._cancel(job)
            self._changed.notify_all()

    @abstractmethod
    def _wake(self, lane: Lane) -> None:
        """Let somebody work on a lane that has gained a job; the lock is held."""

    def _answer(self, question: Question, progress: Progress) -> Answer:
        """Do the work of one question."""
        return self._perform(question, progress)

    def _take(self, lane: Lane) -> Job[Question, Answer] | None:
        """Return a lane's next job, which then counts as running; the lock is held."""
        self._drop_absent()
        if not self._queues[lane]:
            return None
        job = self._queues[lane].popleft()
        job.state = JobState.RUNNING
        self._running.add(job)
        return job

    def _run(self, job: Job[Question, Answer]) -> None:
        """Work on a job that was taken, to whatever end."""
        started = time.monotonic()
        state = JobState.FAILED
        try:
            job.result = self._answer(job.question, partial(self._report, job))
            state = JobState.DONE
        except Cancelled:
            state = JobState.STOPPED
        except XaiAdError as error:
            job.error = str(error)
        except Exception:  # noqa: BLE001  # a worker that dies takes its whole lane with it
            _log.exception("The job %r failed.", job.question)
            job.error = "An internal error; the server's log has the details."
        finally:
            with self._changed:
                job.fraction = 1.0 if state is JobState.DONE else job.fraction
                self._finish(job, state)
        _log.debug("The job %r is %s after %.1f s.", job.question, state, time.monotonic() - started)

    def _report(self, job: Job[Question, Answer], fraction: float) -> None:
        """Be a running job's `Progress`."""
        with self._changed:
            self._drop_absent()
            if job.stop.is_set():
                raise Cancelled("Stopped.")
            job.fraction = max(job.fraction, min(fraction, 1.0))

    def _drop_absent(self) -> None:
        """Let go of the jobs of owners who were out of sight for too long."""
        now = self._terms.clock()
        for owner, seen in list(self._seen.items()):
            if self._terms.is_present(owner):
                self._seen[owner] = now
            elif now - seen > self._terms.lease:
                del self._seen[owner]
                for job in list(self._jobs.values()):
                    self._let_go(job, owner)

    def _let_go(self, job: Job[Question, Answer], owner: str) -> None:
        if owner in job.owners:
            job.owners.discard(owner)
            if not job.owners:
                self._cancel(job)

    def _cancel(self, job: Job[Question, Answer]) -> None:
        """Stop a job: at once where it waits, at its next report where it runs."""
        if job.state is JobState.WAITING:
            self._queues[job.lane].remove(job)
            self._finish(job, JobState.STOPPED)
        elif job.state is JobState.RUNNING:
            job.stop.set()

    def _finish(self, job: Job[Question, Answer], state: JobState) -> None:
        job.state = state
        job.owners.clear()
        self._running.discard(job)
        finished = [question for question, other in self._jobs.items() if not other.state.active]
        for question in finished[: max(0, len(finished) - self._terms.kept)]:
            del self._jobs[question]
