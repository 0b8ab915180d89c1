import numpy as np
import pytest

from xai_ad.evaluation import evaluate
from xai_ad.store import load_calibration, load_network
from xai_ad.thesis.cells import require_reported
from xai_ad.thesis.figures.ablation import (
    BOUNDARIES,
    Curve,
    ablation_chart,
    best_by,
    draw_ablation,
    load_part,
)
from xai_ad.training.svdd import Boundary, SvddRecipe, finetune_model

RATE = 0.02  # coarse, so that three epochs change what detects


@pytest.mark.parametrize("boundary", list(Boundary))
def test_a_rates_row_is_what_fine_tuning_and_evaluating_a_model_gives(
    boundary, request_for, cells, mvtec_folder, tmp_path
):
    request, _ = request_for()
    drawing = draw_ablation(request, request.sources[0], rates=(RATE,), epochs=2)
    recipe = SvddRecipe(learning_rate=RATE, epochs=2, boundary=boundary)
    finetuned = finetune_model(cells["bcae1"], mvtec_folder, "mvtec", tmp_path / "own", recipe)
    result = evaluate(finetuned, mvtec_folder, "mvtec")
    curve = next(each for each in drawing.numbers["curves"] if each["boundary"] == boundary)
    assert curve["auc_roc"]["test"][-1] == pytest.approx(result.metrics["auc_roc"])
    samples = require_reported(request, request.sources[0]).test
    part = load_part(load_network(cells["bcae1"]), samples, finetuned.card.preprocessing)
    scores = part.scores(load_network(finetuned), load_calibration(finetuned).calibration.scoring)
    expected = np.array([image.score for image in result.images])
    np.testing.assert_allclose(scores, expected, rtol=1e-4)
    before = np.array([image.score for image in evaluate(cells["bcae1"], mvtec_folder, "mvtec").images])
    assert np.abs(scores / before - 1).max() > 1e-3


def test_the_figure_holds_every_rate_epoch_and_part_and_the_model_before(request_for, cells, mvtec_folder):
    request, lines = request_for()
    rates = (1e-6, RATE)
    drawing = draw_ablation(request, request.sources[0], rates=rates, epochs=2)
    curves = drawing.numbers["curves"]
    tried = [(curve["boundary"], curve["learning_rate"]) for curve in curves]
    assert tried == [(str(boundary), rate) for boundary in BOUNDARIES for rate in rates]
    assert all(len(curve["auc_roc"][part]) == 2 for curve in curves for part in ("test", "calibration"))
    expected = evaluate(cells["bcae1"], mvtec_folder, "mvtec").metrics["auc_roc"]
    assert drawing.numbers["before"]["test"] == pytest.approx(expected)
    assert len(lines) == 8
    assert "choosing a rate by the upper row would be choosing on it" in drawing.shown.note
    assert cells.keys() == {"bcae1"}


def test_what_is_chosen_by_a_part_is_its_first_highest_figure():
    before = {"test": 0.6, "calibration": 0.7}
    curves = [
        Curve(
            boundary=Boundary.ONE_CLASS,
            learning_rate=1e-6,
            auc_roc={"test": [0.9, 0.5], "calibration": [0.7, 0.8]},
        ),
        Curve(
            boundary=Boundary.SOFT,
            learning_rate=1e-5,
            auc_roc={"test": [0.1, 0.2], "calibration": [0.8, 0.6]},
        ),
    ]
    chosen = best_by("calibration", before, curves)
    assert (chosen["boundary"], chosen["learning_rate"], chosen["epochs"]) == ("one_class", 1e-6, 2)
    assert chosen["auc_roc"] == {"test": 0.5, "calibration": 0.8}
    assert best_by("test", before, curves)["auc_roc"]["test"] == 0.9
    nothing = best_by("calibration", {"test": 0.6, "calibration": 0.8}, curves)
    assert (nothing["boundary"], nothing["epochs"]) == (None, 0)


def test_curves_begin_at_the_black_dot_and_run_over_the_epochs():
    figures = {"test": [0.7, 0.9], "calibration": [0.6, 0.5]}
    curves = [Curve(boundary=boundary, learning_rate=1e-6, auc_roc=figures) for boundary in BOUNDARIES]
    chart = ablation_chart({"test": 0.8, "calibration": 0.4}, curves)
    for panels, values in zip(chart.panels, ((0.8, 0.7, 0.9), (0.4, 0.6, 0.5)), strict=True):
        for panel in panels:
            line, dot = panel.series
            assert (line.x, line.y) == ((0, 1, 2), values)
            assert (dot.x, dot.y, dot.colour, dot.marker) == ((0,), values[:1], "#000000", "o")
