"""The tables of videos: the thesis's rows, and ours beside them."""

import json
from dataclasses import replace

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.experiments import find_experiment, published, recurrent, tables
from xai_ad.experiments.base import Source
from xai_ad.experiments.cells import ATTENTION, REGULARISATION
from xai_ad.experiments.columns import figures_of
from xai_ad.experiments.recurrent import RECURRENT
from xai_ad.store import find_model

SETS = {name for names in published.VIDEO_SETS.values() for name in names}


@pytest.fixture
def of_videos(with_figures):
    """A cell with the figures of a set of videos."""
    return with_figures(
        auc_roc=0.8, auc_roc_global=0.7, eer=0.2, eer_global=0.3, per_class={"anomalous": 0.6}
    )


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


def test_table_4_11_sets_the_thesiss_choice_beside_bcae1_and_other_works(
    video_request_for, of_videos, monkeypatch
):
    request, _ = video_request_for()
    monkeypatch.setattr(
        tables, "run_cells", lambda request, source, variants: {v.name: [of_videos] for v in variants}
    )
    markdown, _, record = find_experiment("table-4.11").run(request)
    (block,) = json.loads(record.read_text())["datasets"]
    assert [row["title"] for row in block["rows"]] == [
        "baseline autoencoder (MSE)",
        "Seq2Seq CGRU (2, N)",
        "Hand Crafted + spatio-temporal CAE [32]",
        "ConvLSTM [44]",
        "Predictive ConvLSTM 224 [58]",
    ]
    assert "0.800 [0.862] | 0.700 |" in markdown.read_text()
    assert "| Hand Crafted + spatio-temporal CAE [32] | - | - [0.900] | - |" in markdown.read_text()


@pytest.mark.parametrize(("table", "figure"), [("table-4.8", "[0.881]"), ("table-4.9", "[0.888]")])
def test_tables_4_8_and_4_9_have_rows_of_videos(table, figure, video_request_for, of_videos, monkeypatch):
    request, _ = video_request_for()
    monkeypatch.setattr(
        tables, "run_cells", lambda request, source, variants: {v.name: [of_videos] for v in variants}
    )
    text = find_experiment(table).run(request)[0].read_text()
    assert f"0.800 {figure} | 0.700 |" in text
    assert "| Conv-AE [32] | - | - [0.900] | - |" in text


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
