"""Which moment mattered: how much of what an explanation of a window says lies in each of its frames."""

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.results import Attribution, evidence_map


def moments(explanation: Attribution) -> NDArray[np.float64]:
    """Return each frame's share of the raw score, (T,): the sum of its pixels' relevance; of a picture, T = 1.

    They add up to what the relevance adds up to, and may be negative: what is seen in such a frame makes the explained
    one more normal.

    >>> shares = np.array([[[1.0, 2.0]], [[-0.5, 0.0]]], dtype=np.float32)
    >>> found = Attribution(method="residual", relevance=shares, score=6.0, baseline=0.0, evaluations=1)
    >>> moments(found).tolist()
    [3.0, -0.5]
    """
    sums: NDArray[np.float64] = evidence_map(explanation).sum(axis=(1, 2), dtype=np.float64)
    return sums
