"""What pairs beyond those that the process holds say of its error.

The process's memory grows with the square of the pairs. What it expects of the pairs beyond is a game of known values;
the values of what is left, a small game, come from a weighted regression, which costs next to nothing.
"""

import math

import numpy as np
from numpy.typing import NDArray

from xai_ad.explain.kernel_shap.odd_gp import Posterior, signs
from xai_ad.types import Coalitions


def corrected(
    posterior: Posterior, coalitions: Coalitions, differences: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values and their variances, (M,) each, after pairs that the process does not hold.

    The correction counts in proportion to its own precision, so that it cannot make much worse what is good already.
    """
    left = differences - posterior.predict(coalitions)  # (K,)
    correction, doubt = regressed(coalitions, left)
    share = posterior.variances.sum() / max(posterior.variances.sum() + doubt.sum(), np.finfo(float).tiny)
    return posterior.values + share * correction, (1 - share) * posterior.variances


def regressed(
    coalitions: Coalitions, differences: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values that sum to zero and their variances, (M,) each, from pairs drawn at random within their sizes.

    Each size of pairs counts as Eq. 3.20 weighs it, however many of it were drawn. The variances are those of a
    regression whose residuals differ in size (White 1980), of a sample without replacement: a size that was drawn
    whole leaves no doubt.
    """
    players = coalitions.shape[1]
    sizes = coalitions.sum(axis=1)
    sizes = np.minimum(sizes, players - sizes)
    counts = np.bincount(sizes)
    weights = 1 / (sizes * (players - sizes) * counts[sizes])  # (K,)
    missing = np.maximum(1 - shares_drawn(counts, players)[sizes], 0.0)  # (K,)
    sides = signs(coalitions) / 2  # (K, M): o is their product with the values, in an additive game
    centred = sides - sides.mean(axis=1, keepdims=True)
    inverse = np.linalg.pinv((centred * weights[:, None]).T @ centred)  # (M, M)
    values = inverse @ (centred.T @ (weights * differences))
    scatter = weights * np.sqrt(missing) * (differences - centred @ values)
    root = (centred * scatter[:, None]) @ inverse  # (K, M)
    return values - values.mean(), np.square(root).sum(axis=0)


def shares_drawn(counts: NDArray[np.int64], players: int) -> NDArray[np.float64]:
    """Return the share of all pairs of each size that so many are, (S,); a pair's size is that of its smaller side.

    >>> shares_drawn(np.array([0, 1, 3]), 4).tolist()
    [0.0, 0.25, 1.0]
    """
    # In integers: of many players there are more coalitions than a float can count.
    return np.array(
        [
            count * (2 if 2 * size == players else 1) / math.comb(players, size)
            for size, count in enumerate(counts.tolist())
        ]
    )
