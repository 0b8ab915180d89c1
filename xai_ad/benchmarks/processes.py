"""Asking a function in a process of its own: what that allocates, and how, is nobody else's business."""

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TypeVar, get_type_hints

from pydantic import TypeAdapter

from xai_ad.errors import BenchmarkError
from xai_ad.machine.allocator import tune_allocator
from xai_ad.machine.places import CHECKOUT

PROGRAM = f"from {__name__} import main; main()"

Request = TypeVar("Request")
Answer = TypeVar("Answer")


def ask(function: Callable[[Request], Answer], request: Request, *, tuned: bool, what: str) -> Answer:
    """Return what a module's function makes of a request in a new process; both are dataclasses, and travel as JSON.

    With `tuned` that process allocates as the commands and the app do. `what` names in an error whose process it was:
    raises `BenchmarkError` with the process's last words where it fails.
    """
    asked, answered = get_type_hints(function).values()
    text = TypeAdapter(asked).dump_json(request).decode()
    ended = subprocess.run(  # noqa: S603  # our own module, and arguments that no shell reads
        [sys.executable, "-c", PROGRAM, function.__module__, function.__name__, str(tuned), text],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        last_words = (ended.stderr.strip() or "no message").splitlines()[-1]
        raise BenchmarkError(
            f"The process of {what} ended with {ended.returncode}: {last_words}. Mend that and rerun."
        )
    answer: Answer = TypeAdapter(answered).validate_json(ended.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """Call what the command line names on the request that it has, and print the answer."""
    module, name, tuned, text = sys.argv[1:]
    function = getattr(import_module(module), name)
    if tuned == str(True):
        tune_allocator()
    asked, answered = get_type_hints(function).values()
    answer = function(TypeAdapter(asked).validate_json(text))
    sys.stdout.write(TypeAdapter(answered).dump_json(answer).decode() + "\n")
