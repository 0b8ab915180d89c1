"""Which layout a folder follows, where it is not the one that it was given as."""

from collections.abc import Collection
from pathlib import Path

from xai_ad.data.layouts.base import Layout
from xai_ad.data.layouts.tree import listed, subfolders
from xai_ad.errors import DatasetError

_UP = 3
"""How many folders above one are tried: `train/good` lies two below its category."""


def guess(directory: Path, layouts: Collection[Layout]) -> Layout | None:
    """Return the first of some layouts, the most telling ones first, that a folder follows by the look of it."""
    return next((layout for layout in layouts if _fits(layout, directory)), None)


def _fits(layout: Layout, directory: Path) -> bool:
    """Return whether a folder looks like a layout; one that cannot be read looks like none."""
    try:
        return layout.fits(directory)
    except (DatasetError, OSError):
        return False


def advice(directory: Path, wanted: Layout, layouts: Collection[Layout]) -> str:
    """Return a sentence that says what to do with a folder that does not follow a layout.

    It is empty without an idea, and for a folder that does look like it.

    Its subfolders follow it, or a folder that it lies in; or it follows another layout.
    """
    if _fits(wanted, directory):
        return ""
    inside = [folder.name for folder in subfolders(directory) if _fits(wanted, folder)]
    if inside:
        one = "it" if len(inside) == 1 else "one of them"
        return f"It holds {listed(inside)}, which looks like the layout {wanted.id!r}: point --data at {one}."
    above = next((place for place in directory.absolute().parents[:_UP] if _fits(wanted, place)), None)
    if above is not None:
        return f"It lies in {str(above)!r}, which looks like the layout {wanted.id!r}: point --data there."
    other = guess(directory, layouts)
    return f"It looks like the layout {other.id!r}." if other and other is not wanted else ""
