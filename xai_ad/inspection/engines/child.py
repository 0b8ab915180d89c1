"""What runs in a job's own process: it answers one question, and tells its parent how far it is."""

import os
import pickle
import signal
import sys
import threading
import traceback
from typing import Any, BinaryIO

from xai_ad.errors import Cancelled, XaiAdError

STOP = b"s"
"""The one byte that the parent may still send."""


def main() -> None:
    """Read a question from standard input, and write what becomes of it to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    parent = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the work prints is no message
    try:
        perform, question = pickle.load(sys.stdin.buffer)  # noqa: S301  # the parent's own
        stop = threading.Event()
        threading.Thread(target=_listen, args=(stop,), daemon=True).start()

        def report(fraction: float) -> None:
            if stop.is_set():
                raise Cancelled("Stopped.")  # noqa: TRY301  # through the work, which hears of it so
            _send(parent, "progress", fraction)

        _send(parent, "done", perform(question, report))
    except Cancelled as error:
        _send(parent, "stopped", str(error))
    except XaiAdError as error:
        _send(parent, "refused", str(error))
    except Exception:  # noqa: BLE001  # whatever it is, the parent's log shall have it
        _send(parent, "failed", traceback.format_exc())


def _send(parent: BinaryIO, kind: str, value: Any) -> None:
    parent.write(pickle.dumps((kind, value)))
    parent.flush()


def _listen(stop: threading.Event) -> None:
    """Hear that the work is to stop; a parent that is gone needs no answer."""
    if sys.stdin.buffer.read(1) != STOP:
        os._exit(1)
    stop.set()


if __name__ == "__main__":
    main()
