"""Counterfactual rectangles (3.8.4): what would have to change for the verdict to flip."""

from xai_ad.explain.counterfactual.explainer import CounterfactualSearch
from xai_ad.explain.counterfactual.rectangles import rectangles_by_area

__all__ = ["CounterfactualSearch", "rectangles_by_area"]
