"""Which files and folders a system keeps for itself: they lie among people's pictures and are none."""

from pathlib import Path, PurePath

_SYSTEMS = frozenset(
    {
        "__macosx",  # macOS, in ZIP archives
        "icon\r",
        "network trash folder",
        "temporary items",
        "@eadir",  # Synology
        "@tmp",
        "#recycle",
        "#snapshot",
        "@recycle",  # QNAP
        "@recently-snapshot",
        "~snapshot",  # NetApp
        "$recycle.bin",  # Windows
        "recycler",
        "system volume information",
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "lost+found",  # Linux
        "__pycache__",
    }
)


def is_hidden(name: str) -> bool:
    """Return whether a file's or folder's name says that it is hidden, or a system's own, in any letter case.

    >>> is_hidden("._001.png"), is_hidden("@eaDir"), is_hidden("001.png")
    (True, True, False)
    """
    return name.startswith(".") or name.lower() in _SYSTEMS


def lies_hidden(place: PurePath) -> bool:
    """Return whether a relative path is hidden, or lies in a folder that is."""
    return any(map(is_hidden, place.parts))


def visible_in(folder: Path) -> list[Path]:
    """Return what lies directly in a folder, by name, without what is hidden."""
    names = sorted(path.name for path in folder.iterdir())
    return [folder / name for name in names if not is_hidden(name)]
