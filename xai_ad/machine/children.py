"""What programs of our own that run in a process of their own find around them."""

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def child_environment(**settings: str) -> dict[str, str]:
    """Return this process's environment for a child, which imports from where this process does; `settings` come on top.

    Folders within the package are left out: Streamlit puts its script's own there, in which `inspect` is a page's, and in a
    child it would hide the standard library's.
    """
    paths = [path for path in sys.path if not _is_ours(path)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **settings}


def _is_ours(path: str) -> bool:
    return Path(path or ".").resolve().is_relative_to(PACKAGE)
