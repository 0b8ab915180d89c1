"""Explainers: one module a method, and their registry.

>>> from xai_ad import EXPLAINERS
>>> EXPLAINERS["residual"].title
'Residual'
"""

from xai_ad.explain.base import Explainer
from xai_ad.explain.choices import Direction, Extent, Fill, Search
from xai_ad.explain.consensus import Consensus
from xai_ad.explain.counterfactual import CounterfactualSearch
from xai_ad.explain.integrated_gradients import IntegratedGradients
from xai_ad.explain.kernel_shap import KernelShap
from xai_ad.explain.lime import Lime
from xai_ad.explain.lrp import Lrp
from xai_ad.explain.occlusion import Occlusion
from xai_ad.explain.owen import Owen
from xai_ad.explain.registry import EXPLAINERS, build_explainer, explainer_options, find_explainer, options_of
from xai_ad.explain.residual import Residual
from xai_ad.explain.results import Attribution, Counterfactual, Explanation, diagnostics

__all__ = [
    "EXPLAINERS",
    "Attribution",
    "Consensus",
    "Counterfactual",
    "CounterfactualSearch",
    "Direction",
    "Explainer",
    "Explanation",
    "Extent",
    "Fill",
    "IntegratedGradients",
    "KernelShap",
    "Lime",
    "Lrp",
    "Occlusion",
    "Owen",
    "Residual",
    "Search",
    "build_explainer",
    "diagnostics",
    "explainer_options",
    "find_explainer",
    "options_of",
]
