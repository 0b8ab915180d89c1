"""The jobs of training: folders under the user's own one, which outlive the app and whoever works on them.

What a job's state is follows from its folder and from who holds its lock, whoever was killed meanwhile.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp

from xai_ad.data.hidden import is_hidden
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.inspection.trainings.folders import (
    Folder,
    Ordered,
    Reached,
    Stage,
    Wish,
    Wished,
    trainings_home,
)
from xai_ad.inspection.trainings.orders import TrainingOrder
from xai_ad.inspection.trainings.starting import start_runner, worker_problem
from xai_ad.machine.files import writing
from xai_ad.machine.locks import claim, is_claimed
from xai_ad.store import require_new_name
from xai_ad.training.promises import Promise
from xai_ad.training.reports import EpochReport

RUNNER = "runner"
"""What the worker of a home claims, beside the jobs."""
MOST_STARTS = 3
"""So often a job is begun that was cut short without another epoch: one that ends its process does not do so for ever."""
WAIT = 10.0


class TrainingState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    """Its worker is gone, and did not end it: the next one goes on with it."""
    DONE = "done"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether it is worked on, or will be without anybody's asking."""
        return self in {TrainingState.WAITING, TrainingState.RUNNING, TrainingState.INTERRUPTED}


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """What a job looked like at one moment.

    `position` counts those that wait from 1; `planned` are the epochs that are to be expected; `fraction` is 0 to 1 of everything; `model` is the id of what was made.
    One that is `stopping` still runs, but not for long. `reconstructions` are PNGs, the newest last.
    """

    id: str
    order: TrainingOrder
    state: TrainingState
    created: datetime
    position: int | None = None
    stage: Stage | None = None
    epochs: tuple[EpochReport, ...] = ()
    planned: int | None = None
    fraction: float = 0.0
    seconds_left: float | None = None
    error: str | None = None
    model: str | None = None
    reconstructions: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    stopping: bool = False


def submit(order: TrainingOrder) -> str:
    """Put a training into the queue, see that somebody works on it, and return the job's id.

    Raises `InvalidInputError` for a name that is no model's or is taken, by a model or by a job that is not done.
    """
    root = trainings_home()
    with claim(root, inside=True, wait=WAIT):
        for name in order.names:
            require_new_name(name)
        _require_unordered(order)
        now = time.time()
        with writing(root):
            made = Path(mkdtemp(prefix=".new-", dir=root))
            folder = Folder(made)
            folder.order(Ordered(created=now, order=order))
            folder.wish(Wished(wish=Wish.RUN, since=now))
            job_id = _new_id(order.name, now)
            made.rename(root / job_id)
    ensure_runner()
    return job_id


def list_jobs() -> tuple[TrainingJob, ...]:
    """Return all jobs, the newest first."""
    root = trainings_home()
    paths = [path for path in root.iterdir() if not is_hidden(path.name)] if root.is_dir() else []
    jobs = [job for path in paths if (job := _job(Folder(path))) is not None]
    waiting = {job.id: place for place, job in enumerate(queue(jobs), 1)}
    placed = [replace(job, position=waiting.get(job.id)) for job in jobs]
    return tuple(sorted(placed, key=lambda job: (job.created, job.id), reverse=True))


def find_job(job_id: str) -> TrainingJob:
    """Return a job; raises `UnknownNameError` for an id that is none's."""
    jobs = {job.id: job for job in list_jobs()}
    if job_id not in jobs:
        raise UnknownNameError("training", job_id, jobs)
    return jobs[job_id]


def queue(jobs: Sequence[TrainingJob]) -> list[TrainingJob]:
    """Return the jobs that a worker would take, in order: first those that were cut short, then as they were asked for."""
    due = [job for job in jobs if job.state is TrainingState.WAITING or _is_due(job)]
    return sorted(due, key=lambda job: (not _is_due(job), _folder(job.id).wished().since, job.id))


def pause(job_id: str) -> None:
    """Let a job rest: at once where it waits, within a batch where it trains. What was trained is kept."""
    _ask(job_id, Wish.PAUSE)


def stop(job_id: str) -> None:
    """End a job for now, as `pause` does. It can still be resumed until it is forgotten."""
    _ask(job_id, Wish.STOP)


def resume(job_id: str) -> None:
    """Put a job that rests, was cut short or failed at the queue's end; it goes on after its last whole epoch."""
    job = find_job(job_id)
    if job.state is TrainingState.DONE:
        raise InvalidInputError(f"The training {job_id!r} is done: its model is {job.model!r}.")
    with claim(trainings_home(), inside=True, wait=WAIT):
        folder = _folder(job_id)
        folder.reopen()
        if job.state is not TrainingState.RUNNING and (reached := folder.reached()) is not None:
            folder.reach(replace(reached, starts=0))
        folder.wish(Wished(wish=Wish.RUN, since=time.time()))
    ensure_runner()


def forget(job_id: str) -> None:
    """Remove a job and what it has not finished; a model that it made stays. Raises `InUseError` where it runs."""
    find_job(job_id)
    folder = _folder(job_id)
    with claim(folder.path, instead=", or stop it first"), writing(folder.path):
        gone = folder.path.with_name(f".{folder.path.name}-gone")
        folder.path.rename(gone)
        shutil.rmtree(gone)


def ensure_runner() -> None:
    """See that somebody works on what waits, or was cut short; safe to call at every look at the list."""
    if queue(list_jobs()) and not is_claimed(trainings_home() / RUNNER):
        start_runner()


@contextmanager
def working_on(job_id: str) -> Iterator[Folder | None]:
    """Hold a job while working on it; None where it is not to be worked on any more."""
    folder = _folder(job_id)
    with claim(folder.path, wait=WAIT):
        is_wanted = folder.wished().wish is Wish.RUN and folder.result() is None
        yield folder if is_wanted and folder.ordered() is not None else None


def _job(folder: Folder) -> TrainingJob | None:
    ordered = folder.ordered()
    if ordered is None:
        return None
    running = is_claimed(folder.path)  # before the rest: what ends meanwhile has written its end
    result, wished, reached = folder.result(), folder.wished().wish, folder.reached()
    if result is not None and not running:
        state = TrainingState.FAILED if result.error else TrainingState.DONE
    elif running:
        state = TrainingState.RUNNING
    elif wished is not Wish.RUN:
        state = TrainingState.PAUSED if wished is Wish.PAUSE else TrainingState.STOPPED
    else:
        state = TrainingState.WAITING if reached is None or not reached.starts else TrainingState.INTERRUPTED
    reached = reached or Reached()
    return TrainingJob(
        id=folder.path.name,
        order=ordered.order,
        state=state,
        created=datetime.fromtimestamp(ordered.created, UTC),
        stage=reached.stage if folder.reached() is not None else None,
        epochs=folder.epochs(),
        planned=reached.planned,
        fraction=1.0 if state is TrainingState.DONE else reached.fraction,
        seconds_left=reached.seconds_left if running else None,
        error=_stuck(state, reached) if result is None else result.error,
        model=None if result is None else result.model,
        reconstructions=folder.looks(),
        notes=folder.notes(),
        stopping=running and wished is not Wish.RUN,
    )


def _stuck(state: TrainingState, reached: Reached) -> str | None:
    """Say why a job that was cut short does not go on by itself."""
    if state is not TrainingState.INTERRUPTED or reached.starts < MOST_STARTS:
        return None
    return (
        f"Its process ended {reached.starts} times before another epoch was done: perhaps the memory does not suffice. "
        "Resume it, or train a smaller network."
    )


def _is_due(job: TrainingJob) -> bool:
    """Whether a job that was cut short is to go on by itself."""
    if job.state is not TrainingState.INTERRUPTED:
        return False
    reached = _folder(job.id).reached()
    return reached is not None and reached.starts < MOST_STARTS


def _ask(job_id: str, wish: Wish) -> None:
    job = find_job(job_id)
    if job.state in {TrainingState.DONE, TrainingState.FAILED}:
        return
    _folder(job_id).wish(Wished(wish=wish, since=time.time()))


def _folder(job_id: str) -> Folder:
    return Folder(trainings_home() / job_id)


def _new_id(name: str, now: float) -> str:
    """Return an id that sorts by time and tells the model's name."""
    stem = f"{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}-{name}"
    taken = {path.name for path in trainings_home().iterdir()}
    return next(
        found
        for place in range(1, len(taken) + 2)
        if (found := stem if place == 1 else f"{stem}-{place}") not in taken
    )


def _require_unordered(order: TrainingOrder) -> None:
    """Raise `InvalidInputError` where another job is going to make a model of the same name."""
    wanted = {name.casefold() for name in order.names}
    for job in list_jobs():
        names = {name.casefold() for name in job.order.names}
        if wanted & names and job.state is not TrainingState.DONE:
            raise InvalidInputError(
                f"The training {job.id!r} ({job.state}) has the name {job.order.name!r}. Choose another name, or remove it."
            )


__all__ = [
    "Promise",
    "Stage",
    "TrainingJob",
    "TrainingOrder",
    "TrainingState",
    "ensure_runner",
    "find_job",
    "forget",
    "list_jobs",
    "pause",
    "queue",
    "resume",
    "stop",
    "submit",
    "worker_problem",
    "working_on",
]
