"""The registry of explainers."""

import math
import subprocess
import sys

import pytest

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain import EXPLAINERS, CounterfactualSearch, Fill, KernelShap, Lime, build_explainer


def test_explainers_stand_in_their_order_under_their_own_ids():
    assert list(EXPLAINERS) == [
        "residual",
        "lrp",
        "lime",
        "kernel_shap",
        "counterfactual",
        "integrated_gradients",
        "occlusion",
        "owen",
        "consensus",
    ]
    for name, explainer in EXPLAINERS.items():
        assert explainer.id == name
        assert build_explainer(name) == explainer()
        assert explainer.title
        assert explainer.sentence.endswith((".", "?"))


def test_options_set_the_fields():
    built = build_explainer("lime", {"budget": 64, "kernel_width": 0.5, "fill": Fill.MEAN})
    assert built == Lime(budget=64, kernel_width=0.5, fill=Fill.MEAN)
    assert build_explainer("kernel_shap", {"seed": 3}) == KernelShap(seed=3)
    assert build_explainer("counterfactual", {"grid": 4}) == CounterfactualSearch(grid=4)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        (
            "shap",
            {},
            "no explainer 'shap'. Choose one of: consensus, counterfactual, integrated_gradients, kernel_shap, lime",
        ),
        ("lrp", {"eps": 1}, "no option of the explainer 'lrp' called 'eps'. Choose one of: epsilon"),
        ("residual", {"seed": 1}, "no option of the explainer 'residual' called 'seed'"),
    ],
)
def test_unknown_names_are_refused_naming_the_valid_ones(method, options, message):
    with pytest.raises(UnknownNameError, match=message):
        build_explainer(method, options)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("lrp", {"epsilon": math.nan}, "must be a positive number. Got nan"),
        ("lrp", {"gamma": 0}, "'gamma' of Lrp must be a positive number. Got 0"),
        (
            "lrp",
            {"rule": "gamma"},
            "'rule' of Lrp must be a LrpRule, one of: epsilon, gamma, z_plus, composite",
        ),
        ("kernel_shap", {"budget": 1}, r"must be an int in \[8, 100000\]. Got 1"),
        ("kernel_shap", {"budget": True}, "must be an int"),
        ("lime", {"n_segments": 1}, r"'n_segments' of Lime must be an int in \[2, inf\)"),
        ("lime", {"seed": -1}, "'seed' of Lime"),
        ("lime", {"fill": 3}, "'fill' of Lime must be a Fill, one of: auto, normal"),
        (
            "integrated_gradients",
            {"steps": 0},
            r"'steps' of IntegratedGradients must be an int in \[1, 1000\]. Got 0",
        ),
        ("occlusion", {"window": 0}, "'window' of Occlusion must be an int"),
        ("occlusion", {"stride": 0}, "'stride' of Occlusion must be an int"),
        ("occlusion", {"precision": 3}, "'precision' of Occlusion must be a Precision"),
        ("lime", {"batch_size": 0}, "'batch_size' of Lime must be an int"),
        ("consensus", {"seed": -1}, "'seed' of Consensus"),
        ("counterfactual", {"grid": 0}, "'grid' of CounterfactualSearch"),
    ],
)
def test_values_out_of_range_are_refused_quoting_them(method, options, message):
    with pytest.raises(InvalidInputError, match=message):
        build_explainer(method, options)


def test_importing_the_explainers_imports_none_of_the_slow_libraries():
    code = "import sys, xai_ad.explain; print({'shap', 'lime', 'captum', 'skimage', 'sklearn', 'scipy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
