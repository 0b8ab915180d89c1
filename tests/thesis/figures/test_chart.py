import numpy as np
import pytest
from PIL import ImageColor

from xai_ad.errors import InvalidInputError
from xai_ad.thesis.figures.chart import Chart, Panel, Series, ticks
from xai_ad.thesis.figures.chart_drawing import MARGIN, chart_axes, draw_chart
from xai_ad.thesis.figures.lettering import text_width, wrapped
from xai_ad.thesis.figures.plotting import chart_figure


def small_chart():
    dots = Series(name="dots", x=(0.0, 4.0), y=(0.2, 0.9), colour="#1450e0", dots=True)
    level = Series(name="level", x=(0.0, 10.0), y=(0.5, 0.5), colour="#e03400")
    steep = Series(name="steep", x=(5.0, 5.0), y=(0.1, 0.9), colour="#cd4071")
    panels = ((Panel(title="left", series=(dots,)), Panel(title="right", series=(level, steep, dots))),)
    return Chart(x_title="across", y_title="up", panels=panels, title="A title", note="A note. " * 40)


@pytest.mark.parametrize(
    ("column", "x", "y", "colour"),
    [
        (0, 0.0, 0.2, "#1450e0"),
        (0, 4.0, 0.9, "#1450e0"),
        (1, 4.0, 0.9, "#1450e0"),
        (1, 2.0, 0.5, "#e03400"),
        (1, 8.0, 0.5, "#e03400"),
        (1, 5.0, 0.7, "#cd4071"),
        (0, 9.0, 0.55, "#ffffff"),
    ],
)
def test_dots_and_lines_stand_at_their_values_in_their_colours(column, x, y, colour):
    chart = small_chart()
    left, top = chart_axes(chart, 0, column).place(x, y)
    pixels = np.asarray(draw_chart(chart)).astype(int)
    near = pixels[round(top) - 1 : round(top) + 2, round(left) - 1 : round(left) + 2]
    assert np.abs(near - ImageColor.getrgb(colour)).max(axis=2).min() <= 20
    assert (near == 255).all() == (colour == "#ffffff")


def test_larger_values_stand_further_right_and_higher():
    axes = chart_axes(small_chart(), 0, 1)
    left, top, right, bottom = axes.box
    assert axes.place(-0.5, 0.06) == pytest.approx((left, bottom))
    assert axes.place(10.5, 0.94) == pytest.approx((right, top))


def test_nothing_reaches_into_the_margins():
    pixels = np.asarray(draw_chart(small_chart()))
    inside = np.zeros(pixels.shape[:2], bool)
    overhang = 1  # a letter's edge may lie a pixel before its place
    inside[MARGIN:-MARGIN, MARGIN - overhang : -MARGIN] = True
    assert (pixels[~inside] == 255).all()


def test_all_panels_share_their_ranges_and_hold_every_value():
    chart = small_chart()
    assert chart_axes(chart, 0, 0).x_range == chart_axes(chart, 0, 1).x_range == (-0.5, 10.5)
    assert chart.y_range == pytest.approx((0.06, 0.94))
    figure = chart_figure(chart)
    assert tuple(figure.layout.xaxis.range) == tuple(figure.layout.xaxis2.range) == chart.x_range


def test_the_legend_names_every_series_once():
    chart = small_chart()
    assert [series.name for series in chart.legend] == ["dots", "level", "steep"]
    shown = [trace.name for trace in chart_figure(chart).data if trace.showlegend]
    assert shown == ["dots", "level", "steep"]


@pytest.mark.parametrize(("low", "high"), [(-0.5, 10.5), (0.913, 0.9142), (-3e-7, 2e-6), (12.0, 1812.0)])
def test_ticks_are_few_round_and_inside(low, high):
    places = ticks(low, high)
    assert 2 <= len(places) <= 7
    assert low <= places[0] < places[-1] <= high
    steps = np.diff(places)
    assert steps == pytest.approx(np.full(len(steps), steps[0]))


@pytest.mark.parametrize("values", [(float("nan"),), ()])
def test_a_chart_needs_numbers(values):
    series = Series(name="a", x=values, y=values, colour="#000000")
    with pytest.raises(InvalidInputError, match="finite values"):
        Chart(x_title="x", y_title="y", panels=((Panel(title="", series=(series,)),),))


def test_wrapping_keeps_every_word_and_the_width():
    text = "a few words of which donaudampfschiffahrtsgesellschaft alone is too wide"
    lines = wrapped(text, 14, 120)
    assert " ".join(lines).split() == text.split()
    assert [line for line in lines if text_width(line, 14) > 120] == ["donaudampfschiffahrtsgesellschaft"]
    assert wrapped("", 14, 120) == []
