"""The order of methods is what was measured, and what is shown first is the best of those that point at defects."""

from dataclasses import replace

import pytest

from xai_ad.data.specs import Subject
from xai_ad.detector.scores import Score
from xai_ad.explain import EXPLAINERS
from xai_ad.inspection.explainers import MAIN
from xai_ad.inspection.methods import default_method, known_for, method_order, worths
from xai_ad.presentation.worth import worth_of
from xai_ad.store import MeasuredExplanations, MeasuredMethod, record_explanations


def method(name, *, place=(0.9, 0.9, 0.9), hits=(1.0,) * 3, takes=(0.5, 0.5, 0.5), **figures):
    return MeasuredMethod(
        method=name, localisation=place, hits=hits if place else (), faithfulness=takes, **figures
    )


def measured(*methods, score=Score.SQUARED_ERROR):
    return MeasuredExplanations(
        calibration="any",
        score=score,
        seed=0,
        images=("a", "b", "c"),
        kinds=("hole",) * 3,
        groups=("a", "b", "c"),
        methods=methods,
    )


NOISE = method("residual", place=(0.3, 0.9, 0.45), takes=(0.9, 0.9, 0.9))
BEST = method("occlusion", place=(0.95, 0.96, 0.97))
FAITHFUL = method("lime", place=(0.9, 0.9, 0.9), takes=(0.7, 0.7, 0.7))
PLAIN = method("lrp", place=(0.901, 0.902, 0.903))


def test_the_best_placed_comes_first_then_the_more_faithful_then_what_is_unknown_and_noise_last(stored_model):
    stored = record_explanations(stored_model, measured(NOISE, PLAIN, FAITHFUL, BEST))
    order = method_order(stored, Score.SQUARED_ERROR)
    assert order[:3] == ["occlusion", "lime", "lrp"]
    assert order[-1] == "residual"
    assert sorted(order) == sorted(EXPLAINERS)
    assert default_method(stored, Score.SQUARED_ERROR) == "occlusion"


def test_what_is_shown_first_points_at_nearly_every_defect(stored_model):
    misses = replace(BEST, hits=(1.0, 0.0, 1.0))
    stored = record_explanations(stored_model, measured(misses, FAITHFUL))
    assert method_order(stored, Score.SQUARED_ERROR)[0] == "occlusion"
    assert default_method(stored, Score.SQUARED_ERROR) == "lime"
    alone = record_explanations(stored_model, measured(misses))
    assert default_method(alone, Score.SQUARED_ERROR) == "occlusion"


def test_rectangles_are_never_shown_first(stored_model):
    stored = record_explanations(stored_model, measured(replace(BEST, method="counterfactual"), PLAIN))
    assert method_order(stored, Score.SQUARED_ERROR)[0] == "counterfactual"
    assert default_method(stored, Score.SQUARED_ERROR) == "lrp"


def test_without_masks_what_goes_off_the_score_decides(stored_model):
    one = method("lime", place=(), takes=(0.3, 0.4, 0.3))
    more = method("lrp", place=(), takes=(0.6, 0.5, 0.6))
    noise = method("residual", place=(), takes=(0.2, -0.1, 0.1))
    stored = record_explanations(stored_model, measured(one, noise, more))
    order = method_order(stored, Score.SQUARED_ERROR)
    assert (order[:2], order[-1]) == (["lrp", "lime"], "residual")
    assert default_method(stored, Score.SQUARED_ERROR) == "lrp"
    told = worths(stored, Score.SQUARED_ERROR)
    assert told["residual"].is_noise
    assert "lowers the score 60\N{NO-BREAK SPACE}% of the way from places at random" in told["lrp"].sentence


@pytest.mark.parametrize(
    ("doubt", "said"),
    [
        ({"noise": (0.3, 0.4, 0.9)}, "Noise that nobody sees changes its map: the two correlate by 0.40"),
        ({"seed": (0.3, 0.4, 0.9)}, "Another seed changes its map: the two correlate by 0.40"),
        ({"randomised": (0.6, 0.7)}, "it shows little of what the network learnt"),
    ],
)
def test_what_does_not_hold_or_owes_nothing_to_the_weights_is_not_shown_first(stored_model, doubt, said):
    stored = record_explanations(stored_model, measured(replace(BEST, **doubt), FAITHFUL))
    assert method_order(stored, Score.SQUARED_ERROR)[0] == "occlusion"
    assert default_method(stored, Score.SQUARED_ERROR) == "lime"
    told = worths(stored, Score.SQUARED_ERROR)
    assert said in told["occlusion"].sentence
    assert not told["occlusion"].is_noise
    assert "correlat" not in told["lime"].sentence
    alone = record_explanations(stored_model, measured(replace(BEST, **doubt)))
    assert default_method(alone, Score.SQUARED_ERROR) == "occlusion"


def test_a_map_that_holds_is_trusted(stored_model):
    steady = replace(BEST, noise=(0.9, 0.8, 0.9), seed=(0.6, 0.7, 0.6), randomised=(0.1, 0.4))
    stored = record_explanations(stored_model, measured(steady, FAITHFUL))
    assert default_method(stored, Score.SQUARED_ERROR) == "occlusion"


def test_where_nothing_was_measured_the_order_is_the_usual_one(stored_model):
    assert method_order(stored_model, Score.SSIM)[: len(MAIN)] == list(MAIN)
    assert default_method(stored_model, Score.SSIM) == "kernel_shap"
    assert worths(stored_model, Score.SSIM) == {}


def test_figures_are_of_the_score_that_judges(stored_model):
    stored = record_explanations(stored_model, measured(PLAIN, BEST))
    stored = record_explanations(stored, measured(PLAIN, FAITHFUL, score=Score.SSIM))
    assert default_method(stored, Score.SQUARED_ERROR) == "occlusion"
    assert default_method(stored, Score.SSIM) == "lime"


def test_a_model_without_figures_borrows_those_of_its_dataset_and_says_so(stored_model, monkeypatch):
    lender = record_explanations(stored_model, measured(PLAIN, BEST))
    bare = replace(
        lender, card=replace(lender.card, id="widget-bcae2", sha256=dict(stored_model.card.sha256))
    )
    stranger = replace(bare, card=replace(bare.card, dataset="gadget"))
    monkeypatch.setattr("xai_ad.inspection.methods.list_models", lambda on_broken: (lender,))
    assert known_for(bare, Score.SQUARED_ERROR).model == "widget-bcae1"
    assert default_method(bare, Score.SQUARED_ERROR) == "occlusion"
    assert worths(bare, Score.SQUARED_ERROR)["lrp"].sentence.endswith("Measured with the model widget-bcae1.")
    assert not worths(lender, Score.SQUARED_ERROR)["lrp"].sentence.endswith("widget-bcae1.")
    assert known_for(stranger, Score.SQUARED_ERROR) is None


@pytest.mark.parametrize(
    ("name", "short", "said"),
    [
        ("residual", "noise here: 0.45", "Noise on these pictures: 0.45 (pixel AUC-ROC), and chance is 0.50"),
        ("occlusion", "places defects: 0.96", "Places defects with 0.96 (pixel AUC-ROC; chance is 0.50"),
    ],
)
def test_a_method_is_told_by_its_figure_and_noise_by_its_name(stored_model, name, short, said):
    told = worths(record_explanations(stored_model, measured(NOISE, BEST)), Score.SQUARED_ERROR)[name]
    assert told.short == short
    assert told.sentence.startswith(said)
    assert told.is_noise == (name == "residual")


def test_of_lesions_parts_are_told():
    told = worth_of(measured(BEST), "occlusion", Subject.LESION)
    assert told.short == "places atypical parts: 0.96"


def test_what_is_well_placed_and_has_no_effect_is_said_to_have_none(stored_model):
    idle = replace(BEST, method="lrp", faithfulness=(-0.5, 0.2, 0.1))
    told = worths(record_explanations(stored_model, measured(idle, BEST)), Score.SQUARED_ERROR)
    against = "Yet making its strongest places normal lowers the score no more than places at random do."
    assert told["lrp"].sentence.endswith(against)
    assert against not in told["occlusion"].sentence
