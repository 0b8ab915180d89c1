"""The page's section of a model: its tables, what is shown first and why, and the thesis's claim, whichever way it goes."""

import pytest

from xai_ad.benchmarks.explanations_page import section, write_section
from xai_ad.detector.scores import Score
from xai_ad.errors import BenchmarkError
from xai_ad.explain import EXPLAINERS
from xai_ad.store import MeasuredExplanations, MeasuredMethod, find_model

TITLES = {name: explainer.title for name, explainer in EXPLAINERS.items()} | {"theirs": "Theirs"}


def measured(place=True):
    def method(name, value, takes, **figures):
        return MeasuredMethod(
            method=name,
            localisation=(value, value, value) if place else (),
            hits=(1.0, 1.0, 1.0) if place else (),
            faithfulness=(takes, takes, takes),
            evaluations=(1302.0, 1302.0, 1302.0),
            **figures,
        )

    return MeasuredExplanations(
        calibration="any",
        score=Score.SSIM,
        seed=0,
        images=("a", "b", "c"),
        kinds=("hole",) * 3,
        groups=("a", "b", "c"),
        methods=(
            method("residual", 0.8, 0.7),
            method("kernel_shap", 0.9, 0.6, noise=(0.3, 0.3, 0.3)),
            method("counterfactual", 0.95, 0.2),
            method("theirs", 0.85, 0.9),
        ),
    )


def parts(stored, found=None):
    return list(section(stored.card, found or measured(), TITLES, ("theirs",)))


def test_the_default_is_said_and_why_others_before_it_are_not(stored_model):
    heading, first, *_ = parts(stored_model)
    assert heading == "## `widget-bcae1`, ssim, 3 images"
    assert first == (
        "Shown first: `residual`, placed best of the maps that may be trusted; before it in the order, but not shown "
        "first: `counterfactual` (no map), `kernel_shap` (does not hold)."
    )


def test_a_table_has_a_row_for_each_method_in_order_and_columns_that_any_has(stored_model):
    place, which, holds = parts(stored_model)[2:5]
    assert which == "Whether maps hold, on the first 3 images, of shuffled weights on the first 0:"
    assert place.splitlines()[0] == "| method | localisation | hits | faithfulness |"
    assert [line.split(" | ")[0] for line in place.splitlines()[2:]][:3] == [
        "| Counterfactual",
        "| KernelSHAP",
        "| Residual",
    ]
    assert "| Residual | 0.80 [0.80, 0.80] | 1.00 [1.00, 1.00] | 0.70 [0.70, 0.70] |" in place
    assert "| KernelSHAP | 0.30 [0.30, 0.30] | 1,302 |" in holds
    assert "| Residual | - | 1,302 |" in holds


def test_the_claim_is_answered_whichever_way_it_goes(stored_model):
    (claim,) = (part for part in parts(stored_model) if part.startswith("Does it place"))
    assert "- KernelSHAP by pixel AUC-ROC: yes, +0.10 [+0.10, +0.10]." in claim
    assert "- KernelSHAP by faithfulness: no, worse, -0.10 [-0.10, -0.10]." in claim
    assert "- Counterfactual by faithfulness: no, worse" in claim
    assert "No mask" not in claim
    (claim,) = (
        part for part in parts(stored_model, measured(place=False)) if part.startswith("Does it place")
    )
    assert "AUC-ROC" not in claim
    assert claim.endswith(
        "- No mask says where its anomalies lie, so that where methods place them cannot be measured."
    )


def test_rivals_stand_below_and_the_best_of_both_are_compared(stored_model):
    *_, heading, table, against = parts(stored_model)
    assert heading == "Rivals on the first 3 of the images:"
    assert table.splitlines()[-1].startswith("| Theirs | 0.85")
    assert (
        "- Best by pixel AUC-ROC: KernelSHAP 0.90 of ours, Theirs 0.85 of theirs; ours less theirs +0.05"
        in against
    )
    assert (
        "- Best by faithfulness: Residual 0.70 of ours, Theirs 0.90 of theirs; ours less theirs -0.20"
        in against
    )


def test_a_section_is_written_between_its_own_marks(stored_model, tmp_path):
    page, card = tmp_path / "page.md", find_model(stored_model.path).card
    page.write_text("above\n<!-- widget-bcae1 -->\nsomething else\n<!-- widget-bcae1 -->\nbelow\n")
    write_section(page, card, measured(), TITLES, ())
    text = page.read_text()
    assert text.startswith("above\n<!-- widget-bcae1 -->\n\n## `widget-bcae1`")
    assert text.endswith("<!-- widget-bcae1 -->\nbelow\n")
    assert "something else" not in text
    page.write_text("nothing")
    with pytest.raises(BenchmarkError, match="has not two marks '<!-- widget-bcae1 -->'"):
        write_section(page, card, measured(), TITLES, ())
