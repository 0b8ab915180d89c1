"""Every explainer by its id. A new one is a file of its own and a line here."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from xai_ad.errors import UnknownNameError
from xai_ad.explain.base import Explainer
from xai_ad.explain.consensus import Consensus
from xai_ad.explain.counterfactual import CounterfactualSearch
from xai_ad.explain.integrated_gradients import IntegratedGradients
from xai_ad.explain.kernel_shap import KernelShap
from xai_ad.explain.lime import Lime
from xai_ad.explain.lrp import Lrp
from xai_ad.explain.occlusion import Occlusion
from xai_ad.explain.residual import Residual

_IN_ORDER = (
    Residual,
    Lrp,
    Lime,
    KernelShap,
    CounterfactualSearch,
    IntegratedGradients,
    Occlusion,
    Consensus,
)
EXPLAINERS: dict[str, type[Explainer]] = {explainer.id: explainer for explainer in _IN_ORDER}


def find_explainer(method: str) -> type[Explainer]:
    """Return an explainer's class by its id, or raise `UnknownNameError` naming the valid ones."""
    if method not in EXPLAINERS:
        raise UnknownNameError("explainer", method, EXPLAINERS)
    return EXPLAINERS[method]


def explainer_options(method: str) -> list[str]:
    """Return the names of an explainer's hyper-parameters."""
    return [field.name for field in fields(find_explainer(method))]


def build_explainer(method: str, options: Mapping[str, Any] | None = None) -> Explainer:
    """Build an explainer from its id and its options by name.

    Raises `UnknownNameError` for an unknown method or option, naming the valid ones, and `InvalidInputError` for a
    value out of range.

    >>> build_explainer("kernel_shap", {"budget": 64}).budget
    64
    """
    valid = explainer_options(method)
    for name in options or {}:
        if name not in valid:
            raise UnknownNameError(f"option of the explainer {method!r} called", name, valid)
    return find_explainer(method)(**(options or {}))
