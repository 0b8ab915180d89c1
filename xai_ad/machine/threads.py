"""How this process's threads share the cores: BLAS's on small matrices, and those of slow work beside a waiting person."""

import functools
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_BLAS = threading.Lock()
"""Its threads are the whole process's: two limits that overlap would put back each other's."""


NICENESS = 10
"""By how much slow work is nicer: it gets about a tenth of what a thread of ordinary priority gets, where both want a core."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS compute with one thread: beside torch's, its own cost ten times what they save on small matrices."""
    with _BLAS, _controller().limit(limits=1, user_api="blas"):
        yield


def stand_back() -> None:
    """Let this thread, and those that it starts from now on, give way to the process's other threads.

    Linux alone has a niceness for each thread; elsewhere nothing changes.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a system may forbid it: then they are all alike
            thread = threading.get_native_id()
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(now + NICENESS, 19))


def stand_behind() -> None:
    """Let this process, and all threads and processes that it starts from now on, give way to all others.

    Linux gives a session that is alone in its group a share like any other's, whatever its threads' niceness: there the
    group stands back too. It gets a tenth of what others get who want a core, and not less: with what is left of a busy
    computer alone it would not end. What a system forbids or does not know changes nothing.
    """
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), NICENESS))
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS))


@functools.cache
def _controller() -> "ThreadpoolController":
    """Find the process's BLAS libraries, once: it takes milliseconds. Only what is loaded is found."""
    import scipy.linalg  # noqa: F401  # it brings a BLAS of its own
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
