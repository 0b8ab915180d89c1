"""The explainers that are asked for on this machine, and what it is fastest with, which a page never waits for."""

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.explain import EXPLAINERS, Explainer, build_explainer, explainer_options
from xai_ad.machine.execution import Execution, Precision

MAIN = ("residual", "lrp", "lime", "kernel_shap", "counterfactual")
"""What a page computes by itself, in the strip's order. All others stand behind them and wait until they are chosen."""
PATIENCE = 0.1
"""How many seconds a page waits: enough where an earlier run measured, too short to be felt where this one still does."""

MEASURING = "Measuring once what this machine computes fastest with, seconds to minutes; to name both precision and batch_size skips it."


def explainers() -> dict[str, Explainer]:
    """Return every explainer by its id, its arithmetic left to the machine, all else by default, in the strip's order."""
    return {
        method: build_explainer(
            method, {"precision": Precision.AUTO} if "precision" in explainer_options(method) else {}
        )
        for method in sorted(EXPLAINERS, key=_place)
    }


def explainer_here(
    method: str, options: Mapping[str, Any] | None = None, *, on_note: Callable[[str], None] = lambda _: None
) -> Explainer:
    """Build an explainer by its id and options; a precision or batch size left out is what this machine is fastest with.

    `on_note` is told before that is measured, which a machine's first explanation waits for.
    Raises as `build_explainer` does, and `InvalidInputError` for an environment variable that names neither.
    """
    found = dict(options or {})
    if "precision" in explainer_options(method):
        execution = fastest_execution(
            found.get("precision", Precision.AUTO),
            found.get("batch_size"),
            on_measure=lambda: on_note(MEASURING),
        )
        found |= {"precision": execution.precision, "batch_size": execution.batch_size}
    return build_explainer(method, found)


def machine_known(patience: float = 0.0) -> bool:
    """Return whether explainers can be resolved at once, or so within `patience` seconds.

    The first to ask gets the measurement under way. Raises `InvalidInputError` for an environment variable that names
    no precision or batch size.
    """
    try:
        _finding_out().result(patience)
    except TimeoutError:
        return False
    return True


def await_machine() -> None:
    """Wait until it is known; raises as `machine_known` does."""
    _finding_out().result()


@functools.cache  # should two threads be first, both measure in turn, and find the same
def _finding_out() -> Future[Execution]:
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="machine")
    return worker.submit(fastest_execution)


def _place(method: str) -> int:
    return MAIN.index(method) if method in MAIN else len(MAIN)
