"""Asking a module that runs as a process of its own: what it allocates and how is nobody else's business."""

import json
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from xai_ad.errors import BenchmarkError
from xai_ad.machine.places import CHECKOUT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Answer = TypeVar("Answer")


def ask_own_process(module: str, request: "DataclassInstance", answer: type[Answer], *, what: str) -> Answer:
    """Run `python -m module REQUEST`, the request as JSON, and return its last line as the answer's type.

    `what` names in an error whose process it was. Raises `BenchmarkError` with the process's last words where it fails.
    """
    ended = subprocess.run(  # noqa: S603  # our own module, and an argument that no shell reads
        [sys.executable, "-m", module, json.dumps(asdict(request), default=str)],
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
    return TypeAdapter(answer).validate_json(ended.stdout.splitlines()[-1])
