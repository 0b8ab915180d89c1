"""The errors that the package raises on purpose.

One root, so that an application catches one class at its edge; each message is one line that quotes the value and
says what to do::

    XaiAdError
    ├── InvalidInputError        a value out of range, or an array of the wrong shape
    ├── UnknownNameError         no such model, network, option, layout, method or sample set
    ├── ImageError               a file that is not a usable image
    ├── DatasetError             a folder that does not follow its layout
    ├── WritingError             a file or folder that cannot be written
    ├── InUseError               a file or folder that another process is writing
    ├── StoreError               a stored model that is damaged, incomplete or of another version
    ├── UnsupportedLayerError    relevance cannot be propagated through a layer
    ├── ExportError              a model that another format cannot hold, or computes otherwise
    ├── BenchmarkError           a measurement that ended without a figure
    ├── BusyError                more work is waiting than an engine takes
    └── Cancelled                the caller asked for the work to stop
"""

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 40
"""Names that a message lists at most."""
_NEAREST = 6
"""How many of more names it gives."""


class XaiAdError(Exception):
    """Root of the errors that the package raises on purpose.

    >>> from xai_ad import Calibration, XaiAdError
    >>> try:
    ...     Calibration(threshold=-1.0, score_max=2.0, map_scale=4.0)
    ... except XaiAdError as error:
    ...     print(error)
    The 'threshold' of a calibration must be positive and finite. Got -1.0.
    """


class InvalidInputError(XaiAdError, ValueError):
    """A value out of range, or an array of the wrong shape."""


class UnknownNameError(XaiAdError, LookupError):
    """A name that stands in no registry; the message lists the valid ones, of many those that come nearest."""

    def __init__(self, kind: str, name: str, valid: Iterable[str]) -> None:
        names = sorted(valid)
        if len(names) <= _LISTED:
            choice = f"one of: {', '.join(names) or '(none)'}"
        else:
            nearest = get_close_matches(name, names, n=_NEAREST, cutoff=0)
            choice = f"one of the {len(names)}; nearest are {', '.join(nearest)}"
        super().__init__(f"There is no {kind} {name!r}. Choose {choice}.")


class ImageError(XaiAdError):
    """A file that is not a usable image."""


class DatasetError(XaiAdError):
    """A folder that does not follow the layout it was said to have."""


class WritingError(XaiAdError, OSError):
    """A file or folder that cannot be written: no space, no permission, or something else in its place."""


class InUseError(XaiAdError):
    """A file or folder that another process is writing."""


class StoreError(XaiAdError):
    """A stored model that is damaged, incomplete or of another schema version."""


class UnsupportedLayerError(XaiAdError):
    """A layer that a method has no rule for."""


class ExportError(XaiAdError):
    """A model that another program's format cannot hold, or computes otherwise."""


class BenchmarkError(XaiAdError):
    """A measurement that ended without a figure."""


class BusyError(XaiAdError):
    """More work is waiting than an engine takes."""


class Cancelled(XaiAdError):
    """Raised by a `Progress` to stop the work that reports to it."""
