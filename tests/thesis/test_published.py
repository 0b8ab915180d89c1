"""The printed figures: where they stand, and what a file of them holds."""

import csv
import math
from importlib.resources import files

import pytest

from xai_ad.thesis import published
from xai_ad.thesis.published import VIDEO_SETS, printed
from xai_ad.thesis.variants import ATTENTION, RECURRENT, REGULARISATION

SETS = {name for names in VIDEO_SETS.values() for name in names}
FIGURES = ("auc_roc", "eer", "precision", "recall", "f1")
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
TABLES = ("4.6", "4.7", "4.8", "4.9", "4.11", "4.12", "4.13")
LARGEST = {"share": 1, "percent": 100, "count": math.inf}
"""The largest figure that a unit has."""


def test_a_percentage_is_read_as_a_share_and_an_empty_place_is_no_figure():
    of_avenue = printed("4.8").others("avenue", "avenue")
    assert of_avenue["Conv-AE [32]"] == {"auc_roc": 0.702, "eer": 0.251}
    assert "auc_roc" not in printed("4.6").rows("skin", "ham10000")["bcae2"]


@pytest.mark.parametrize("number", TABLES)
def test_a_file_has_its_head_and_one_line_of_figures_of_its_unit_for_each_row(number):
    lines = (files(published) / f"table-{number}.csv").read_text(encoding="utf-8").splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    assert head["table"] == number
    assert head["source"]
    columns, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    assert columns[:3] == ["dataset", "variant", "work"]
    assert len({tuple(row[:3]) for row in rows}) == len(rows)
    for row in rows:
        assert len(row) == len(columns)
        assert bool(row[1]) != bool(row[2])
        figures = [float(cell) for cell in row[3:] if cell]
        assert figures
        assert all(0 <= figure <= LARGEST[head["unit"]] for figure in figures)


@pytest.mark.parametrize(("table", "dataset"), [("4.6", "ham10000"), ("4.7", "ddds")])
def test_printed_means_are_those_of_the_printed_classes(table, dataset):
    for name, row in printed(table).variants[dataset].items():
        classes = [value for column, value in row.items() if column != "mean"]
        assert row["mean"] == pytest.approx(sum(classes) / len(classes), abs=0.011), name


def test_mvtec_categories_share_the_thesiss_row_over_all_of_them():
    assert printed("4.9").rows("bottle", "mvtec")["bcae1"]["auc_roc"] == 0.6134
    assert printed("4.9").rows("washer", "mvtec") == {}
    assert printed("4.8").rows("bottle", "mvtec") == {}


def test_a_set_with_a_layout_of_its_own_is_known_under_any_folders_name():
    assert printed("4.6").rows("skin", "ham10000")["bcae2"]["mel"] == 0.81
    assert printed("4.7").rows("cars", "ddds")["bcae2"]["operating_gps"] == 0.93
    assert printed("4.7").others("cars", "ddds") == {}


def test_every_printed_row_of_videos_is_a_variants():
    recurrent_names = {variant.name for variant in RECURRENT}
    assert set(printed("4.13").variants) == SETS
    assert all(set(rows) == recurrent_names for rows in printed("4.13").variants.values())
    for table, variants in ((printed("4.8").variants, ATTENTION), (printed("4.9").variants, REGULARISATION)):
        assert table.keys() >= SETS
        assert all(set(table[name]) == {variant.name for variant in variants} for name in SETS)
    for name, rows in printed("4.11").variants.items():
        assert set(rows) <= recurrent_names | {"bcae1"}, name


def test_the_best_rows_of_table_4_11_are_rounded_in_4_13():
    for dataset, rows in printed("4.11").variants.items():
        (best,) = set(rows) - {"bcae1"}
        for name in ("auc_roc", "eer"):
            rounded = printed("4.13").variants[dataset][best][name]
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
        (printed("4.8").variants, printed("4.8").works),
        (printed("4.9").variants, printed("4.9").works),
        (printed("4.11").variants, printed("4.11").works),
    )
    *sums_of, recurrent_sums = PRINTED[dataset]
    for (own, others), sums in zip(tables, sums_of, strict=True):
        assert (placed_sums(own[dataset]), placed_sums(others[dataset])) == sums
    assert placed_sums(printed("4.13").variants[dataset], ("auc_roc", "eer")) == recurrent_sums
    assert all(set(row) == {"auc_roc", "eer"} for row in printed("4.13").variants[dataset].values())


def test_tables_4_8_and_4_9_print_one_baseline():
    for name in SETS:
        assert printed("4.8").variants[name]["bcae1"] == printed("4.9").variants[name]["bcae1"]


def test_a_scene_is_known_by_its_name_and_its_layout():
    assert printed("4.13").rows("ped2", "ucsd")["cgru"]["auc_roc"] == 0.86
    assert printed("4.13").rows("yard", "ucsd") == {}
    assert printed("4.13").rows("ped2", "mvtec") == {}
    assert printed("4.13").rows("avenue", "ucsd") == {}
