"""Layer-wise relevance propagation (Eq. 3.18)."""

from xai_ad.explain.lrp.explainer import Lrp
from xai_ad.explain.lrp.layers import PASSAGES, Passage
from xai_ad.explain.lrp.propagation import Propagated, propagate
from xai_ad.explain.lrp.rules import LrpRule, Passed, Rule

__all__ = [
    "PASSAGES",
    "Lrp",
    "LrpRule",
    "Passage",
    "Passed",
    "Propagated",
    "Rule",
    "propagate",
]
