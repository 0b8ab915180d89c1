"""Layer-wise relevance propagation (Eq. 3.18)."""

from xai_ad.explain.lrp.explainer import Lrp

__all__ = ["Lrp"]
