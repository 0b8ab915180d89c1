"""The tables of videos: the thesis's rows, and ours beside them."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.store import find_model
from xai_ad.thesis import find_experiment, published, recurrent, tables
from xai_ad.thesis.base import Source
from xai_ad.thesis.cells import ATTENTION, REGULARISATION
from xai_ad.thesis.columns import figures_of
from xai_ad.thesis.published.rows import FIGURES
from xai_ad.thesis.recurrent import RECURRENT

SETS = {name for names in published.VIDEO_SETS.values() for name in names}
PRINTED = {
    "avenue": (
        ((124667, 33875, 118272, 117216, 117281), (125990, 2510, 0, 0, 0)),
        ((25072, 7305, 23078, 22820, 22845), (82540, 2510, 0, 0, 0)),
        ((25220, 7570, 23600, 23350, 23280), (23820, 2510, 28560, 30000, 0)),
        (7685800, 3131700),
    ),
    "subway_entrance": (
        ((110954, 48578, 144494, 97144, 114338), (9430, 2600, 0, 0, 0)),
        ((23234, 8578, 28968, 20425, 23563), (9430, 2600, 0, 0, 0)),
        ((24508, 7850, 29090, 20240, 23340), (9400, 2600, 16320, 18780, 0)),
        (7952100, 3095100),
    ),
    "subway_exit": (
        ((144486, 14070, 149870, 140004, 144711), (8070, 990, 0, 0, 0)),
        ((29058, 3285, 29975, 27126, 28462), (8070, 990, 0, 0, 0)),
        ((29100, 2310, 29890, 28080, 29000), (8070, 990, 13180, 19340, 0)),
        (9973500, 1036900),
    ),
    "ped1": (
        ((102552, 54842, 100967, 100837, 99530), (42200, 2790, 0, 0, 0)),
        ((20816, 10859, 20252, 20186, 19817), (42200, 2790, 0, 0, 0)),
        ((21570, 9950, 20640, 20600, 20500), (21500, 2790, 25920, 27690, 0)),
        (7259600, 3584600),
    ),
    "ped2": (
        ((128640, 33216, 128552, 113532, 117313), (126720, 2170, 0, 0, 0)),
        ((26155, 6536, 25869, 22274, 23112), (78620, 2170, 0, 0, 0)),
        ((25620, 6490, 25990, 22490, 23334), (24400, 2170, 27690, 30000, 0)),
        (8317600, 2754000),
    ),
}
"""Sums by set: Tables 4.8, 4.9 and 4.11, its own rows and other works' each, and Table 4.13; see `placed_sums`."""


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


def test_every_printed_row_of_videos_is_a_variants():
    recurrent_names = {variant.name for variant in RECURRENT}
    assert set(published.TABLE_4_13) == SETS
    assert all(set(rows) == recurrent_names for rows in published.TABLE_4_13.values())
    for table, variants in ((published.TABLE_4_8, ATTENTION), (published.TABLE_4_9, REGULARISATION)):
        assert table.keys() >= SETS
        assert all(set(table[name]) == {variant.name for variant in variants} for name in SETS)
    for name, rows in published.TABLE_4_11.items():
        assert set(rows) <= recurrent_names | {"bcae1"}, name


def test_the_best_rows_of_table_4_11_are_rounded_in_4_13():
    for dataset, rows in published.TABLE_4_11.items():
        (best,) = set(rows) - {"bcae1"}
        for name in ("auc_roc", "eer"):
            rounded = published.TABLE_4_13[dataset][best][name]
            assert rows[best][name] == pytest.approx(rounded, abs=0.01), (dataset, name)


def placed_sums(rows, columns=FIGURES):
    """Each column's figures times their row's place from 1, in ten thousandths: rows and columns cannot be swapped."""
    return tuple(
        sum(place * round(10_000 * row.get(column, 0)) for place, row in enumerate(rows.values(), start=1))
        for column in columns
    )


@pytest.mark.parametrize("dataset", PRINTED)
def test_every_figure_stands_where_the_thesis_prints_it(dataset):
    tables = (
        (published.TABLE_4_8, published.OTHERS_4_8),
        (published.TABLE_4_9, published.OTHERS_4_9),
        (published.TABLE_4_11, published.OTHERS_4_11),
    )
    *printed, recurrent_sums = PRINTED[dataset]
    for (own, others), sums in zip(tables, printed, strict=True):
        assert (placed_sums(own[dataset]), placed_sums(others[dataset])) == sums
    assert placed_sums(published.TABLE_4_13[dataset], ("auc_roc", "eer")) == recurrent_sums
    assert all(set(row) == {"auc_roc", "eer"} for row in published.TABLE_4_13[dataset].values())


def test_tables_4_8_and_4_9_print_one_baseline():
    for name in SETS:
        assert published.TABLE_4_8[name]["bcae1"] == published.TABLE_4_9[name]["bcae1"]


def test_a_scene_is_known_by_its_name_and_its_layout():
    assert published.published_rows(published.TABLE_4_13, "ped2", "ucsd")["cgru"]["auc_roc"] == 0.86
    assert published.published_rows(published.TABLE_4_13, "yard", "ucsd") == {}
    assert published.published_rows(published.TABLE_4_13, "ped2", "mvtec") == {}
    assert published.published_rows(published.TABLE_4_13, "avenue", "ucsd") == {}


def test_a_set_of_videos_has_both_normalisations_and_no_mean_of_its_one_class(of_videos):
    figures = figures_of(of_videos, "held-out")
    assert (figures["auc_roc"], figures["auc_roc_global"]) == (0.8, 0.7)
    assert (figures["eer"], figures["eer_global"]) == (0.2, 0.3)
    assert "mean" not in figures


def test_table_4_13_has_a_row_for_all_and_trains_what_is_asked_for(video_request_for, of_videos, monkeypatch):
    request, _ = video_request_for(variants=("cgru",))
    monkeypatch.setattr(
        recurrent, "run_cells", lambda request, source, variants: {v.name: [of_videos] for v in variants}
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
    monkeypatch.setattr(tables, "read_dataset", lambda data, layout: SimpleNamespace(name=dataset))
    _, _, block = measured_table("table-4.11", layout=layout)
    rows = {row["variant"]: row for row in block["rows"] if row["variant"] is not None}
    assert [row["title"] for row in rows.values()] == ["baseline autoencoder (MSE)", best]
    thesis = {name: row["thesis"] for name, row in rows.items() if row["thesis"]}
    assert thesis == published.TABLE_4_11.get(dataset, {})


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
