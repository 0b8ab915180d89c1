"""What the machine is fastest with, found out beside the pages: a page asks for it, and never waits for it."""

import functools
from concurrent.futures import Future, ThreadPoolExecutor

from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.machine.execution import Execution

PATIENCE = 0.1
"""How many seconds a page waits: enough where an earlier run measured, too short to be felt where this one still does."""


def machine_known(patience: float = 0.0) -> bool:
    """Return whether explainers can be resolved at once, or so within `patience` seconds; the first to ask gets it under way.

    Raises `InvalidInputError` for an environment variable that names no precision or batch size.
    """
    try:
        _finding_out().result(patience)
    except TimeoutError:
        return False
    return True


def await_machine() -> None:
    """Wait until it is known; raises as `machine_known` does."""
    _finding_out().result()


@functools.cache  # should two threads be first, both measure in turn, and find the same
def _finding_out() -> Future[Execution]:
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="machine")
    return worker.submit(fastest_execution)
