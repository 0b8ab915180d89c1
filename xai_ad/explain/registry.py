"""Every explainer by its id. A new one is a file of its own and a line here."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, get_type_hints

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain.base import Explainer
from xai_ad.explain.counterfactual import CounterfactualSearch
from xai_ad.explain.kernel_shap import KernelShap
from xai_ad.explain.lime import Lime
from xai_ad.explain.lrp import Lrp
from xai_ad.explain.residual import Residual

EXPLAINERS: dict[str, type[Explainer]] = {
    explainer.id: explainer for explainer in (Residual, Lrp, Lime, KernelShap, CounterfactualSearch)
}


def build_explainer(method: str, options: Mapping[str, Any] | None = None) -> Explainer:
    """Build an explainer from its id and its options by name.

    Options given as text, as a command line does, become what their field holds. Raises `UnknownNameError` for an
    unknown method, option or enumerated value, naming the valid ones, and `InvalidInputError` for a value that does
    not fit.

    >>> build_explainer("kernel_shap", {"budget": "64", "fill": "mean"}).budget
    64
    """
    if method not in EXPLAINERS:
        raise UnknownNameError("explainer", method, EXPLAINERS)
    explainer = EXPLAINERS[method]
    kinds = get_type_hints(explainer)
    valid = [field.name for field in fields(explainer)]
    values = {}
    for name, value in (options or {}).items():
        if name not in valid:
            raise UnknownNameError(f"option of the explainer {method!r} called", name, valid)
        values[name] = _converted(value, kinds[name], f"The option '{name}' of the explainer {method!r}")
    return explainer(**values)


def _converted(value: Any, kind: Any, what: str) -> Any:
    """Return text as the kind of value a field holds; anything else stays for the explainer to check."""
    if not isinstance(value, str) or isinstance(value, Enum):
        return value
    if issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            members = [str(member.value) for member in kind]
            raise UnknownNameError(kind.__name__.lower(), value, members) from None
    try:
        return kind(value)
    except ValueError:
        noun = {int: "a whole number", float: "a number"}[kind]
        raise InvalidInputError(f"{what} must be {noun}. Got {value!r}.") from None
