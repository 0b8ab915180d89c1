"""How far a job is, written into its folder while it is worked on, and what is wanted of it, heard within a batch."""

import math
import time
from dataclasses import replace

from xai_ad.errors import Cancelled
from xai_ad.inspection.trainings.folders import LOOK, Folder, Reached, Stage, Wish
from xai_ad.inspection.trainings.looks import drawn
from xai_ad.machine.files import write_whole
from xai_ad.progress import Progress
from xai_ad.training.pipeline import Onlooker, Peek
from xai_ad.training.recipe import Recipe
from xai_ad.training.reports import EpochReport

SHARES = {
    Stage.READING: (0.0, 0.05),
    Stage.TRAINING: (0.05, 0.88),
    Stage.CALIBRATING: (0.88, 0.92),
    Stage.FINE_TUNING: (0.92, 0.97),
    Stage.MEASURING: (0.97, 1.0),
}
"""Which part of a job's progress each stage fills."""
EVERY = 0.5
"""Seconds between two reports of how far a job is."""
LOOKS_EVERY, LOOKS_APART = 3, 10.0
"""Epochs, and seconds, that lie between two pictures of reconstructions at least."""
LOOKED_AT = 6
"""Pictures that are shown with their reconstructions."""
_TELLING = 0.2
"""The share of the first epoch after which its pace says how long the rest takes."""


def _planned(recipe: Recipe, done: float, spent: float) -> int:
    """Return how many epochs a training will have, at the pace of those done in so many seconds."""
    if recipe.max_minutes is None or done < 1:
        return recipe.epochs
    return min(recipe.epochs, math.ceil(done * max(recipe.max_minutes * 60 / spent, 1.0)))


class Follower:
    """Follows one job; every report raises `Cancelled` once the job is to rest."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._reached = folder.reached() or Reached()
        self._written = 0.0
        self._looked = -LOOKS_APART, 0
        self._last: EpochReport | None = None
        self._clock: list[float] = []  # when this worker's epochs began

    def begin(self) -> None:
        """Write that a worker has begun."""
        self.folder.keep_epochs(self.folder.epochs())
        self._last = next(reversed(self.folder.epochs()), None)
        self._write(replace(self._reached, starts=self._reached.starts + 1, seconds_left=None))

    def rest(self) -> None:
        """Write that the worker leaves a job as it was asked to."""
        self._write(replace(self._reached, starts=0, seconds_left=None))

    def heed(self) -> None:
        """Raise `Cancelled` once the job is not to be worked on any more."""
        if self.folder.wished().wish is not Wish.RUN:
            raise Cancelled("Stopped.")

    def at(self, stage: Stage, fraction: float, seconds_left: float | None = None) -> None:
        """Report which share of a stage is done, and how long the rest takes, in seconds, where that is known."""
        self.heed()
        start, end = SHARES[stage]
        whole = start + (end - start) * min(fraction, 1.0)
        self._reached = replace(self._reached, stage=stage, fraction=whole, seconds_left=seconds_left)
        if time.monotonic() - self._written >= EVERY:
            self._write(self._reached)

    def progress(self, stage: Stage) -> Progress:
        """Return what reports of one stage."""
        return lambda fraction: self.at(stage, fraction)

    def on_epoch(self, report: EpochReport) -> None:
        """Keep an epoch's figures."""
        self.folder.add_epoch(report)
        self._last = report
        self._clock.append(time.monotonic())
        self._write(replace(self._reached, stage=Stage.TRAINING, starts=1))

    def onlooker(self, recipe: Recipe) -> Onlooker:
        """Return what follows a training by a recipe."""
        return Onlooker(
            on_read=self.progress(Stage.READING),
            on_step=lambda part: self._step(recipe, part),
            on_look=self._look,
        )

    def _step(self, recipe: Recipe, part: float) -> None:
        """Report a batch, after which a part of its epoch is done."""
        now = time.monotonic()
        if not self._clock:
            self._clock.append(now)
        done, before = (self._last.epoch, self._last.seconds) if self._last else (0, 0.0)
        part %= 1.0  # with the last batch comes the epoch's own report
        in_epoch = now - self._clock[-1]
        spent = before + in_epoch
        fraction, left = (done + part) / recipe.epochs, None
        epochs = len(self._clock) - 1 + part
        if epochs >= _TELLING:
            left = (recipe.epochs - done - part) * (now - self._clock[0]) / epochs
        if recipe.max_minutes is not None:
            limit = recipe.max_minutes * 60
            fraction = max(fraction, spent / limit)
            left = max(limit - spent, 0.0) if left is None else min(left, max(limit - spent, 0.0))
        self._reached = replace(self._reached, planned=_planned(recipe, done + part, spent))
        self.at(Stage.TRAINING, fraction, left)

    def _look(self, report: EpochReport, peek: Peek) -> None:
        """Keep a picture of what the network rebuilds, every few epochs."""
        at, epoch = self._looked
        now = time.monotonic()
        if report.epoch > 1 and (now - at < LOOKS_APART or report.epoch - epoch < LOOKS_EVERY):
            return
        write_whole(self.folder.path / LOOK.format(report.epoch), drawn(*peek(LOOKED_AT)))
        self._looked = now, report.epoch

    def _write(self, reached: Reached) -> None:
        self._reached = reached
        self.folder.reach(reached)
        self._written = time.monotonic()
