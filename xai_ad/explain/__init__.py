"""Explainers: one module a method, and their registry."""

from xai_ad.explain.base import Attribution, Counterfactual, Diagnostic, Explainer, Explanation, Rectangle
from xai_ad.explain.counterfactual import CounterfactualSearch, Direction, Search
from xai_ad.explain.fills import Fill
from xai_ad.explain.kernel_shap import KernelShap
from xai_ad.explain.lime import Lime
from xai_ad.explain.lrp import Lrp
from xai_ad.explain.registry import EXPLAINERS, build_explainer, explainer_options, find_explainer
from xai_ad.explain.residual import Residual

__all__ = [
    "EXPLAINERS",
    "Attribution",
    "Counterfactual",
    "CounterfactualSearch",
    "Diagnostic",
    "Direction",
    "Explainer",
    "Explanation",
    "Fill",
    "KernelShap",
    "Lime",
    "Lrp",
    "Rectangle",
    "Residual",
    "Search",
    "build_explainer",
    "explainer_options",
    "find_explainer",
]
