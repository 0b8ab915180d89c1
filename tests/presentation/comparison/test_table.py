"""The table has a row for each cell, and columns that programs can rely on."""

import csv
import io

from xai_ad.metrics.agreement import Placed
from xai_ad.presentation.comparison.table import COLUMNS, CellFigures, figures_csv, figures_table

ROWS = [
    CellFigures(
        model="one",
        method="lrp",
        state="done",
        score=0.123456789,
        evaluations=4096,
        placed=Placed(iou=0.5, pixel_auc_roc=0.75, pointing=None),
    ),
    CellFigures(model="two", method="lrp", state="refused", error='No, "never", it says'),
]


def test_the_columns_are_those_that_are_documented():
    assert COLUMNS == (
        "model", "method", "state", "score", "normalised_score", "threshold", "verdict", "evaluations", "seconds",
        "error", "mask_iou", "mask_pixel_auc_roc", "mask_pointing",
    )  # fmt: skip


def test_a_csv_gives_back_every_figure_to_the_last_digit():
    first, second = csv.DictReader(io.StringIO(figures_csv(ROWS).decode()))
    assert tuple(first) == COLUMNS
    assert float(first["score"]) == 0.123456789
    assert (first["mask_iou"], first["mask_pointing"], first["evaluations"]) == ("0.5", "", "4096")
    assert (second["error"], second["score"], second["mask_iou"]) == ('No, "never", it says', "", "")


def test_what_people_read_is_rounded_and_has_no_empty_column():
    table = figures_table(ROWS)
    assert table.header == (
        "model", "method", "state", "score", "evaluations", "error", "mask iou", "mask pixel auc roc"
    )  # fmt: skip
    assert table.rows[0] == ("one", "lrp", "done", "0.123", "4,096", "", "0.500", "0.750")
