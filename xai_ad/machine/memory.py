"""How much memory a process takes, as Linux counts it."""

from pathlib import Path

from xai_ad.errors import BenchmarkError

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
FORGET_PEAK = "5"
"""What `proc(5)` has written to the second file to let the peak start anew from what is resident."""


def restart_peak() -> float:
    """Let the peak start from now, and return what is resident, in megabytes."""
    try:
        CLEAR.write_text(FORGET_PEAK)
    except OSError as error:
        raise BenchmarkError(
            f"The memory at most in use is read from Linux's /proc, which is not to be had here ({error}). "
            "Measure speed on Linux."
        ) from error
    return _megabytes("VmRSS")


def peak() -> float:
    """Return the most that was resident since `restart_peak`, in megabytes."""
    return _megabytes("VmHWM")


def _megabytes(name: str) -> float:
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024 / 1e6
