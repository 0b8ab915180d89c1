import json
from itertools import pairwise

import pytest
from PIL import Image as Pillow
from PIL import ImageColor

from xai_ad.errors import InvalidInputError
from xai_ad.thesis import find_experiment, published, recurrent
from xai_ad.thesis.figures.bar_drawing import HEIGHT, bar_box, draw_bars
from xai_ad.thesis.figures.bars import Bar, Bars
from xai_ad.thesis.figures.lettering import INK
from xai_ad.thesis.figures.plotting import bar_figure
from xai_ad.thesis.figures.recurrent_bars import FIGURE_OF, RECURRENT_BARS, draw_recurrent
from xai_ad.thesis.recurrent import RECURRENT, variant_title


def small_bars(**fields):
    named = {
        "groups": ("first", "second group"),
        "series": (("blue", "#1450e0"), ("red", "#e03400")),
        "bars": ((Bar(value=0.8, thesis=0.4), Bar(thesis=0.6)), (None, Bar(value=0.25, spread=0.1))),
        "y_title": "up",
        "title": "A title",
        "note": "A note. " * 60,
    }
    return Bars(**named | fields)


@pytest.mark.parametrize(
    ("group", "series", "figure", "colour"),
    [
        (0, 0, 0.79, "#1450e0"),
        (0, 0, 0.81, "#ffffff"),
        (0, 0, 0.4, INK),
        (0, 1, 0.6, INK),
        (0, 1, 0.5, "#ffffff"),
        (1, 0, 0.5, "#ffffff"),
        (1, 1, 0.1, "#e03400"),
    ],
)
def test_a_bar_reaches_its_figure_and_the_thesiss_is_a_line(group, series, figure, colour):
    bars = small_bars()
    left, top, _, _ = bar_box(bars, group, series, figure)
    assert draw_bars(bars).getpixel((left + 3, top)) == ImageColor.getrgb(colour)


def test_a_bar_is_as_high_as_its_figure_and_beside_the_others():
    bars = small_bars()
    boxes = [bar_box(bars, *place, 0.25) for place in ((0, 0), (0, 1), (1, 0), (1, 1))]
    assert {bottom - top for _, top, _, bottom in boxes} == {HEIGHT / 4}
    assert all(right < left for (_, _, right, _), (left, *_) in pairwise(boxes))


def test_a_spread_is_a_line_as_long_as_it_is():
    bars = small_bars()
    left, top, right, _ = bar_box(bars, 1, 1, 0.34)
    picture = draw_bars(bars)
    assert picture.getpixel(((left + right) // 2, top)) != (255, 255, 255)
    assert picture.getpixel(((left + right) // 2, bar_box(bars, 1, 1, 0.36)[1])) == (255, 255, 255)


def test_the_page_shows_the_same_figures():
    ours, thesis, *_ = bar_figure(small_bars()).data
    assert (list(ours.y), list(thesis.y)) == ([0.8, None], [0.4, None])
    assert ours.offsetgroup == thesis.offsetgroup == "blue"
    assert list(bar_figure(small_bars()).data[2].error_y["array"]) == [0, 0.1]


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
        small_bars(bars=bars)


def test_networks_at_hand_and_the_thesiss_figures_are_drawn(video_request_for, with_figures, monkeypatch):
    cells = [with_figures(auc_roc=figure, auc_roc_global=0.5) for figure in (0.7, 0.8)]
    monkeypatch.setattr(
        recurrent, "run_cells", lambda request, source, variants: {v.name: cells for v in variants}
    )
    request, _ = video_request_for(runs=2, variants=("cgru", "seq2seq_cgru-decoder_recurrent"))
    markdown, page, numbers, picture = find_experiment("figure-4.14").run(request)
    (dataset,) = json.loads(numbers.read_text())["datasets"]
    models = dataset["models"]
    assert {name: row["thesis"] for name, row in models.items()} == {
        name: row["auc_roc"] for name, row in published.TABLE_4_13["ped2"].items()
    }
    measured = {name: row["auc_roc"] for name, row in models.items() if "auc_roc" in row}
    assert measured == {"cgru": 0.75, "seq2seq_cgru-decoder_recurrent": 0.75}
    assert models["cgru"]["spread"] == pytest.approx(0.0707, abs=1e-4)
    assert "| CGRU (1, Y) | 0.750 | 0.500 | 0.860 |" in markdown.read_text()
    assert "The thesis's figure of this set is Figure 4.16." in markdown.read_text()
    assert "scattermode" in page.read_text()
    with Pillow.open(picture) as opened:
        assert opened.width > 1000


def test_every_bar_stands_under_its_networks_name_in_its_settings_colour(
    video_request_for, with_figures, monkeypatch
):
    cells = {
        "cgru": [
            with_figures(auc_roc=0.7, auc_roc_global=0.5),
            with_figures(auc_roc=0.8, auc_roc_global=0.4),
        ],
        "bicrnn-recurrent_layers_3": [with_figures(auc_roc=0.6, auc_roc_global=0.5)],
    }
    monkeypatch.setattr(recurrent, "run_cells", lambda request, source, variants: cells)
    request, _ = video_request_for(runs=2, variants=tuple(cells))
    bars = draw_recurrent(request, request.sources[0]).shown
    assert [name for name, _ in bars.series] == ["(1, N)", "(2, N)", "(3, N)", "(1, Y)", "(2, Y)", "(3, Y)"]
    drawn = {f"{bars.groups[group]} {bars.series[series][0]}": bar for group, series, bar in bars.placed()}
    assert {title: bar.thesis for title, bar in drawn.items()} == {
        variant_title(variant): published.TABLE_4_13["ped2"][variant.name]["auc_roc"] for variant in RECURRENT
    }
    measured = {title: bar for title, bar in drawn.items() if bar.value is not None}
    assert measured == {
        "CGRU (1, Y)": Bar(value=0.75, spread=pytest.approx(0.005**0.5), thesis=0.86),
        "BiCRNN (3, Y)": Bar(value=0.6, thesis=0.85),
    }


def test_each_of_the_thesiss_sets_has_its_figure():
    titles = {figure.title.split(":")[0]: figure.title for figure in RECURRENT_BARS}
    named = {
        "avenue": "Avenue",
        "ped1": "Ped 1",
        "ped2": "Ped 2",
        "subway_entrance": "Entrance",
        "subway_exit": "Exit",
    }
    assert list(titles) == ["Figure 4.14", "Figure 4.15", "Figure 4.16", "Figure 4.17", "Figure 4.18"]
    assert {dataset: f"Figure {number}" for dataset, number in FIGURE_OF.items()} == {
        dataset: next(number for number, title in titles.items() if name in title)
        for dataset, name in named.items()
    }
