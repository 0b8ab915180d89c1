"""Settings come back from their text as they were, and what does not hold is told in the settings' own words."""

from dataclasses import fields

import pytest

from xai_ad.explain import EXPLAINERS, build_explainer
from xai_ad.explain.choices import Estimator, Fill
from xai_ad.explain.registry import options_of
from xai_ad.inspection.explainers import explainers
from xai_ad.inspection.options import (
    HELP,
    LEFT_OUT,
    LONGEST,
    configured,
    differences,
    read_settings,
    settings_of,
    write_settings,
)
from xai_ad.machine.execution import Precision


def other(setting):
    """Return a value that is not the default."""
    if setting.bound is None:
        return ("residual", "lrp")
    if setting.choices:
        return next(setting.kind(one) for one in setting.choices if setting.kind(one) != setting.default)
    low = setting.bound.low
    return setting.kind(low + 1 if low is not None and low + 1 != setting.default else setting.default + 1)


@pytest.mark.parametrize("method", EXPLAINERS)
def test_every_field_of_a_method_is_a_setting_with_a_sentence(method):
    names = {each.name for each in fields(options_of(method))} - LEFT_OUT
    assert {setting.name for setting in settings_of(method)} == names
    assert names <= set(HELP)


@pytest.mark.parametrize("method", EXPLAINERS)
def test_the_defaults_are_those_that_a_page_asks_for(method):
    options = {setting.name: setting.default for setting in settings_of(method)}
    assert configured(explainers()[method], options) == explainers()[method]


@pytest.mark.parametrize("method", EXPLAINERS)
def test_settings_come_back_from_their_text(method):
    chosen = {method: {setting.name: other(setting) for setting in settings_of(method)}}
    if method == "counterfactual":
        chosen[method]["grid"] = 5  # a fast search takes no smaller one than 4
    text = write_settings(chosen)
    assert read_settings(text, "residual") == ({name: told for name, told in chosen.items() if told}, [])


def test_a_name_without_a_method_is_the_chosen_ones():
    assert read_settings("budget=1024,lime.seed=3", "kernel_shap") == (
        {"kernel_shap": {"budget": 1024}, "lime": {"seed": 3}},
        [],
    )


def test_what_is_the_default_is_left_out():
    assert read_settings("budget=512,precision=auto,fill=blur", "kernel_shap") == (
        {"kernel_shap": {"fill": Fill.BLUR}},
        [],
    )


def test_an_explainer_is_configured_field_by_field():
    found = configured(build_explainer("kernel_shap"), {"budget": 64, "estimator": Estimator.REGRESSION})
    assert found == build_explainer("kernel_shap", {"budget": 64, "estimator": Estimator.REGRESSION})
    options = {"members": ("residual", "lrp"), "precision": Precision.FLOAT32}
    assert configured(build_explainer("consensus"), options) == build_explainer("consensus", options)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("budget=4", "Budget of KernelSHAP is a whole number from 8 to 8,192. Got '4'."),
        ("budget=9000", "Budget of KernelSHAP is a whole number from 8 to 8,192. Got '9000'."),
        ("budget=1e3", "Budget of KernelSHAP is a whole number from 8 to 8,192. Got '1e3'."),
        ("lrp.gamma=-1", "Gamma of LRP is a number above 0. Got '-1'."),
        ("lrp.gamma=nan", "Gamma of LRP is a number above 0. Got 'nan'."),
        ("lime.kernel_width=900", "Kernel width of LIME is a number from 0.05 to 100. Got '900'."),
        ("estimator=magic", "Estimator of KernelSHAP is one of: odd_gp, regression, shap, shap_no_l1. Got 'magic'."),
        ("budgets=9", "There is no setting of KernelSHAP called 'budgets'. Choose one of: budget, estimator, fill, n_segments, precision, seed."),
        ("direction=repair", "There is no setting of KernelSHAP called 'direction'. Choose one of: budget, estimator, fill, n_segments, precision, seed."),
        ("magic.budget=9", "There is no explanation 'magic'. Choose one of: consensus, counterfactual, integrated_gradients, kernel_shap, lime, lrp, occlusion, owen, residual."),
        ("consensus.members=lrp-lrp", "Methods of Consensus is two or more of: residual, lrp, lime, kernel_shap, integrated_gradients, occlusion, owen, joined by dashes. Got 'lrp-lrp'."),
        ("counterfactual.grid=3,counterfactual.search=fast", "The 'grid' of CounterfactualSearch must be in [4, 16] for the search 'fast'. Got 3; choose such a grid, or the search 'exact'."),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_in_one_line_and_the_rest_is_taken(text, told):
    found, problems = read_settings(f"{text},lime.seed=7", "kernel_shap")
    assert problems == [told]
    assert found == {"lime": {"seed": 7}}


def test_a_text_that_is_far_too_long_is_not_read():
    assert read_settings("lime.seed=7," * LONGEST, "lime")[0] == {}


def test_differences_are_said_with_their_defaults():
    found = differences("kernel_shap", {"budget": 1024, "fill": Fill.BLUR})
    assert found == "Settings differ: budget 1,024 (default 512) and fill a blurred copy (default auto)."
    assert differences("kernel_shap", {}) is None
