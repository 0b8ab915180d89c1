"""The worker: a process of its own that takes a home's trainings one after another, until none is left.

It gives way to everything else on the computer. What it does is in the jobs' folders, so that it may be killed at any
time: the next one goes on.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from xai_ad.data.notes import NOTES
from xai_ad.errors import Cancelled, InUseError, WritingError, XaiAdError
from xai_ad.inspection.trainings.folders import FAULT, Folder, Result, trainings_home
from xai_ad.inspection.trainings.jobs import RUNNER, list_jobs, queue, working_on
from xai_ad.machine.allocator import tune_allocator
from xai_ad.machine.files import write_whole
from xai_ad.machine.locks import claim
from xai_ad.machine.threads import stand_behind


def main() -> None:
    """Work off what waits, unless another worker of this home does."""
    import xai_ad.inspection.trainings.performing  # noqa: F401  # first: it takes seconds, and somebody waits for it

    stand_behind()
    tune_allocator()
    # Once more after each time: what came while this one was leaving found it there.
    while queue(list_jobs()):
        with ExitStack() as held:
            try:
                held.enter_context(claim(trainings_home() / RUNNER, wait=1.0))
            except InUseError:
                return
            work_off()


def work_off() -> None:
    """Do what waits, in order, until nothing does."""
    while jobs := queue(list_jobs()):
        with ExitStack() as held:
            try:
                folder = held.enter_context(working_on(jobs[0].id))
            except InUseError:
                continue  # somebody else has it by now, and it is not in the queue any more
            if folder is not None:
                work_on(folder)


def work_on(folder: Folder) -> None:
    """Do a job that is held: it ends with a model or an error in its folder, or rests where it was asked to."""
    from xai_ad.inspection.trainings.following import Follower
    from xai_ad.inspection.trainings.performing import perform

    ordered = folder.ordered()
    if ordered is None:
        return
    follower = Follower(folder)
    try:
        folder.reserve()
        follower.begin()
        with _noting(folder):
            model = perform(follower, ordered.order)
    except Cancelled:
        follower.rest()
    except (XaiAdError, OSError) as error:
        folder.end(Result(error=_line(error)))
    except Exception as error:  # noqa: BLE001  # one job's fault is not the others', and nobody sees this process die
        _end_unexpectedly(folder, error)
    else:
        folder.end(Result(model=model))


def _end_unexpectedly(folder: Folder, error: Exception) -> None:
    """End a job in a line that says what was raised, and keep where."""
    said = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(".").removesuffix(":")
    place = folder.path / FAULT
    folder.end(
        Result(
            error=f"An unexpected error ended it ({said}). What was trained is kept: resume it, or see {str(place)!r}."
        )
    )
    with suppress(WritingError):
        write_whole(place, traceback.format_exc().encode())


def _line(error: XaiAdError | OSError) -> str:
    said = " ".join(str(error).split())
    return f"{said} What was trained is kept: resume it then." if isinstance(error, WritingError) else said


class _Noting(logging.Handler):
    """Writes notes into a job's folder."""

    def __init__(self, folder: Folder) -> None:
        super().__init__()
        self._folder = folder

    def emit(self, record: logging.LogRecord) -> None:
        self._folder.add_note(record.getMessage())


@contextmanager
def _noting(folder: Folder) -> Iterator[None]:
    handler = _Noting(folder)
    NOTES.addHandler(handler)
    try:
        yield
    finally:
        NOTES.removeHandler(handler)


if __name__ == "__main__":
    main()
