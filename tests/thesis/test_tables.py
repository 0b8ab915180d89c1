import json

import pytest

from xai_ad.errors import UnknownNameError
from xai_ad.thesis import EXPERIMENTS, find_experiment, published, tables
from xai_ad.thesis.columns import figures_of, measured_columns
from xai_ad.thesis.tables import TABLES


@pytest.mark.parametrize("table", [published.TABLE_4_6["ham10000"], published.TABLE_4_7["ddds"]])
def test_printed_means_are_those_of_the_printed_classes(table):
    for name, row in table.items():
        classes = [value for column, value in row.items() if column != "mean"]
        assert row["mean"] == pytest.approx(sum(classes) / len(classes), abs=0.011), name


def test_mvtec_categories_share_the_thesiss_row_over_all_of_them():
    assert published.published_rows(published.TABLE_4_9, "bottle", "mvtec")["bcae1"]["auc_roc"] == 0.6134
    assert published.published_rows(published.TABLE_4_9, "washer", "mvtec") == {}
    assert published.published_rows(published.TABLE_4_8, "bottle", "mvtec") == {}


def test_a_set_with_a_layout_of_its_own_is_known_under_any_folders_name():
    assert published.published_rows(published.TABLE_4_6, "skin", "ham10000")["bcae2"]["mel"] == 0.81
    assert published.published_rows(published.TABLE_4_7, "cars", "ddds")["bcae2"]["operating_gps"] == 0.93


def test_figures_are_the_weighted_ones_and_the_mean_of_the_classes(with_figures):
    figures = figures_of(with_figures(weighted={"precision": 0.1, "recall": 0.2, "f1": 0.3}), "held-out")
    assert (figures["precision"], figures["recall"], figures["f1"]) == (0.1, 0.2, 0.3)
    assert figures["mean"] == pytest.approx(0.5)
    assert "pixel_auc_roc" not in figures


def test_columns_that_a_seed_lacks_are_left_out(with_figures):
    columns = measured_columns([with_figures(weighted=None), with_figures(auc_roc=0.7)], "held-out")
    assert "f1" not in columns
    assert columns["auc_roc"].mean == pytest.approx(0.6)
    assert list(measured_columns([with_figures()], "held-out", by_class=True))[:2] == ["hole", "stain"]


OF_PICTURES = [experiment for experiment in TABLES if experiment.id not in {"table-4.11", "table-4.13"}]


@pytest.mark.parametrize("experiment", OF_PICTURES, ids=lambda experiment: experiment.id)
def test_a_table_stands_as_json_markdown_and_a_page_with_the_thesis_beside(
    experiment, request_for, with_figures, monkeypatch, mvtec_folder
):
    folder = mvtec_folder.rename(mvtec_folder.with_name("bottle"))
    request, _ = request_for()
    source = request.sources[0].__class__(data=folder, layout="mvtec")
    request = request.__class__(**{**vars(request), "sources": (source,)})
    monkeypatch.setattr(
        tables,
        "run_cells",
        lambda request, source, variants: {v.name: [with_figures(auc_roc=0.8)] for v in variants},
    )
    markdown, page, record = experiment.run(request)
    rows = json.loads(record.read_text())["datasets"][0]["rows"]
    assert all(row["measured"]["auc_roc"]["mean"] == 0.8 for row in rows)
    assert all(row["title"] in markdown.read_text() for row in rows)
    assert "https://" not in page.read_text().split("<script")[0]
    if experiment.id == "table-4.9":
        assert "0.800 [0.613]" in markdown.read_text()
        assert "all 15 categories" in markdown.read_text()


def test_every_network_of_a_table_is_in_the_registry():
    for table in tables._TABLES:
        assert all(variant.title for variant in table.variants)


def test_an_unknown_experiment_is_answered_with_all_of_them():
    with pytest.raises(UnknownNameError, match=r"table-4\.6"):
        find_experiment("table-9.9")
    assert set(EXPERIMENTS) >= {"table-4.6", "table-4.7", "table-4.8", "table-4.9", "claims", "results"}
