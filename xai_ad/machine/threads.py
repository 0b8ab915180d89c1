"""The switch for how many threads BLAS takes for small matrices."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_BLAS = threading.Lock()
"""Its threads are the whole process's: two limits that overlap would put back each other's."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS compute with one thread: beside torch's, its own cost ten times what they save on small matrices."""
    with _BLAS, _controller().limit(limits=1, user_api="blas"):
        yield


@functools.cache
def _controller() -> "ThreadpoolController":
    """Find the process's BLAS libraries, once: it takes milliseconds. Only what is loaded is found."""
    import scipy.linalg  # noqa: F401  # it brings a BLAS of its own
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
