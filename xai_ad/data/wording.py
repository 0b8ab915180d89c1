"""Names as people write them, and numbers and names as sentences have them."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

NORMAL_NAMES = frozenset(
    {
        *("good", "goods", "ok", "okay", "normal", "normals", "nominal", "healthy", "io", "pass", "passed"),
        *("defectfree", "nodefect", "nodefects", "nondefective", "anomalyfree", "noanomaly", "noanomalies"),
    }
)
"""What people call normal pictures, as `bare` returns it."""


def bare(name: str) -> str:
    """Return a name without what people write in their own way: letter case, spaces, hyphens, underscores.

    >>> bare("Ground-Truth"), bare("good_")
    ('groundtruth', 'good')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def as_written(name: str) -> str:
    """Return a name whose accents are parts of their letters, as most systems store them; macOS may part them."""
    return unicodedata.normalize("NFC", name)


def in_any_case(name: str) -> str:
    """Return a name without regard to letter case, to be compared with others."""
    return as_written(name).casefold()


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return names with commas; of more than `most`, the first and how many more there are.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    every = list(names)
    more = len(every) - most
    return ", ".join(every) if more <= 0 else f"{', '.join(every[:most])} and {more} more"


def are(number: int) -> str:
    """Return the verb that goes with a number of things."""
    return "is" if number == 1 else "are"


def counted(number: int, what: str) -> str:
    """Return a number with its noun, which takes an s for more than one.

    >>> counted(1, "picture"), counted(1200, "picture")
    ('1 picture', '1,200 pictures')
    """
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def short(path: PurePath) -> str:
    """Return a path's last two names, for notes.

    >>> short(PurePath("/data/bottle/test/dent"))
    'test/dent'
    """
    return "/".join(path.parts[-2:])
