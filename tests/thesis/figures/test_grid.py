import base64
import io

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.errors import InvalidInputError
from xai_ad.thesis.figures.grid import MARGIN, Grid, Tile, draw_grid
from xai_ad.thesis.figures.plotting import PAGE_WIDTH, grid_figure, picture_source


def noise(seed, size):
    rng = np.random.default_rng(seed)
    return Pillow.fromarray(rng.integers(0, 256, (size, size, 3), dtype=np.uint8))


def small_grid(size=64):
    tiles = tuple(
        tuple(
            Tile(picture=noise(3 * row + column, size), caption=("one", "two")[: column + 1])
            for column in range(2)
        )
        for row in range(3)
    )
    return Grid(
        columns=("input", "a model\nwith two lines"),
        rows=("normal", "a long\nname", "x"),
        tiles=tiles,
        title="A title that is too long for so narrow a drawing",
        note="A note that is too long for one line of it, and goes on below.",
        side=64,
    )


def test_every_picture_stands_where_the_grid_says():
    grid = small_grid()
    drawing = draw_grid(grid)
    for row, tiles in enumerate(grid.tiles):
        for column, tile in enumerate(tiles):
            left, top = grid.corner(row, column)
            found = drawing.crop((left, top, left + 64, top + 64))
            assert np.array_equal(np.asarray(found), np.asarray(tile.picture))


def test_a_picture_of_another_size_fills_its_tile():
    grid = small_grid(size=16)
    left, top = grid.corner(1, 1)
    found = draw_grid(grid).crop((left, top, left + 64, top + 64))
    expected = grid.tiles[1][1].picture.resize((64, 64), Pillow.Resampling.BICUBIC)
    assert np.array_equal(np.asarray(found), np.asarray(expected))


def test_nothing_reaches_into_the_margins_and_words_touch_no_picture():
    grid = small_grid()
    pixels = np.asarray(draw_grid(grid)).astype(int)
    inside = np.zeros(pixels.shape[:2], bool)
    overhang = 1  # a letter's edge may lie a pixel before its place
    inside[MARGIN:-MARGIN, MARGIN - overhang : -MARGIN] = True
    assert (pixels[~inside] == 255).all()
    for row in range(3):
        for column in range(2):
            left, top = grid.corner(row, column)
            ring = np.zeros(pixels.shape[:2], bool)
            ring[top - 2 : top + 66, left - 2 : left + 66] = True
            ring[top - 1 : top + 65, left - 1 : left + 65] = False  # but for its frame
            assert (pixels[ring] == 255).all()


def test_a_grid_needs_a_tile_for_each_place():
    tile = Tile(picture=noise(0, 8))
    with pytest.raises(InvalidInputError, match=r"2 rows and 1 columns.*\[1, 2\]"):
        Grid(columns=("a",), rows=("b", "c"), tiles=((tile,), (tile, tile)))


def test_the_page_holds_the_very_pixels_and_every_name():
    grid = small_grid()
    figure = grid_figure(grid)
    assert len(figure.data) == 6
    for trace, tile in zip(figure.data, (t for row in grid.tiles for t in row), strict=True):
        encoded = trace.source.removeprefix("data:image/webp;base64,")
        decoded = Pillow.open(io.BytesIO(base64.b64decode(encoded)))
        assert np.array_equal(np.asarray(decoded.convert("RGB")), np.asarray(tile.picture))
    text = figure.to_json()
    assert all(word in text for word in ("a model", "a long", "normal"))


def test_grey_pictures_are_shown_grey():
    grey = Pillow.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
    assert picture_source(grey) == picture_source(grey.convert("RGB"))
    grid = Grid(columns=("a",), rows=("b",), tiles=((Tile(picture=grey),),), side=8)
    left, top = grid.corner(0, 0)
    assert draw_grid(grid).getpixel((left + 3, top + 2)) == (19, 19, 19)


def test_many_tiles_shrink_to_the_pages_width():
    tile = Tile(picture=noise(0, 8))
    wide = Grid(columns=tuple("abcdefgh"), rows=("x",), tiles=((tile,) * 8,), side=262)
    assert PAGE_WIDTH - 8 <= grid_figure(wide).layout.width <= PAGE_WIDTH
    assert grid_figure(small_grid()).layout.width < 400
