"""Figures 4.14 to 4.18: the recurrent networks as bars."""

import json

import pytest
from PIL import Image as Pillow

from xai_ad.presentation.figures.shown import Bar
from xai_ad.thesis import find_experiment
from xai_ad.thesis.figures import recurrent_bars
from xai_ad.thesis.figures.recurrent_bars import FIGURE_OF, RECURRENT_BARS, draw_recurrent
from xai_ad.thesis.published import printed
from xai_ad.thesis.variants import RECURRENT


def test_networks_at_hand_and_the_thesiss_figures_are_drawn(video_request_for, with_figures, monkeypatch):
    cells = [with_figures(auc_roc=figure, auc_roc_global=0.5) for figure in (0.7, 0.8)]
    monkeypatch.setattr(
        recurrent_bars, "run_cells", lambda request, source, variants: {v.name: cells for v in variants}
    )
    request, _ = video_request_for(runs=2, variants=("cgru", "seq2seq_cgru-decoder_recurrent"))
    markdown, page, numbers, picture = find_experiment("figure-4.14").run(request)
    (dataset,) = json.loads(numbers.read_text())["datasets"]
    models = dataset["models"]
    assert {name: row["thesis"] for name, row in models.items()} == {
        name: row["auc_roc"] for name, row in printed("4.13").variants["ped2"].items()
    }
    measured = {name: row["auc_roc"] for name, row in models.items() if "auc_roc" in row}
    assert measured == {"cgru": 0.75, "seq2seq_cgru-decoder_recurrent": 0.75}
    assert models["cgru"]["spread"] == pytest.approx(0.0707, abs=1e-4)
    assert "| CGRU (1, Y) | 0.750 | 0.500 | 0.860 |" in markdown.read_text()
    assert "The thesis's figure of this set is Figure 4.16." in markdown.read_text()
    assert "data:image/png;base64," in page.read_text()
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
    monkeypatch.setattr(recurrent_bars, "run_cells", lambda request, source, variants: cells)
    request, _ = video_request_for(runs=2, variants=tuple(cells))
    bars = draw_recurrent(request, request.sources[0]).shown
    assert [name for name, _ in bars.series] == ["(1, N)", "(2, N)", "(3, N)", "(1, Y)", "(2, Y)", "(3, Y)"]
    drawn = {f"{bars.groups[group]} {bars.series[series][0]}": bar for group, series, bar in bars.placed()}
    assert {title: bar.thesis for title, bar in drawn.items()} == {
        variant.short: printed("4.13").variants["ped2"][variant.name]["auc_roc"] for variant in RECURRENT
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
