"""A graph recorded in a process of its own: torch is patched meanwhile, and what else computed there would fail."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from xai_ad.errors import ExportError
from xai_ad.machine.children import child_environment
from xai_ad.progress import Progress, silent
from xai_ad.store import StoredModel

if TYPE_CHECKING:
    from onnx import ModelProto

_PROGRAM = "xai_ad.exporting.child"
REFUSED = 3
"""What the program ends with where it says why in a line."""
_GLANCE = 0.1
"""Seconds between two looks at whether the work is done, or to stop."""
_USUAL = 8.0
"""Seconds that recording takes about: no step of it says how far it is."""


def recorded_apart(stored: StoredModel, calibration: str, *, on_progress: Progress = silent) -> "ModelProto":
    """Return a model's ONNX graph with its metadata, under the calibration of an id.

    Raises `ExportError` for a network that ONNX does not take, and where the process ends without a result.
    """
    import onnx

    with tempfile.TemporaryDirectory(prefix="xai-ad-export-") as aside:
        output, told = Path(aside) / "graph.onnx", Path(aside) / "told.txt"
        with told.open("wb") as errors:
            command = [sys.executable, "-m", _PROGRAM, str(stored.path.resolve()), calibration, str(output)]
            process = subprocess.Popen(  # noqa: S603  # this very package
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=child_environment(OMP_NUM_THREADS="1"),
            )
        try:
            _follow(process, on_progress)
        finally:
            process.kill()
            process.wait()
        if process.returncode == REFUSED:
            raise ExportError(told.read_text("utf-8", "replace").strip().rpartition("\n")[2])
        if process.returncode != 0 or not output.is_file():
            raise ExportError(
                f"Recording the network ended without a result (exit code {process.returncode}). It may have run out of "
                "memory."
            )
        on_progress(1.0)
        model: ModelProto = onnx.ModelProto.FromString(output.read_bytes())
        return model


def _follow(process: "subprocess.Popen[bytes]", on_progress: Progress) -> None:
    """Wait for a process; `on_progress` may raise `Cancelled`."""
    begun = time.monotonic()
    while process.poll() is None:
        passed = (time.monotonic() - begun) / _USUAL
        on_progress(0.9 * passed / (1 + passed))
        time.sleep(_GLANCE)
