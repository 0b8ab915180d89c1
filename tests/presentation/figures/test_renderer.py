"""What matplotlib is handed: every image, value, bar and word stands where it belongs."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image as Pillow

from xai_ad.presentation.figures.renderer import (
    DPI,
    INK,
    diverging_image,
    png,
    render,
    sequential_colours,
    sequential_image,
)
from xai_ad.presentation.figures.shown import Bar, Bars, Chart, Grid, Panel, Series, Tile


def noise(seed, size):
    rng = np.random.default_rng(seed)
    return Pillow.fromarray(rng.integers(0, 256, (size, size, 3), dtype=np.uint8))


def small_grid(size=64):
    def tile(row, column):
        return Tile(image=noise(3 * row + column, size), caption=("one", "two")[: column + 1])

    return Grid(
        columns=("input", "a model\nwith two lines"),
        rows=("normal", "a long\nname", "x"),
        tiles=tuple(tuple(tile(row, column) for column in range(2)) for row in range(3)),
        title="A title that is too long for so narrow a drawing",
        note="A note that is too long for one line of it, and goes on below.",
        side=64,
    )


def small_chart():
    dots = Series(name="dots", x=(0.0, 4.0), y=(0.2, 0.9), colour="#1450e0", marker="o")
    level = Series(name="level", x=(0.0, 10.0), y=(0.5, 0.5), colour="#e03400", dashed=True)
    panels = (
        (Panel(title="left", series=(dots,)), Panel(title="right", series=(level, dots), x_title="on")),
    )
    return Chart(x_title="across", y_title="up", panels=panels, title="A title", note="A note. " * 40)


def small_bars():
    return Bars(
        groups=("first", "second group"),
        series=(("blue", "#1450e0"), ("red", "#e03400")),
        bars=((Bar(value=0.8, thesis=0.4), Bar(thesis=0.6)), (None, Bar(value=0.25, spread=0.1))),
        y_title="up",
    )


def words_of(figure):
    texts = [*figure.texts, *(text for axes in figure.axes for text in (axes.title, axes.xaxis.label))]
    return " ".join(text.get_text() for text in texts)


@pytest.mark.parametrize("size", [64, 16])
def test_every_image_stands_at_its_row_and_column_resized_to_its_tile(size):
    grid = small_grid(size)
    figure = render(grid)
    for place, axes in enumerate(figure.axes):
        row, column = divmod(place, 2)
        tile = grid.tiles[row][column]
        (shown,) = axes.images
        expected = tile.image.resize((64, 64), Pillow.Resampling.BICUBIC)
        assert np.array_equal(shown.get_array(), np.asarray(expected))
        assert axes.get_xlabel() == "\n".join(tile.caption)
        box = axes.get_window_extent()
        assert (box.width, box.height) == pytest.approx((64, 64))
        assert axes.get_title() == (grid.columns[column] if row == 0 else "")
        assert axes.get_ylabel() == (grid.rows[row] if column == 0 else "")
    first, second, below, *_ = (axes.get_window_extent() for axes in figure.axes)
    assert first.x1 < second.x0
    assert first.y0 > below.y1


def test_the_drawn_pixels_are_the_images():
    drawn = Pillow.open(io.BytesIO(png(small_grid())))
    pixels = np.asarray(drawn.convert("RGB")).astype(int)
    for tiles in small_grid().tiles:
        for tile in tiles:
            wanted = np.asarray(tile.image).astype(int)[20, 10:50]
            assert any(
                np.array_equal(row[left : left + 40], wanted)
                for row in pixels
                for left in np.flatnonzero((row[:-40] == wanted[0]).all(axis=1))
            )


def test_grey_images_are_drawn_grey():
    grey = Pillow.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
    figure = render(Grid(columns=("a",), rows=("b",), tiles=((Tile(image=grey),),), side=8))
    assert figure.axes[0].images[0].get_array()[2, 3].tolist() == [19, 19, 19]


@pytest.mark.parametrize("shown", [small_grid(), small_chart()], ids=["grid", "chart"])
def test_title_and_note_are_wrapped_and_whole(shown):
    said = " ".join(words_of(render(shown)).split())
    assert shown.title in said
    assert shown.note.strip() in said
    assert "\n" in "".join(text.get_text() for text in render(shown).texts)


def test_nothing_reaches_the_edge_of_the_file():
    for shown in (small_grid(), small_chart(), small_bars()):
        pixels = np.asarray(Pillow.open(io.BytesIO(png(shown))).convert("RGB"))
        inside = np.zeros(pixels.shape[:2], bool)
        margin = DPI // 4 - 3
        inside[margin:-margin, margin:-margin] = True
        assert (pixels[~inside] == 255).all()


def test_dots_and_lines_stand_at_their_values_in_their_colours():
    chart = small_chart()
    left, right = render(chart).axes
    (dots,) = left.lines
    assert (list(dots.get_xdata()), list(dots.get_ydata())) == ([0, 4], [0.2, 0.9])
    assert (dots.get_marker(), dots.get_linestyle(), to_hex(dots.get_color())) == ("o", "None", "#1450e0")
    level, _ = right.lines
    assert list(level.get_ydata()) == [0.5, 0.5]
    assert (level.get_linestyle(), to_hex(level.get_color())) == ("--", "#e03400")
    assert (left.get_xlabel(), right.get_xlabel(), left.get_ylabel()) == ("across", "on", "up")
    for axes, panel in zip((left, right), chart.panels[0], strict=True):
        assert axes.get_xlim() == chart.x_range(panel)
        assert axes.get_ylim() == chart.y_range
        assert axes.get_title(loc="left") == panel.title


def test_the_legend_names_every_series_once():
    (legend,) = render(small_chart()).legends
    assert [text.get_text() for text in legend.get_texts()] == ["dots", "level"]


def test_places_with_names_bear_them():
    dots = Series(name="a", x=(0.0, 1.0), y=(0.2, 0.9), colour="#1450e0", marker="o")
    panels = ((Panel(title="", series=(dots,)),),)
    figure = render(Chart(x_title="x", y_title="y", panels=panels, x_names=("one", "two")))
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["one", "two"]
    assert not figure.legends  # one series needs none


def test_a_bar_is_as_high_as_its_figure_under_its_groups_name_beside_the_others():
    (axes,) = render(small_bars()).axes
    blue, red = axes.patches
    assert [to_hex(bar.get_facecolor()) for bar in (blue, red)] == ["#1450e0", "#e03400"]
    assert [bar.get_height() for bar in (blue, red)] == [0.8, 0.25]
    assert -0.5 < blue.get_x() < blue.get_x() + blue.get_width() < 0
    assert 1 < red.get_x() < red.get_x() + red.get_width() < 1.5
    assert [text.get_text() for text in axes.get_xticklabels()] == ["first", "second\ngroup"]
    assert axes.get_ylim() == (0, 1)


def test_the_thesiss_figure_is_a_line_across_its_bar_and_a_spread_as_long_as_it_is():
    (axes,) = render(small_bars()).axes
    blue, red = axes.patches
    lines = [line for line in axes.lines if line.get_color() == INK and len(line.get_xdata())]
    assert [list(line.get_ydata()) for line in lines] == [[0.4, 0.4], [0.6, 0.6]]
    first, second = (list(line.get_xdata()) for line in lines)
    middle = blue.get_x() + blue.get_width() / 2
    assert np.mean(first) == pytest.approx(middle)
    assert np.mean(second) == pytest.approx(red.get_x() + red.get_width() / 2 - 1)
    (spread,) = axes.collections[0].get_segments()
    assert spread[:, 1].tolist() == pytest.approx([0.15, 0.35])


def test_palettes_run_from_end_to_end_and_clip_beyond():
    ends = sequential_image(np.array([[-1.0, 0.0, 1.0, 2.0]], np.float32))
    pixels = [ends.getpixel((place, 0)) for place in range(4)]
    assert pixels == [(0, 0, 4), (0, 0, 4), (252, 253, 191), (252, 253, 191)]
    middle = diverging_image(np.array([[-5.0, 0.0, 5.0]], np.float32))
    wanted = [(20, 80, 224), (236, 236, 234), (224, 52, 0)]
    assert [middle.getpixel((place, 0)) for place in range(3)] == wanted
    assert len(set(sequential_colours(6))) == 6


def test_threads_draw_the_same_bytes():
    shown = [small_grid(), small_chart(), small_bars()] * 2
    alone = [png(each) for each in shown]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(png, shown)) == alone
