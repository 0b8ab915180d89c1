"""Owen values of the picture's own hierarchy of regions: what counts is split further, what does not stays whole."""

from xai_ad.explain.owen.explainer import Owen

__all__ = ["Owen"]
