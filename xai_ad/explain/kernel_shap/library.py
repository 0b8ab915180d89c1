"""The shap library's KernelExplainer on the same game: a reference, and the estimate that its users get."""

import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_ad.types import Coalitions

_GLOBAL_NUMBERS = threading.Lock()
"""The library draws from numpy's global numbers; nobody else may, between their being set and put back."""


def library_values(
    score: Callable[[Coalitions], NDArray[np.float64]],
    *,
    players: int,
    budget: int,
    seed: int,
    options: dict[str, Any],
) -> NDArray[np.float64]:
    """Return the library's estimate, (M,), from at most `budget` coalitions, the full and the empty one included.

    `options` go to its `shap_values`. numpy's global random numbers are left as they were.
    """
    # For good: `catch_warnings` in one thread takes other threads' filters away.
    for module in (
        "shap",
        "sklearn.linear_model",
    ):  # its colour maps and its solver speak of what no caller can change
        warnings.filterwarnings("ignore", module=module)
    import shap

    with _GLOBAL_NUMBERS:
        state = np.random.get_state()  # noqa: NPY002  # what the library draws from
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            explainer = shap.KernelExplainer(lambda rows: score(rows > 0), np.zeros((1, players)))
            values = explainer.shap_values(
                np.ones((1, players)), nsamples=budget - 2, silent=True, gc_collect=False, **options
            )
        finally:
            np.random.set_state(state)  # noqa: NPY002
    return np.asarray(values[0], dtype=np.float64)
