"""The thesis's tables, figures and claims on whatever data is at hand."""

from xai_ad.thesis.base import Announce, Experiment, Request, Source, nobody
from xai_ad.thesis.registry import EXPERIMENTS, find_experiment

__all__ = ["EXPERIMENTS", "Announce", "Experiment", "Request", "Source", "find_experiment", "nobody"]
