"""The switch for how many threads BLAS takes for small matrices."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_BLAS = threading.Lock()
"""Its threads are the whole process's: two limits that overlap would put back each other's."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS compute with one thread: beside torch's, its own cost ten times what they save on small matrices."""
    from threadpoolctl import threadpool_limits

    with _BLAS, threadpool_limits(limits=1, user_api="blas"):
        yield
