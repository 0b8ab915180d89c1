"""Fast forwards for explaining: a network's inference copy."""

from xai_ad.detector.fast.network import InferenceNetwork

__all__ = ["InferenceNetwork"]
