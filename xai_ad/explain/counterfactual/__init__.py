"""Counterfactual rectangles (3.8.4): what would have to change for the verdict to flip."""

from xai_ad.explain.counterfactual.explainer import CounterfactualSearch
from xai_ad.explain.counterfactual.rectangles import Direction, rectangles_by_area
from xai_ad.explain.counterfactual.words import Search

__all__ = ["CounterfactualSearch", "Direction", "Search", "rectangles_by_area"]
