"""How well a map lies on a mask, in a few words."""

import pytest

from xai_ad.metrics.agreement import Placed
from xai_ad.presentation.placing import placed_words


@pytest.mark.parametrize(
    ("pointing", "where"),
    [
        (1.0, "points at the mask"),
        (0.5, "points at the mask"),
        (0.2, "points partly at the mask"),
        (0.0, "points beside the mask"),
        (None, "points nowhere"),
    ],
)
def test_a_line_has_both_figures_and_where_it_points(pointing, where):
    words = placed_words(Placed(iou=0.624, pixel_auc_roc=1.0, pointing=pointing))
    assert words.line == f"{where}: IoU .62, AUC 1.00"
    assert words.sentence.endswith(f"it {where}.")


def test_nothing_marked_is_nothing_said():
    assert placed_words(None) is None
