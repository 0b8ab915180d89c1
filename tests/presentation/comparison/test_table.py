"""The table has a row for each cell, and columns that programs can rely on."""

import csv
import io

from xai_ad.explain.trust import Trust
from xai_ad.metrics.agreement import Placed
from xai_ad.presentation.comparison.table import COLUMNS, CellFigures, figures_csv, figures_table

TRUST = Trust(
    faithfulness=0.875,
    fall=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    random_fall=(),
    ideal_fall=(),
    marked=0.05,
    removed=None,
    stability=0.5,
    shared=0.25,
    completeness=None,
    width=None,
    randomised=None,
    evaluations=100,
    seconds=0.5,
)
ROWS = [
    CellFigures(
        model="one",
        method="lrp",
        state="done",
        score=0.123456789,
        evaluations=4096,
        trust=TRUST,
        placed=Placed(iou=0.5, pixel_auc_roc=0.75, pointing=None),
    ),
    CellFigures(model="two", method="lrp", state="refused", error='No, "never", it says'),
]
STEPS = (5, 10, 20, 30, 40, 50)


def test_the_columns_are_those_that_are_documented():
    assert (
        "model", "method", "state", "score", "normalised_score", "threshold", "verdict", "evaluations", "seconds", "error",
        "trust_faithfulness",
        *(f"trust_{fall}_{step}" for fall in ("fall", "random_fall", "ideal_fall") for step in STEPS),
        "trust_marked", "trust_removed", "trust_stability", "trust_shared", "trust_completeness", "trust_width",
        "trust_randomised", "trust_evaluations", "trust_seconds", "mask_iou", "mask_pixel_auc_roc", "mask_pointing",
    ) == COLUMNS  # fmt: skip


def test_a_csv_gives_back_every_figure_to_the_last_digit():
    first, second = csv.DictReader(io.StringIO(figures_csv(ROWS).decode()))
    assert tuple(first) == COLUMNS
    assert float(first["score"]) == 0.123456789
    assert (first["mask_iou"], first["mask_pointing"], first["evaluations"]) == ("0.5", "", "4096")
    assert [first[f"trust_fall_{step}"] for step in STEPS] == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]
    assert (first["trust_ideal_fall_5"], first["trust_faithfulness"]) == ("", "0.875")
    assert (second["error"], second["score"], second["mask_iou"]) == ('No, "never", it says', "", "")
    assert (second["trust_fall_5"], second["trust_marked"]) == ("", "")


def test_what_people_read_is_rounded_and_has_no_empty_column():
    table = figures_table([ROWS[0], ROWS[1]])
    assert table.header == (
        "model", "method", "state", "score", "evaluations", "error", "trust faithfulness", "trust marked",
        "trust stability", "trust shared", "trust evaluations", "trust seconds", "mask iou", "mask pixel auc roc",
    )  # fmt: skip
    assert table.rows[0][:7] == ("one", "lrp", "done", "0.123", "4,096", "", "0.875")
