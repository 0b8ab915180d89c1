"""Which pairs to score: the stored A-optimal design first, then pairs sampled by leverage."""

import numpy as np

from xai_ad.explain.kernel_shap.leverage import leverage_pairs
from xai_ad.explain.kernel_shap.optimal import stored_design
from xai_ad.types import Coalitions


def choose_pairs(players: int, count: int, *, seed: int) -> Coalitions:
    """Choose distinct pairs, each by one of its two coalitions, in the order of their use: (K, M).

    K is `count`, or all there are. The full and the empty coalition are never among them. A stored design knows no
    player by name: `seed` deals its columns out.
    """
    rng = np.random.default_rng(seed)
    designed = stored_design(players)[:count][:, rng.permutation(players)]
    missing = count - len(designed)
    if missing == 0:
        return designed
    return np.concatenate([designed, leverage_pairs(players, missing, rng=rng, without=designed)])
