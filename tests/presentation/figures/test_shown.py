"""What figures can show is checked before it is drawn."""

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.errors import InvalidInputError
from xai_ad.presentation.figures.shown import Bar, Bars, Chart, Grid, Panel, Series, Tile


def test_a_grid_needs_a_tile_for_each_place():
    tile = Tile(image=Pillow.fromarray(np.zeros((8, 8), np.uint8)))
    with pytest.raises(InvalidInputError, match=r"2 rows and 1 columns.*\[1, 2\]"):
        Grid(columns=("a",), rows=("b", "c"), tiles=((tile,), (tile, tile)))


@pytest.mark.parametrize("values", [(float("nan"),), ()])
def test_a_chart_needs_numbers(values):
    series = Series(name="a", x=values, y=values, colour="#000000")
    with pytest.raises(InvalidInputError, match="finite values"):
        Chart(x_title="x", y_title="y", panels=((Panel(title="", series=(series,)),),))


def test_panels_share_the_ranges_of_axes_that_mean_the_same():
    def panel(x, y, title=""):
        return Panel(title="", series=(Series(name="a", x=x, y=y, colour="#000000"),), x_title=title)

    panels = (panel((0.0, 4.0), (0.2, 0.9)), panel((2.0, 10.0), (0.1, 0.5)), panel((7.0,), (0.5,), "else"))
    chart = Chart(x_title="x", y_title="y", panels=(panels,))
    assert [chart.x_range(each) for each in panels] == [(-0.5, 10.5), (-0.5, 10.5), (6.95, 7.05)]
    assert chart.y_range == pytest.approx((0.06, 0.94))


@pytest.mark.parametrize(
    ("bars", "said"),
    [
        (((Bar(value=0.5),), (None, None)), "need a place for each"),
        (((Bar(value=0.5), None),), "need a place for each"),
        (((Bar(value=1.5), None), (None, None)), r"figures in \[0, 1\]"),
        (((Bar(value=0.5, thesis=86.0), None), (None, None)), r"figures in \[0, 1\]"),
        (((None, Bar()), (None, None)), r"figures in \[0, 1\]"),
    ],
)
def test_bars_that_do_not_fit_are_refused(bars, said):
    with pytest.raises(InvalidInputError, match=said):
        Bars(groups=("a", "b"), series=(("c", "#000000"), ("d", "#111111")), bars=bars, y_title="up")
