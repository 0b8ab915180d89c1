"""A comparison's sheet as one picture: headings, pictures, lines, colour bars and marks, on white, to print and to send."""

from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.presentation.captions import FAINT, INK, PAPER, draw_scale
from xai_ad.presentation.comparison.blocks import Text, beside, block, stacked, wide
from xai_ad.presentation.comparison.marks import badge, sample
from xai_ad.presentation.comparison.sheet import MEANINGS, Bar, Heading, Mark, Sheet, SheetRow, Tile, Tone
from xai_ad.presentation.render import encode_png

COLOURS = {Tone.PLAIN: INK, Tone.FAINT: FAINT, Tone.WARNING: "#a81d15"}
RULE, EMPTY = "#d5dae1", "#f1f3f6"
WARNED = "\N{WARNING SIGN} "
"""What a warning begins with: colour alone is not seen by all."""
TILES = {2: 640, 6: 440}
"""How wide a tile is, in pixels, of at most so many columns or rows."""
SMALLEST_TILE = 320
TALLEST = 1.5
"""A picture is at most so many times as high as its tile is wide."""
LEAST = 1100
"""A sheet is at least so wide, in pixels: its text has to be read."""


@dataclass(frozen=True, kw_only=True)
class Measures:
    """A sheet's sizes, in pixels."""

    tile: int
    letter: int
    gap: int
    heading: int  # the width of what stands in front of a row
    width: int

    @classmethod
    def of(cls, sheet: Sheet) -> "Measures":
        """Return the sizes that suit how much there is on a sheet."""
        most = max(len(sheet.columns), len(sheet.rows))
        tile = next((side for count, side in TILES.items() if most <= count), SMALLEST_TILE)
        letter = 15 if tile == SMALLEST_TILE else 18
        gap, heading = letter, 17 * letter
        width = heading + len(sheet.columns) * (gap + tile) + 3 * gap
        return cls(tile=tile, letter=letter, gap=gap, heading=heading, width=max(width, LEAST))

    @property
    def inner(self) -> int:
        """The width between the margins."""
        return self.width - 3 * self.gap


def sheet_png(sheet: Sheet) -> bytes:
    """Return a sheet as a PNG."""
    return encode_png(drawn(sheet))


def drawn(sheet: Sheet) -> Pillow.Image:
    """Return a sheet as one picture of mode RGB."""
    sizes = Measures.of(sheet)
    parts = [
        _top(sheet, sizes),
        _names(sheet, sizes),
        *(_row(row, sizes) for row in sheet.rows),
        _bottom(sheet, sizes),
    ]
    whole = stacked([part for part in parts if part is not None], gap=sizes.gap)
    margin = round(1.5 * sizes.gap)
    page = Pillow.new("RGB", (sizes.width, whole.height + 2 * margin), PAPER)
    page.paste(whole, (margin, margin))
    return page


def _top(sheet: Sheet, sizes: Measures) -> Pillow.Image | None:
    """Return the title and what all rows share: the picture, the facts, the colour bars and the marks."""
    photo = None if sheet.photo is None else _picture(sheet.photo, sizes.heading)
    width = sizes.inner if photo is None else sizes.inner - photo.width - sizes.gap
    words = [
        *([Text(sheet.title, size=round(1.7 * sizes.letter), bold=True)] if sheet.title else []),
        *([Text(sheet.caution, size=round(1.2 * sizes.letter), bold=True)] if sheet.caution else []),
        *(Text(fact, size=sizes.letter, colour=FAINT) for fact in sheet.facts),
    ]
    parts = [*([block(words, width)] if words else []), *_legend(sheet, width, sizes)]
    told = [stacked(parts, gap=sizes.gap)] if parts else []
    found = [*([] if photo is None else [photo]), *told]
    return wide(beside(found, gap=sizes.gap), sizes.inner) if found else None


def _names(sheet: Sheet, sizes: Measures) -> Pillow.Image:
    names = [
        block([Text(column.title, size=round(1.1 * sizes.letter), bold=True)], sizes.tile)
        for column in sheet.columns
    ]
    space = Pillow.new("RGB", (sizes.heading, 1), PAPER)
    return _ruled(beside([space, *names], gap=sizes.gap, low=True), sizes)


def _row(row: SheetRow, sizes: Measures) -> Pillow.Image:
    heading = _heading(row.heading, sizes)
    if row.message:
        tiles = [_message(row.message, sizes.inner - sizes.heading - sizes.gap, 6 * sizes.letter, sizes)]
    else:
        found = [None if tile.picture is None else _picture(tile, sizes.tile) for tile in row.tiles]
        high = max((picture.height for picture in found if picture), default=sizes.tile // 2)
        tiles = [
            stacked(
                [
                    picture or _message(tile.message, sizes.tile, high, sizes),
                    block(_texts(tile, sizes), sizes.tile),
                ],
                gap=sizes.gap // 3,
            )
            for tile, picture in zip(row.tiles, found, strict=True)
        ]
    return wide(beside([heading, *tiles], gap=sizes.gap), sizes.inner)


def _heading(heading: Heading, sizes: Measures) -> Pillow.Image:
    parts = [block([Text(heading.title, size=round(1.1 * sizes.letter), bold=True)], sizes.heading)]
    if heading.verdict and heading.look:
        parts.append(badge(heading.verdict, heading.look, sizes.letter))
    parts.append(
        block(
            [Text(line.text, size=sizes.letter, colour=COLOURS[line.tone]) for line in heading.lines],
            sizes.heading,
        )
    )
    return wide(stacked(parts, gap=sizes.gap // 2), sizes.heading)


def _texts(tile: Tile, sizes: Measures) -> list[Text]:
    return [
        Text(
            f"{WARNED if line.tone is Tone.WARNING else ''}{line.text}",
            size=round(0.85 * sizes.letter),
            colour=COLOURS[line.tone],
        )
        for line in tile.lines
    ]


def _picture(tile: Tile, width: int) -> Pillow.Image:
    """Return a tile's picture so wide, or as high as it may be, in a thin frame."""
    picture = tile.picture or Pillow.new("RGB", (1, 1), EMPTY)
    share = min(width / picture.width, TALLEST * width / picture.height)
    size = max(1, round(share * picture.width)), max(1, round(share * picture.height))
    resized = picture.convert("RGB").resize(size, Pillow.Resampling.LANCZOS)
    ImageDraw.Draw(resized).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=RULE)
    return wide(resized, width)


def _message(message: str, width: int, height: int, sizes: Measures) -> Pillow.Image:
    """Return a grey box that says why there is nothing to see."""
    words = block(
        [Text(WARNED + message, size=sizes.letter, colour=FAINT)], width - 2 * sizes.gap, ground=EMPTY
    )
    box = Pillow.new("RGB", (width, max(height, words.height + 2 * sizes.gap)), EMPTY)
    box.paste(words, (sizes.gap, (box.height - words.height) // 2))
    ImageDraw.Draw(box).rectangle((0, 0, width - 1, box.height - 1), outline=RULE)
    return box


def _legend(sheet: Sheet, width: int, sizes: Measures) -> list[Pillow.Image]:
    """Return lines of colour bars and of what the marks mean, as many beside one another as a width holds."""
    each = min(30 * sizes.letter, width)
    across = max(1, (width + 2 * sizes.gap) // (each + 2 * sizes.gap))
    bars = [_bar(bar, each, sizes) for bar in sheet.bars]
    marks = [_mark(mark, each, sizes) for mark in sheet.marks]
    return [
        beside(found[first : first + across], gap=2 * sizes.gap)
        for found in (bars, marks)
        for first in range(0, len(found), across)
    ]


def _bar(bar: Bar, width: int, sizes: Measures) -> Pillow.Image:
    small = Text("", size=round(0.85 * sizes.letter))
    strip = Pillow.new("RGB", (width, round(3.7 * small.size)), PAPER)
    draw_scale(strip, bar.drawn, (0, 0), small.font)
    names = block([Text(bar.title, size=small.size, bold=True)], width)
    return stacked([names, strip], gap=sizes.gap // 4)


def _mark(mark: Mark, width: int, sizes: Measures) -> Pillow.Image:
    shown = sample(mark, round(1.6 * sizes.letter))
    words = block(
        [Text(MEANINGS[mark], size=round(0.85 * sizes.letter))], width - shown.width - sizes.gap // 2
    )
    return wide(beside([shown, words], gap=sizes.gap // 2), width)


def _bottom(sheet: Sheet, sizes: Measures) -> Pillow.Image | None:
    said = [f"{column.title}: {column.sentence}" for column in sheet.columns if column.sentence]
    lines = [line for line in (*said, *sheet.notes, sheet.note) if line]
    texts = [Text(line, size=round(0.85 * sizes.letter), colour=FAINT) for line in lines]
    return _ruled(block(texts, sizes.inner), sizes, above=True) if texts else None


def _ruled(part: Pillow.Image, sizes: Measures, *, above: bool = False) -> Pillow.Image:
    """Return a part as wide as the sheet, with a thin line below it or above."""
    space = sizes.gap // 2
    found = Pillow.new("RGB", (sizes.inner, part.height + space), PAPER)
    found.paste(part, (0, space if above else 0))
    y = 0 if above else found.height - 1
    ImageDraw.Draw(found).line((0, y, found.width, y), fill=RULE)
    return found
