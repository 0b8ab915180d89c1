"""A comparison's sheet as one page for browsers: no network, all pictures within, light and dark, fit to print."""

import base64
import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image as Pillow

from xai_ad.presentation.captions import bar_of, ends_of, ticks_of
from xai_ad.presentation.comparison.marks import sample
from xai_ad.presentation.comparison.sheet import MEANINGS, Bar, Sheet, Tile
from xai_ad.presentation.render import encode_png

if TYPE_CHECKING:
    from jinja2 import Environment

QUALITY = 88
"""Photographs with their maps are JPEG of this quality: a page of many cells can still be sent."""
BAR = 480
"""How many pixels a colour bar is wide; the page stretches it."""
MARK = 24


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of texts; the first of each row names it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Section:
    """A further part of the page under a heading: sentences, pictures with their colour bars, and tables."""

    title: str
    sentences: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    bars: tuple[Bar, ...] = ()
    tables: tuple[Table, ...] = ()


def sheet_html(sheet: Sheet, figures: Table, sections: Sequence[Section] = ()) -> bytes:
    """Return a sheet with the table of its figures as a page, UTF-8; all text is escaped."""
    template = _environment().get_template("page.html")
    return template.render(sheet=sheet, figures=figures, sections=sections, meanings=MEANINGS).encode()


@functools.cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # late: no page needs it to be drawn

    found = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["photograph"] = _photograph
    found.filters["bar"] = lambda drawn: _png(bar_of(drawn, BAR))
    found.filters["ticks"] = ticks_of
    found.filters["ends"] = ends_of
    found.filters["mark"] = lambda mark: _png(sample(mark, MARK))
    return found


def _photograph(picture: Pillow.Image) -> str:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, format="JPEG", quality=QUALITY, subsampling=0)
    return _address("image/jpeg", buffer.getvalue())


def _png(picture: Pillow.Image) -> str:
    return _address("image/png", encode_png(picture))


def _address(kind: str, content: bytes) -> str:
    """Return bytes as an address that holds them."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
