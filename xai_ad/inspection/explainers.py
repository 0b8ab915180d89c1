"""Explainers as they are asked for by name, on the machine at hand."""

from collections.abc import Mapping
from typing import Any

from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.explain import Explainer, build_explainer, explainer_options
from xai_ad.machine.execution import Precision


def explainer_here(method: str, options: Mapping[str, Any] | None = None) -> Explainer:
    """Build an explainer by its id and options; a precision or batch size left out is what this machine is fastest with.

    Raises as `build_explainer` does, and `InvalidInputError` for an environment variable that names neither.
    """
    found = dict(options or {})
    if "precision" in explainer_options(method):
        execution = fastest_execution(found.get("precision", Precision.AUTO), found.get("batch_size"))
        found |= {"precision": execution.precision, "batch_size": execution.batch_size}
    return build_explainer(method, found)
