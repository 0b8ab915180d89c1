"""The tables of videos: the thesis's rows, and ours beside them."""

import json
from dataclasses import replace

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.store import find_model
from xai_ad.thesis import find_experiment, tables
from xai_ad.thesis.base import Source
from xai_ad.thesis.columns import figures_of
from xai_ad.thesis.published import printed
from xai_ad.thesis.variants import RECURRENT


@pytest.fixture
def of_videos(with_figures):
    """A cell with the figures of a set of videos."""
    return with_figures(
        auc_roc=0.8, auc_roc_global=0.7, eer=0.2, eer_global=0.3, per_class={"anomalous": 0.6}
    )


@pytest.fixture
def measured_table(video_request_for, of_videos, monkeypatch):
    """Run a table of cells that all have those figures; return its Markdown, its page and the dataset's block."""

    def run(table, *, layout="ucsd"):
        request, _ = video_request_for()
        source = Source(data=request.sources[0].data, layout=layout)
        monkeypatch.setattr(
            tables, "run_cells", lambda request, source, variants: {v.name: [of_videos] for v in variants}
        )
        markdown, page, record = find_experiment(table).run(replace(request, sources=(source,)))
        (block,) = json.loads(record.read_text())["datasets"]
        return markdown.read_text(), page.read_text(), block

    return run


def test_a_set_of_videos_has_both_normalisations_and_no_mean_of_its_one_class(of_videos):
    figures = figures_of(of_videos, "held-out")
    assert (figures["auc_roc"], figures["auc_roc_global"]) == (0.8, 0.7)
    assert (figures["eer"], figures["eer_global"]) == (0.2, 0.3)
    assert "mean" not in figures


def test_table_4_13_has_a_row_for_all_and_trains_what_is_asked_for(video_request_for, of_videos, monkeypatch):
    request, _ = video_request_for(variants=("cgru",))
    monkeypatch.setattr(
        tables, "run_cells", lambda request, source, variants: {v.name: [of_videos] for v in variants}
    )
    markdown, page, record = find_experiment("table-4.13").run(request)
    (block,) = json.loads(record.read_text())["datasets"]
    rows = {row["variant"]: row for row in block["rows"]}
    assert list(rows) == [variant.name for variant in RECURRENT]
    assert [name for name, row in rows.items() if row["measured"]] == ["cgru"]
    assert rows["cgru"]["parameters"] == 845_193
    lines = markdown.read_text().splitlines()
    assert "|  | parameters | AUC-ROC | AUC-ROC, global | EER | EER, global |" in lines
    assert "| CGRU (1, Y) | 845,193 | 0.800 [0.860] | 0.700 | 0.200 [0.210] | 0.300 |" in lines
    assert "| CRNN (1, N) | 761,961 | - [0.820] | - | - [0.240] | - |" in lines
    assert "each video normalised by itself" in page.read_text()


def test_table_4_11_sets_the_thesiss_choice_beside_bcae1_and_other_works(measured_table):
    text, _, block = measured_table("table-4.11")
    assert [row["title"] for row in block["rows"]] == [
        "baseline autoencoder (MSE)",
        "Seq2Seq CGRU (2, N)",
        "Hand Crafted + spatio-temporal CAE [32]",
        "ConvLSTM [44]",
        "Predictive ConvLSTM 224 [58]",
    ]
    assert "0.800 [0.862] | 0.700 |" in text
    assert "| Hand Crafted + spatio-temporal CAE [32] | - | - [0.900] | - |" in text


@pytest.mark.parametrize(
    ("dataset", "layout", "best"),
    [
        ("avenue", "avenue", "CGRU (1, Y)"),
        ("ped1", "ucsd", "Seq2Seq CLSTM (3, N)"),
        ("subway_entrance", "subway", "Seq2Seq CGRU (3, N)"),
        ("subway_exit", "subway", "Seq2Seq CLSTM (2, N)"),
        ("yard", "ucsd", "Seq2Seq CGRU (2, N)"),
    ],
)
def test_each_set_has_the_network_that_table_4_11_prints_for_it(
    dataset, layout, best, measured_table, monkeypatch
):
    monkeypatch.setattr(Source, "name", dataset)
    _, _, block = measured_table("table-4.11", layout=layout)
    rows = {row["variant"]: row for row in block["rows"] if row["variant"] is not None}
    assert [row["title"] for row in rows.values()] == ["baseline autoencoder (MSE)", best]
    thesis = {name: row["thesis"] for name, row in rows.items() if row["thesis"]}
    assert thesis == printed("4.11").variants.get(dataset, {})


@pytest.mark.parametrize(
    ("table", "figure", "others"),
    [
        ("table-4.8", "[0.881]", ["Conv-AE", "Conv3D AE", "ConvLSTM AE", "Hybrid AE", "U-Net AE"]),
        ("table-4.9", "[0.888]", ["Conv-AE", "Conv3D AE", "ConvLSTM AE", "Hybrid AE"]),
    ],
)
def test_tables_4_8_and_4_9_have_rows_of_videos(table, figure, others, measured_table):
    text, page, block = measured_table(table)
    assert f"0.800 {figure} | 0.700 |" in text
    assert "| Conv-AE [32] | - | - [0.900] | - |" in text
    titles = [row["title"] for row in block["rows"] if row["variant"] is None]
    assert [title.split(" [")[0] for title in titles] == others
    assert "each video normalised by itself" in text
    assert "each video normalised by itself" in page


@pytest.mark.parametrize("table", ["table-4.11", "table-4.13"])
def test_pictures_are_refused_before_anything_is_trained(table, video_request_for, mvtec_folder):
    request, lines = video_request_for()
    pictures = Source(data=mvtec_folder, layout="mvtec")
    with pytest.raises(InvalidInputError, match="is about videos"):
        find_experiment(table).run(replace(request, sources=(*request.sources, pictures)))
    assert lines == []


def test_a_cell_of_a_recurrent_network_is_trained_once_and_reported_per_video(video_request_for, ped2_folder):
    request, lines = video_request_for(variants=("crnn",))
    markdown, _, record = find_experiment("table-4.13").run(request)
    stored = find_model(request.output / "cells/ped2/crnn-seed0")
    expected = evaluate(stored, ped2_folder, "ucsd").metrics
    rows = {row["variant"]: row for row in json.loads(record.read_text())["datasets"][0]["rows"]}
    measured = {name: value["mean"] for name, value in rows["crnn"]["measured"].items()}
    for name in ("auc_roc", "auc_roc_global", "eer", "eer_global"):
        assert measured[name] == pytest.approx(expected[name])
    lines.clear()
    before = markdown.read_text()
    find_experiment("table-4.13").run(request)
    assert lines == []
    assert markdown.read_text() == before
