"""A table of pictures: what it shows, where each picture stands, and its drawing."""

import math
from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.errors import InvalidInputError
from xai_ad.thesis.figures.lettering import (
    CAPTION_SIZE,
    LABEL_SIZE,
    MUTED,
    TITLE_SIZE,
    line_height,
    text_width,
    wrapped,
    write_lines,
)

MARGIN, GAP, PADDING = 28, 14, 6
"""Around the drawing, between tiles, and between a tile and its words; in pixels."""

FRAME = "#d0d7de"
"""A line around each tile, which shows where a white picture ends."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A picture of any size, and the lines below it."""

    picture: Pillow.Image
    caption: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rows of tiles, each drawn as a square of `side` pixels; a column's or row's name may have several lines.

    Raises `InvalidInputError` unless every row has a tile for each column.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    tiles: tuple[tuple[Tile, ...], ...]
    title: str = ""
    note: str = ""
    side: int = 192

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.tiles}
        if len(self.tiles) != len(self.rows) or widths != {len(self.columns)}:
            raise InvalidInputError(
                f"A grid of {len(self.rows)} rows and {len(self.columns)} columns needs a tile for each place. "
                f"Got rows of {[len(row) for row in self.tiles]} tiles."
            )

    @property
    def width(self) -> int:
        """The whole drawing's width, in pixels."""
        return self._left(len(self.columns)) - GAP + MARGIN

    @property
    def column_width(self) -> int:
        """A tile's side, or more where words above or below it are wider, in pixels; tiles stand in its middle."""
        named = [(line, LABEL_SIZE) for name in self.columns for line in name.split("\n")]
        captions = [(line, CAPTION_SIZE) for tiles in self.tiles for tile in tiles for line in tile.caption]
        return max(self.side, *(math.ceil(text_width(*words)) for words in named + captions))

    @property
    def height(self) -> int:
        """The whole drawing's height, in pixels."""
        return self._top(len(self.rows)) + len(self.note_lines) * line_height(CAPTION_SIZE) + MARGIN

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Return (left, top) of a tile's picture, in pixels of the drawing."""
        return self._left(column) + (self.column_width - self.side) // 2, self._top(row)

    @property
    def title_lines(self) -> list[str]:
        """The title, broken to the drawing's width."""
        return wrapped(self.title, TITLE_SIZE, self.width - 2 * MARGIN)

    @property
    def note_lines(self) -> list[str]:
        """The note below the tiles, broken to the drawing's width."""
        return wrapped(self.note, CAPTION_SIZE, self.width - 2 * MARGIN)

    def _left(self, column: int) -> int:
        labels = [line for name in self.rows for line in name.split("\n")]
        widest = round(max(text_width(line, LABEL_SIZE) for line in labels))
        return MARGIN + widest + 2 * PADDING + column * (self.column_width + GAP)

    def _top(self, row: int) -> int:
        titled = MARGIN + len(self.title_lines) * line_height(TITLE_SIZE) + GAP
        header = max(len(name.split("\n")) for name in self.columns) * line_height(LABEL_SIZE) + PADDING
        captions = max(len(tile.caption) for tiles in self.tiles for tile in tiles)
        pitch = self.side + PADDING + captions * line_height(CAPTION_SIZE) + GAP
        return titled + header + row * pitch


def draw_grid(grid: Grid) -> Pillow.Image:
    """Draw a grid on white; a picture of another size than a tile is resized, bicubic."""
    drawing = Pillow.new("RGB", (grid.width, grid.height), "white")
    canvas = ImageDraw.Draw(drawing)
    _write_names(canvas, grid)
    for row, tiles in enumerate(grid.tiles):
        for column, tile in enumerate(tiles):
            left, top = grid.corner(row, column)
            canvas.rectangle((left - 1, top - 1, left + grid.side, top + grid.side), outline=FRAME)
            drawing.paste(_tile_sized(tile.picture, grid.side), (left, top))
            below = (left + grid.side / 2, top + grid.side + PADDING)
            write_lines(canvas, tile.caption, below, size=CAPTION_SIZE, align="middle", colour=MUTED)
    return drawing


def _write_names(canvas: ImageDraw.ImageDraw, grid: Grid) -> None:
    """Write the title, the columns' and rows' names and the note."""
    write_lines(canvas, grid.title_lines, (MARGIN, MARGIN), size=TITLE_SIZE)
    half = grid.side / 2
    for column, name in enumerate(grid.columns):
        lines = name.split("\n")
        left, top = grid.corner(0, column)
        above = top - len(lines) * line_height(LABEL_SIZE) - PADDING / 2
        write_lines(canvas, lines, (left + half, above), size=LABEL_SIZE, align="middle")
    for row, name in enumerate(grid.rows):
        lines = name.split("\n")
        middle = grid.corner(row, 0)[1] + half - len(lines) * line_height(LABEL_SIZE) / 2
        write_lines(canvas, lines, (MARGIN, middle), size=LABEL_SIZE)
    foot = (MARGIN, grid.height - MARGIN - len(grid.note_lines) * line_height(CAPTION_SIZE))
    write_lines(canvas, grid.note_lines, foot, size=CAPTION_SIZE, colour=MUTED)


def _tile_sized(picture: Pillow.Image, side: int) -> Pillow.Image:
    colour = picture.convert("RGB")
    return colour if colour.size == (side, side) else colour.resize((side, side), Pillow.Resampling.BICUBIC)
