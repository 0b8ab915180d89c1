"""Another process that holds a place as commands do."""

import subprocess
import sys
from contextlib import contextmanager

HOLD = """
import sys
from pathlib import Path
from xai_ad.machine.locks import claim
with claim(Path(sys.argv[1]), inside=sys.argv[2] == "inside"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(place, *, inside=False):
    """Hold a place in another process; give that process, which lets go when its input ends."""
    command = [sys.executable, "-c", HOLD, str(place), "inside" if inside else "beside"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            if not process.stdin.closed:
                process.stdin.close()
            process.wait()
