"""What normal scores say of a new one: its conformal p-value; and of many together: which to flag, with how many wrongly."""

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import Floats


def p_values(scores: Floats, normals: Floats) -> Floats:
    """Return (1 + the normal scores at least as high) / (n + 1) of each score; scores (N,), normals (n,).

    Split conformal: where a new normal image can be exchanged for those n, its p-value is at most alpha with a probability
    of at most alpha, whatever alpha (Vovk et al. 2005; Bates et al. 2023, Eq. 2). Raises `InvalidInputError` without normals.

    >>> import numpy as np
    >>> p_values(np.array([0.5, 2.5, 9.0]), np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 0.5, 0.25]
    """
    ordered = np.sort(np.asarray(normals, dtype=np.float64))
    if not len(ordered):
        raise InvalidInputError("A p-value needs at least one normal score. Got none.")
    at_least = len(ordered) - np.searchsorted(ordered, scores, side="left")
    found: Floats = (1 + at_least) / (len(ordered) + 1)
    return found


def discoveries(values: Floats, rate: float) -> NDArray[np.bool_]:
    """Return which of N p-values, (N,), are flagged so that on average at most a `rate` of those flagged are normal.

    Benjamini and Hochberg (1995): the k smallest for the largest k whose k-th is at most k / N x rate. It holds for
    conformal p-values that share their normal scores too (Bates et al. 2023, Theorem 2). Raises `InvalidInputError` for a
    rate outside (0, 1).

    >>> import numpy as np
    >>> discoveries(np.array([0.01, 0.9, 0.04, 0.03]), 0.06).tolist()
    [True, False, True, True]
    """
    require_rate(rate)
    if not len(values):
        return np.zeros(0, dtype=np.bool_)
    ordered = np.sort(values)
    reached = ordered <= _steps(len(values), rate)
    limit = ordered[np.flatnonzero(reached)[-1]] if reached.any() else -1.0
    found: NDArray[np.bool_] = values <= limit
    return found


def require_rate(rate: float) -> None:
    """Raise `InvalidInputError` for a false discovery rate outside (0, 1)."""
    if not 0 < rate < 1:
        raise InvalidInputError(f"A false discovery rate lies between 0 and 1. Got {rate!r}.")


def fewest_discoveries(count: int, normals: int, rate: float) -> int:
    """Return how many of `count` inputs must score higher than all n normals before any is flagged; `count` + 1 where none can be.

    No p-value is less than 1 / (n + 1).

    >>> fewest_discoveries(40, 99, 0.05), fewest_discoveries(40, 9, 0.05)
    (8, 41)
    """
    enough = np.flatnonzero(_steps(count, rate) >= 1 / (normals + 1))
    return int(enough[0]) + 1 if len(enough) else count + 1


def _steps(count: int, rate: float) -> Floats:
    """Return k / N x rate for each k, (N,), not a rounding error below what it is."""
    steps: Floats = np.arange(1, count + 1) / count * rate * (1 + 1e-12)
    return steps
