"""How alike an explanation and repeated runs of it are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_ad.metrics.faithfulness import rank_correlation, shared_strongest
from xai_ad.metrics.localisation import Map


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """The rank correlation with a repeated run, the share of the strongest evidence in both, and what it took."""

    agreement: float
    shared: float
    evaluations: int


def repeat_of(own: Map, others: Sequence[Map], *, evaluations: int) -> Repeat:
    """Compare a map, (T, H, W), with those of repeated runs, of the same shape, and return the means."""
    return Repeat(
        agreement=float(np.mean([rank_correlation(own, other) for other in others])),
        shared=float(np.mean([shared_strongest(own, other) for other in others])),
        evaluations=evaluations,
    )
