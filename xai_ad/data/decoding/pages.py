"""Files of several pictures: which one is taken, and what is said of that."""

from contextlib import suppress

from PIL import Image as Pillow

_SUBFILE = 254
REDUCED_OR_MASK = 0b101
_LARGEST_COUNT = 100_000
"""Pages of a damaged file may lead on for ever."""


def choose_page(picture: Pillow.Image) -> str | None:
    """Go to the first page of an opened image that is no reduced copy of another; return a note where there are more.

    Frames of an animation count as pages do. Pictures beside a phone's photograph (MPO) do not count.
    """
    if picture.format == "TIFF":
        return _choose_tiff_page(picture)
    if picture.format == "HEIF":
        return _note(getattr(picture, "n_frames", 1), "pictures", "the main one")
    if picture.format in {"PNG", "WEBP", "AVIF"}:
        return _note(getattr(picture, "n_frames", 1), "frames", "the first")
    return None


def _choose_tiff_page(picture: Pillow.Image) -> str | None:
    whole: list[int] = []
    with suppress(EOFError, OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError):
        for page in range(_LARGEST_COUNT):
            picture.seek(page)
            kind = getattr(picture, "tag_v2", {}).get(_SUBFILE, 0)
            if not (isinstance(kind, int) and kind & REDUCED_OR_MASK):
                whole.append(page)
    picture.seek(whole[0] if whole else 0)
    return page_note(len(whole))


def page_note(count: int) -> str | None:
    """Return what is said of a TIFF's pages that are no reduced copies, where there are several."""
    return _note(count, "pages", "the first")


def _note(count: int, what: str, which: str) -> str | None:
    return f"It has {count} {what}; {which} is judged." if count > 1 else None
