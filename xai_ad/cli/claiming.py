"""Commands that write into a folder hold it from their first moment on."""

from collections.abc import Callable
from functools import wraps
from typing import Any


def claims_output(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that is refused where another process writes into its `output`."""

    @wraps(command)
    def claimed(**options: Any) -> None:
        from xai_ad.machine.locks import ANOTHER_OUTPUT, claim

        with claim(options["output"], inside=True, instead=ANOTHER_OUTPUT):
            command(**options)

    return claimed
