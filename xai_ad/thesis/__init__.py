"""The thesis's tables, figures and claims on whatever data is at hand. A new one is a function and a line here."""

from xai_ad.errors import UnknownNameError
from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.claims import CLAIMS
from xai_ad.thesis.figures import FIGURES
from xai_ad.thesis.figures.trade_off import TRADE_OFF
from xai_ad.thesis.learning_curve import LEARNING_CURVE
from xai_ad.thesis.results import RESULTS
from xai_ad.thesis.tables import TABLES

__all__ = ["EXPERIMENTS", "Experiment", "Request", "Source", "find_experiment"]

EXPERIMENTS: dict[str, Experiment] = {
    experiment.id: experiment
    for experiment in (*TABLES, *FIGURES, TRADE_OFF, CLAIMS, LEARNING_CURVE, RESULTS)
}


def find_experiment(name: str) -> Experiment:
    """Return the experiment of an id, or raise `UnknownNameError` naming the valid ones."""
    if name not in EXPERIMENTS:
        raise UnknownNameError("experiment", name, EXPERIMENTS)
    return EXPERIMENTS[name]
