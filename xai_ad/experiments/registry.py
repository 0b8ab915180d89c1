"""Every experiment by its id. A new one is a function and a line here."""

from xai_ad.errors import UnknownNameError
from xai_ad.experiments.base import Experiment
from xai_ad.experiments.claims import CLAIMS
from xai_ad.experiments.complexity import COMPLEXITY
from xai_ad.experiments.figures import FIGURES
from xai_ad.experiments.figures.trade_off import TRADE_OFF
from xai_ad.experiments.learning_curve import LEARNING_CURVE
from xai_ad.experiments.results import RESULTS
from xai_ad.experiments.tables import TABLES

EXPERIMENTS: dict[str, Experiment] = {
    experiment.id: experiment
    for experiment in (*TABLES, COMPLEXITY, *FIGURES, TRADE_OFF, CLAIMS, LEARNING_CURVE, RESULTS)
}


def find_experiment(name: str) -> Experiment:
    """Return the registry's entry, or raise `UnknownNameError` naming the valid ids."""
    if name not in EXPERIMENTS:
        raise UnknownNameError("experiment", name, EXPERIMENTS)
    return EXPERIMENTS[name]
