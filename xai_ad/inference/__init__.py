"""Fast forwards for explaining: a network's inference copy, and how the machine at hand runs it best."""

from xai_ad.inference.execution import MAX_BATCH, Execution, Precision
from xai_ad.inference.machine import resolve
from xai_ad.inference.network import InferenceNetwork

__all__ = ["MAX_BATCH", "Execution", "InferenceNetwork", "Precision", "resolve"]
