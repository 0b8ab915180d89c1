"""What is told of a training while it runs, and what ended it: plain data, for whoever follows one from outside."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class EpochReport:
    """One finished epoch: mean losses, and the seconds spent since training began, earlier sessions included."""

    epoch: int
    training_loss: float
    validation_loss: float
    learning_rate: float
    seconds: float
    detection: float | None
    """Mean over the anomalous classes of AUC-ROC on the calibration images; None where the recipe selects without."""
    is_best: bool


class Ending(StrEnum):
    """What ended a training."""

    EPOCHS = "epochs"
    EARLY_STOPPING = "early stopping"
    TIME_BUDGET = "time budget"
    DIVERGED = "divergence"
    """The loss was no number any more; the best weights are from before."""
    COLLAPSED = "collapse"
    """The network had begun to answer every image alike; the best weights are from before."""
    KEPT = "none: kept on the way"
