import base64
import json
from dataclasses import replace

import pytest
from PIL import Image as Pillow

from xai_ad.errors import InvalidInputError
from xai_ad.store import load_calibration, load_network, load_references, save_model
from xai_ad.thesis import find_experiment, speed
from xai_ad.thesis.figures import trade_off
from xai_ad.thesis.figures.trade_off import Point, efficient, trade_off_chart
from xai_ad.thesis.variants import Variant, variant_named


@pytest.fixture
def ped2_model(stored_as):
    """Store an untrained model of videos with made-up figures in a folder."""

    def build(folder, variant, auc_roc, *, name=None, dataset="ped2"):
        stored = stored_as(variant)
        figures = {"auc_roc": auc_roc, "auc_roc_global": 0.5}
        card = replace(
            stored.card,
            id=name or variant.name,
            dataset=dataset,
            layout="ucsd",
            metrics={"held-out": figures},
        )
        return save_model(
            folder / card.id,
            card,
            network=load_network(stored),
            references=load_references(stored),
            calibrations=(load_calibration(stored),),
        )

    return build


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(speed, "BATCH", 8)
    monkeypatch.setattr(speed, "ROUNDS", 1)


def point(**fields):
    named = {
        "variant": "cgru", "network": "cgru", "title": "CGRU (1, Y)", "seeds": 1, "auc_roc": 0.8, "auc_roc_global": 0.5,
        "thesis": None, "parameters": 100, "frames_per_second": 50.0,
    }  # fmt: skip
    return Point(**named | fields)


def test_a_model_is_efficient_where_none_is_better_at_no_higher_cost():
    small, large = point(), point(auc_roc=0.9, parameters=200, frames_per_second=60.0)
    same, worse = point(), point(auc_roc=0.7)
    points = [small, large, same, worse]
    assert [efficient(each, points)["parameters"] for each in points] == [True, True, True, False]
    assert [efficient(each, points)["frames_per_second"] for each in points] == [False, True, False, False]


def test_detection_stands_over_parameters_and_over_speed():
    points = [
        point(),
        point(network="bcae1", title="BCAE1", auc_roc=0.6, parameters=2_000_000, frames_per_second=9.0),
    ]
    chart = trade_off_chart(points)
    left, right = chart.panels[0]
    assert [(series.name, series.x, series.y) for series in left.series] == [
        ("BCAE1", (2.0,), (0.6,)),
        ("CGRU", (0.0001,), (0.8,)),
    ]
    assert [series.x for series in right.series] == [(9.0,), (50.0,)]
    assert len({(series.colour, series.marker) for series in left.series}) == 2
    spans = [chart.x_range(panel) for panel in (left, right)]
    assert spans[0] == pytest.approx((0.0001 - 1.9999 / 20, 2 + 1.9999 / 20))
    assert spans[1] == pytest.approx((9 - 41 / 20, 50 + 41 / 20))


def test_cells_and_given_models_are_drawn_with_the_thesiss_figures_beside(
    request_for, ped2_model, tmp_path, quick
):
    request, lines = request_for(sources=(), models=tmp_path / "given")
    cells = request.output / "cells/ped2"
    for seed, figure in ((0, 0.7), (1, 0.8)):
        ped2_model(cells, Variant(network="crnn"), figure, name=f"crnn-seed{seed}")
    ped2_model(tmp_path / "given", variant_named("cgru"), 0.9, name="ped2-cgru")
    ped2_model(tmp_path / "given", Variant(network="crnn"), 0.2, name="ped2-crnn")
    ped2_model(tmp_path / "given", Variant(network="bcae1"), 0.6, name="yard-bcae1", dataset="yard")
    markdown, page, numbers, *pictures = find_experiment("trade-off").run(request)
    datasets = {block["dataset"]: block["models"] for block in json.loads(numbers.read_text())["datasets"]}
    crnn, cgru, given = datasets["ped2"]
    assert (given["title"], given["auc_roc"], given["seeds"]) == ("CRNN (1, Y), ped2-crnn", 0.2, 1)
    assert (crnn["auc_roc"], crnn["seeds"], crnn["parameters"], crnn["thesis"]) == (
        pytest.approx(0.75),
        2,
        596_361,
        0.83,
    )
    assert (cgru["title"], cgru["auc_roc"], cgru["parameters"], cgru["thesis"]) == (
        "CGRU (1, Y), ped2-cgru",
        0.9,
        845_193,
        0.86,
    )
    assert all(model["frames_per_second"] > 0 for model in (crnn, cgru))
    (other,) = datasets["yard"]
    assert (other["title"], other["parameters"], other["thesis"]) == ("BCAE1, yard-bcae1", 652_841, None)
    assert [path.name for path in pictures] == ["trade-off-ped2.png", "trade-off-yard.png"]
    with Pillow.open(pictures[0]) as opened:
        assert opened.width > 1000
    rows = [line.split(" | ") for line in markdown.read_text().splitlines() if line.startswith("| C")]
    assert rows[0][:5] == ["| CGRU (1, Y), ped2-cgru", "0.900", "0.500", "0.860", "845,193"]
    assert [row[1] for row in rows] == ["0.900", "0.750", "0.200"]
    assert [model["efficient"]["parameters"] for model in (cgru, crnn, given)] == [True, True, False]
    for path in pictures:
        assert base64.b64encode(path.read_bytes()).decode() in page.read_text()
    assert len(lines) == 4


def test_what_is_efficient_in_size_alone_is_marked_so(request_for, ped2_model, tmp_path, monkeypatch):
    monkeypatch.setattr(
        trade_off, "forwards_per_second", lambda scorer: 10.0 if scorer.grid.frames == 1 else 90.0
    )
    ped2_model(tmp_path / "given", Variant(network="bcae1"), 0.6, name="small")
    ped2_model(tmp_path / "given", variant_named("cgru"), 0.9, name="fast")
    request, _ = request_for(sources=(), models=tmp_path / "given")
    markdown, *_ = find_experiment("trade-off").run(request)
    assert "| BCAE1, small | 0.600 | 0.500 | 0.838 | 652,841 | 10 | yes | no |" in markdown.read_text()
    assert "| CGRU (1, Y), fast | 0.900 | 0.500 | 0.860 | 845,193 | 90 | yes | yes |" in markdown.read_text()


def test_a_dataset_that_is_named_is_drawn_alone(video_request_for, ped2_model, tmp_path, quick):
    request, _ = video_request_for(models=tmp_path / "given")
    for dataset in ("ped2", "yard"):
        ped2_model(
            tmp_path / "given", Variant(network="bcae1"), 0.6, name=f"{dataset}-bcae1", dataset=dataset
        )
    _, _, numbers, *_ = find_experiment("trade-off").run(request)
    assert [block["dataset"] for block in json.loads(numbers.read_text())["datasets"]] == ["ped2"]


def test_models_of_pictures_alone_are_told(request_for, stored_model):
    request, _ = request_for(sources=(), models=stored_model.path.parent)
    with pytest.raises(InvalidInputError, match=r"No evaluated model of videos.*table-4\.13"):
        find_experiment("trade-off").run(request)
