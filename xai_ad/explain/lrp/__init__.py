"""Layer-wise relevance propagation (Eq. 3.18)."""

from xai_ad.explain.lrp.explainer import Lrp
from xai_ad.explain.lrp.propagation import Propagated, flat_layers, propagate
from xai_ad.explain.lrp.rules import RULES, Passed, Rule

__all__ = ["RULES", "Lrp", "Passed", "Propagated", "Rule", "flat_layers", "propagate"]
