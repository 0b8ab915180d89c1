"""What a comparison's sheet shows: rows of pictures under named columns, and all that is needed to read them.

A row may be a model or an image. `drawing` makes one picture of a sheet, `page` one page.
"""

from dataclasses import dataclass
from enum import StrEnum

from PIL import Image as Pillow

from xai_ad.errors import InvalidInputError
from xai_ad.presentation.captions import DrawnScale
from xai_ad.presentation.words import Look


class Tone(StrEnum):
    """How a line is said."""

    PLAIN = "plain"
    FAINT = "faint"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of text; it is wrapped where it is too long."""

    text: str
    tone: Tone = Tone.PLAIN


class Mark(StrEnum):
    """What lines on the pictures mean."""

    EVIDENCE = "evidence"
    RECTANGLES = "rectangles"
    UNSURE = "unsure"
    TRUTH = "truth"
    SEEN = "seen"


MEANINGS = {
    Mark.EVIDENCE: "Outlined: the strongest evidence.",
    Mark.RECTANGLES: "Dashed: the rectangles that flip the verdict, or come nearest to it.",
    Mark.UNSURE: "Hatched: not even the sign is sure.",
    Mark.TRUTH: "Where a person marked the defect.",
    Mark.SEEN: "The yellow frame: what the network saw.",
}
"""What each mark means, in words."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile:
    """A picture and the lines below it, or a `message` that says why there is none.

    `alt` is for who cannot see it; `details`, names and values, are what a page folds away.
    """

    picture: Pillow.Image | None = None
    lines: tuple[Line, ...] = ()
    message: str = ""
    alt: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What stands in front of a row: its title, a verdict's word and look where there is one, and lines."""

    title: str
    verdict: str = ""
    look: Look | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class SheetRow:
    """A row: a tile for each column, or none and a `message` that says why."""

    heading: Heading
    tiles: tuple[Tile, ...] = ()
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's name, and in a sentence how to read it."""

    title: str
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A colour bar, the columns whose maps are drawn on it, and of which rows, where not of all."""

    columns: tuple[str, ...]
    drawn: DrawnScale
    rows: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What stands above it."""
        return ", ".join(self.columns) + (f" ({', '.join(self.rows)})" if self.rows else "")


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """Rows of tiles with all that is needed to read them.

    A `caution` stands under the title, then `facts`, beside `photo`, the picture that all rows are of, where there is one;
    `notes`, and the `note`, stand at the end. Raises `InvalidInputError` where a row has neither a tile for each column nor a message.
    """

    columns: tuple[Column, ...]
    rows: tuple[SheetRow, ...]
    title: str = ""
    caution: str = ""
    facts: tuple[str, ...] = ()
    photo: Tile | None = None
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.tiles) != (0 if row.message else len(self.columns)):
                raise InvalidInputError(
                    f"A row of a sheet needs a tile for each of its {len(self.columns)} columns, or a message alone. Got "
                    f"{len(row.tiles)} tiles in the row {row.heading.title!r}."
                )
