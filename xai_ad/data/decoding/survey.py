"""Which value is white in several pictures together: in a set, one picture's values say what another's cannot."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from PIL import Image as Pillow

from xai_ad.data.decoding.damage import DAMAGE
from xai_ad.data.decoding.deep import DeepPixels, deep_pixels, is_deep, stated_whites
from xai_ad.data.decoding.files import bytes_of
from xai_ad.data.decoding.levels import FULL, Span, fits, smallest_white, white_by_values
from xai_ad.data.decoding.opening import RareTiffError, open_header
from xai_ad.data.decoding.tiffs import rare_tiff
from xai_ad.errors import ImageError

_HEAD = 26
"""Bytes of a PNG that end with how many bits a sample has."""
_PNG, _TIFF = b"\x89PNG\r\n\x1a\n", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True)
class Survey(Generic[Key]):
    """The value that is white in each picture of more than 8 bits whose file does not say it, and a note of one line.

    `white` is that of all pictures of more than 8 bits, where it is one and the same.
    """

    whites: Mapping[Key, int]
    white: int | None = None
    note: str | None = None


def survey(
    pictures: Iterable[Path], *, levels: int | None = None, assumed: int | None = None
) -> Survey[Path]:
    """Look through files for the value that is white where they do not say it.

    It is `levels` where that is given, else `assumed` where the values fit it; a note says where the two differ. Without
    either it is the largest value of the fewest bits that hold all values, where there are several pictures. Files that
    cannot be read are passed over: they are refused where they are used.
    """
    return survey_of(
        ((path, partial(bytes_of, path)) for path in pictures if may_be_deep(_head(path))),
        levels=levels,
        assumed=assumed,
    )


def survey_of(
    pictures: Iterable[tuple[Key, Callable[[], bytes]]], *, levels: int | None, assumed: int | None
) -> Survey[Key]:
    """Look through pictures that `may_be_deep`, by what reads their bytes; as `survey`."""
    if levels is not None:
        readers = dict(pictures)
        note = None
        if assumed not in {None, levels} and any(
            _values_of(read, is_known=True) is not None for read in readers.values()
        ):
            note = f"White is taken to be {levels}, as --levels says; in the model's training pictures it was {assumed}."
        return Survey(whites=dict.fromkeys(readers, levels), white=levels if readers else None, note=note)
    silent: dict[bool, dict[Key, Span]] = {False: {}, True: {}}  # by whether they are floating point
    stated: set[int] = set()
    is_full = False
    for key, read in pictures:
        found = _values_of(read, is_known=is_full)
        if isinstance(found, int):
            stated.add(found)
        elif found is not None:
            silent[found.is_float][key] = found
            is_full = is_full or (not found.is_float and white_by_values(found) == FULL and found.largest > 0)
    whites: dict[Key, int] = {}
    notes = []
    for spans in filter(None, silent.values()):
        together = _together(spans.values())
        white, is_sure = _white_of(together, assumed), white_by_values(together) is not None
        if white is None or (len(spans) == 1 and not is_sure and white != assumed):
            continue  # one alone may be any of several
        whites |= dict.fromkeys(spans, white)
        if not is_sure:
            notes.append(_note(len(spans), together, white, assumed))
    every = {*whites.values(), *stated}
    return Survey(whites=whites, white=every.pop() if len(every) == 1 else None, note=" ".join(notes) or None)


def may_be_deep(head: bytes) -> bool:
    """Return whether a file that begins so may have more than 8 bits a pixel and not say which value is white."""
    return (head.startswith(_PNG) and head[24:25] == b"\x10") or head[:4] in _TIFF


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD)
    except (OSError, ValueError):
        return b""


def _values_of(read: Callable[[], bytes], *, is_known: bool) -> Span | int | None:
    """Return what a picture's values are, or which white it states itself; None for one of 8 bits, or none.

    Where it `is_known` that other pictures use all 16 bits, the values of one that states nothing are not looked at.
    """
    try:
        data = read()
        picture = _opened(data)
        if picture is None:
            return _said(rare_tiff(data, "")[0])
        if not is_deep(picture):
            return None
        if is_known and picture.mode != "F" and not stated_whites(picture, data):
            return Span(smallest=0, largest=0, is_float=False)
        pixels = deep_pixels(picture, data, "")
    except (ImageError, *DAMAGE):
        return None
    return _said(pixels)


def _opened(data: bytes) -> Pillow.Image | None:
    """Return a picture's header, or None for a TIFF that Pillow does not know."""
    try:
        return open_header(data, "")
    except RareTiffError:
        return None


def _said(pixels: DeepPixels) -> Span | int:
    """Return which white a picture states, or else what its values are."""
    span = pixels.span
    return next((white for white in pixels.stated if fits(span, white)), span)


def _together(spans: Iterable[Span]) -> Span:
    every = list(spans)
    return Span(
        smallest=min(span.smallest for span in every),
        largest=max(span.largest for span in every),
        is_float=every[0].is_float,
    )


def _white_of(together: Span, assumed: int | None) -> int | None:
    if assumed is not None and fits(together, assumed):
        return assumed
    return smallest_white(together) if together.largest <= FULL else None


def _note(count: int, together: Span, white: int, assumed: int | None) -> str:
    pictures = "1 picture has" if count == 1 else f"{count} pictures have"
    told = "as for the model's training" if white == assumed else "as in the fewest bits that hold it"
    if assumed not in {None, white}:
        told = f"{told} (for the model's training it was {assumed})"
    return (
        f"{pictures} more than 8 bits a pixel and nothing says which value is white. The largest is "
        f"{together.largest:g}: white is taken to be {white}, {told}. Another number of levels: --levels."
    )
