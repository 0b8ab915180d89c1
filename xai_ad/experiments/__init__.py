"""The thesis's tables and figures, and its claims, measured on whatever data is at hand."""

from xai_ad.experiments.base import Announce, Experiment, Request, Source, nobody
from xai_ad.experiments.registry import EXPERIMENTS, find_experiment

__all__ = ["EXPERIMENTS", "Announce", "Experiment", "Request", "Source", "find_experiment", "nobody"]
