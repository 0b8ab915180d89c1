"""Which layout a folder follows, where it is not the one that it was given as."""

from collections.abc import Collection
from pathlib import Path

from xai_ad.data.sets.base import Layout
from xai_ad.data.sets.tree import subfolders
from xai_ad.data.wording import listed
from xai_ad.errors import DatasetError

_ANY = "folder"
"""The layout that any folder of pictures follows, so that it tells the least."""
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

    It follows another one; the folders within it follow one; or a folder that it lies in does. The sentence is empty
    without an idea, and for a folder that does look like the wanted layout.
    """
    if _fits(wanted, directory):
        return ""
    other = guess(directory, layouts)
    if other is not None and other.id != _ANY:
        return f"It looks like the layout {other.id!r}."
    within = {folder.name: guess(folder, layouts) for folder in subfolders(directory)}
    for layout in (wanted, *(found for found in within.values() if found and found.id != _ANY)):
        inside = [name for name in within if _fits(layout, directory / name)]
        if inside:
            one = "it" if len(inside) == 1 else "one of them"
            return f"It holds {listed(inside)}, which looks like the layout {layout.id!r}: point --data at {one}."
    above = next((place for place in directory.absolute().parents[:_UP] if _fits(wanted, place)), None)
    if above is not None:
        return f"It lies in {str(above)!r}, which looks like the layout {wanted.id!r}: point --data there."
    return f"It looks like the layout {other.id!r}." if other else ""


def doubts(directory: Path, wanted: Layout, layouts: Collection[Layout]) -> list[str]:
    """Return a note where a folder was read as one layout and follows a more telling one of images."""
    other = guess(directory, layouts)
    if other is None or other is wanted or other.of_videos or other.id == _ANY:
        return []
    return [f"The folder looks like the layout {other.id!r}, and was read as {wanted.id!r}."]
