import math

import pytest

from xai_ad.thesis.columns import figures_of, measured_columns, summarise


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


def test_a_summary_has_no_spread_for_a_single_figure():
    assert summarise([0.5]).spread is None
    assert summarise([1.0, 3.0]).spread == pytest.approx(math.sqrt(2))
    assert summarise([1.0, 3.0]).mean == 2
