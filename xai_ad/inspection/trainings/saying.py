"""What is said of trainings: where each stands, how long it will take, and what its limit promises."""

import math

from xai_ad.data.wording import counted
from xai_ad.inspection.trainings.jobs import Stage, TrainingJob, TrainingState
from xai_ad.presentation.words import NARROW
from xai_ad.training.promises import Promise
from xai_ad.training.recipe import Loss

LOSSES = {
    Loss.MSE: "Squared error (the thesis's)",
    Loss.MAE: "Absolute error",
    Loss.COMPOUND: "Squared error and structure",
}
"""What is minimised, by its loss."""
_ENDED = {
    TrainingState.PAUSED: "Paused",
    TrainingState.STOPPED: "Stopped",
    TrainingState.INTERRUPTED: "Cut short",
}
STAGES = {
    Stage.READING: "Reading the pictures",
    Stage.TRAINING: "Training",
    Stage.FINE_TUNING: "Fine-tuning (SVDD)",
    Stage.CALIBRATING: "Setting the limit",
    Stage.MEASURING: "Measuring it on pictures that it has not seen",
}


def duration(seconds: float) -> str:
    """Return a time to wait, as precisely as anybody needs it.

    >>> [duration(each).replace(NARROW, " ") for each in (20, 100, 3000, 9000)]
    ['under a minute', '2 min', '50 min', '2 h 30 min']
    """
    if seconds < 45:
        return "under a minute"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes}{NARROW}min"
    hours, rest = divmod(round(minutes / 5) * 5, 60)
    return f"{hours}{NARROW}h" + (f" {rest}{NARROW}min" if rest else "")


def state_words(job: TrainingJob) -> str:
    """Return in one line where a job stands."""
    done = job.epochs[-1].epoch if job.epochs else 0
    if job.stopping:
        return "Stopping after this step"
    if job.state is TrainingState.WAITING:
        before = (job.position or 1) - 1
        return "Waits: it is next" if not before else f"Waits: {counted(before, 'training')} before it"
    if job.state is TrainingState.RUNNING:
        return _running_words(job, done)
    if job.state is TrainingState.DONE:
        return f"Done: {job.model} is in every list of models"
    if job.state is TrainingState.FAILED:
        return f"Failed: {job.error}"
    words = f"{_ENDED[job.state]} after {counted(done, 'epoch')}" if done else _ENDED[job.state]
    return f"{words}, goes on by itself" if job.state is TrainingState.INTERRUPTED and job.position else words


def _running_words(job: TrainingJob, done: int) -> str:
    words = [STAGES[job.stage] if job.stage is not None else "Beginning"]
    if job.stage is Stage.TRAINING:
        words.append(f"epoch {done + 1}" + (f" of {max(job.planned, done + 1)}" if job.planned else ""))
    if job.seconds_left is not None and job.seconds_left > 0:
        left = duration(job.seconds_left)
        words.append(f"{left} left" if left.startswith("under") else f"about {left} left")
    return ", ".join(words)


def promise_title(promise: Promise, *, has_defects: bool) -> str:
    """Return what a limit promises, as a choice is called."""
    if promise is Promise.BALANCED:
        return "Balanced, by the defects" if has_defects else "As strict as they allow"
    return f"1 in {_one_in(promise):,} good ones rejected"


def out_of_reach(promise: Promise, count: int) -> str:
    """Return why something cannot be promised where `count` good pictures set the limit."""
    return f"1 in {_one_in(promise):,} needs {promise.needs} good pictures to set the limit, and there are {count}"


def _one_in(promise: Promise) -> int:
    quantile = promise.quantile or 0.0
    return math.ceil(round(1 / (1 - quantile), 6))
