"""Every experiment by its id. A new one is a function and a line here."""

from xai_ad.errors import UnknownNameError
from xai_ad.thesis.base import Experiment
from xai_ad.thesis.claims import CLAIMS
from xai_ad.thesis.complexity import COMPLEXITY
from xai_ad.thesis.figures import FIGURES
from xai_ad.thesis.figures.trade_off import TRADE_OFF
from xai_ad.thesis.learning_curve import LEARNING_CURVE
from xai_ad.thesis.results import RESULTS
from xai_ad.thesis.tables import TABLES

EXPERIMENTS: dict[str, Experiment] = {
    experiment.id: experiment
    for experiment in (*TABLES, COMPLEXITY, *FIGURES, TRADE_OFF, CLAIMS, LEARNING_CURVE, RESULTS)
}


def find_experiment(name: str) -> Experiment:
    """Return the registry's entry, or raise `UnknownNameError` naming the valid ids."""
    if name not in EXPERIMENTS:
        raise UnknownNameError("experiment", name, EXPERIMENTS)
    return EXPERIMENTS[name]
