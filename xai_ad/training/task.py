"""The task that Lightning runs: reconstruct normal images, and keep what a resumed run needs to give the same numbers."""

import copy
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor
from torch.optim.lr_scheduler import ReduceLROnPlateau

from xai_ad.errors import InvalidInputError
from xai_ad.networks import Autoencoder
from xai_ad.progress import Progress, silent
from xai_ad.training.collapse import Spread, Watch
from xai_ad.training.material import Noise, Shown, count, reconstruct_batch, unspoilt
from xai_ad.training.recipe import Recipe
from xai_ad.training.reports import Ending, EpochReport

MAY_CHANGE = frozenset({"epochs", "max_minutes"})
"""What of a recipe a resumed training may change; all else would give other numbers."""


class Reconstruction(lightning.LightningModule):
    """The thesis's task: reconstruct, or predict, normal images with the least error (Eq. 3.3 or 3.10)."""

    def __init__(
        self,
        network: Autoencoder,
        recipe: Recipe,
        *,
        identity: str,
        data_sha256: str,
        checkpoint: Path,
        on_epoch: Callable[[EpochReport], None],
        detect: Callable[[Autoencoder], float] | None = None,
        average: Tensor | None = None,
        on_step: Progress = silent,
    ) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        self.identity = identity
        self.data_sha256 = data_sha256
        self.checkpoint = checkpoint
        self.on_epoch = on_epoch
        self.detect = detect
        self.on_step = on_step
        self.given_up = ""
        """What ended a training that had been good, in words."""
        self._given_up_by: Ending | None = None
        self.epochs_done = 0
        self.seconds = 0.0
        self.best, self.best_epoch = float("inf"), 0
        self.best_weights: dict[str, Tensor] = {}
        self._saved_plateau: dict[str, Any] | None = None
        self._sums = {"training": (0.0, 0), "validation": (0.0, 0), "average": (0.0, 0)}
        self.watch = Watch(learning_rate=recipe.learning_rate)
        self._average = average  # (C, H, W), until its loss is known
        self._spread = Spread()

    def ending(self) -> Ending | None:
        """Return what ends the training after the epochs done, or None where it goes on."""
        recipe = self.recipe
        if self._given_up_by is not None:
            return self._given_up_by
        if self.epochs_done >= recipe.epochs:
            return Ending.EPOCHS
        if self.epochs_done - self.best_epoch >= recipe.patience and self.epochs_done > recipe.epochs / 2:
            return Ending.EARLY_STOPPING
        if recipe.max_minutes is not None and self.seconds >= recipe.max_minutes * 60:
            return Ending.TIME_BUDGET
        return None

    def configure_optimizers(self) -> torch.optim.Optimizer:
        optimizer = torch.optim.Adam(self.network.parameters(), lr=self.recipe.learning_rate)
        # Stepped by hand: Lightning steps a plateau schedule after the checkpoint is written, so that a resumed run
        # would miss one step.
        self.plateau = ReduceLROnPlateau(
            optimizer, factor=self.recipe.plateau_factor, patience=self.recipe.plateau_patience
        )
        if self._saved_plateau is not None:
            self.plateau.load_state_dict(self._saved_plateau)
        return optimizer

    def training_step(self, batch: Tensor | Shown, batch_idx: int) -> Tensor:
        noise = Noise(sigma=self.recipe.noise, seed=self.recipe.seed)
        error, penalty = self._error("training", batch, spoil=noise.at(self.current_epoch, batch_idx))
        return error + penalty

    def validation_step(self, batch: Tensor | Shown) -> None:
        self._error("validation", batch, spread=self._spread)

    def on_train_epoch_start(self) -> None:
        self._began = time.monotonic()

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        del outputs, batch
        self.on_step((batch_idx + 1) / self.trainer.num_training_batches)

    def on_train_epoch_end(self) -> None:
        training_loss, validation_loss = self._mean("training"), self._mean("validation")
        if not math.isfinite(training_loss):
            self._give_up(
                Ending.DIVERGED,
                f"Training diverged in epoch {self.current_epoch + 1}: the learning rate "
                f"{self.recipe.learning_rate!r} is too large. Choose a smaller one.",
            )
            return
        self.plateau.step(validation_loss)
        self.epochs_done = self.current_epoch + 1
        detection = None if self.detect is None else self.detect(copy.deepcopy(self.network).eval().cpu())
        judged = validation_loss if detection is None else -detection  # the least is the best
        if is_best := judged < self.best:
            self.best, self.best_epoch = judged, self.epochs_done
            self.best_weights = {
                name: tensor.detach().to("cpu", copy=True)
                for name, tensor in self.network.state_dict().items()
            }
        self.seconds += time.monotonic() - self._began
        if self._average is not None:
            self.watch.average, self._average = self._mean("average"), None
        self.watch.note(training_loss, validation_loss, self._spread.kept(), steps=self.global_step)
        self._spread = Spread()
        self.trainer.save_checkpoint(self.checkpoint)
        self.trainer.should_stop = self.ending() is not None
        self.on_epoch(
            EpochReport(
                epoch=self.epochs_done,
                training_loss=training_loss,
                validation_loss=validation_loss,
                learning_rate=self.plateau.optimizer.param_groups[0]["lr"],
                seconds=self.seconds,
                detection=detection,
                is_best=is_best,
            )
        )
        try:
            self.watch.require_learning()
        except InvalidInputError as error:
            self._give_up(Ending.COLLAPSED, str(error))

    def _give_up(self, ending: Ending, reason: str) -> None:
        """End a training that comes to nothing; raises `InvalidInputError` where it never came to anything."""
        if not self.best_weights or not self.watch.was_good():
            raise InvalidInputError(reason)
        self.given_up, self._given_up_by = reason, ending
        self.trainer.should_stop = True

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["best"] = {"judged": self.best, "epoch": self.best_epoch, "weights": self.best_weights}
        checkpoint["plateau"] = self.plateau.state_dict()
        checkpoint["recipe"] = self.recipe.plain()
        checkpoint["identity"] = self.identity
        checkpoint["data_sha256"] = self.data_sha256
        checkpoint["seconds"] = self.seconds
        checkpoint["watch"] = self.watch.plain()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.restore(checkpoint)

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Take over where a checkpoint stands; raises `InvalidInputError` unless it is of this very training."""
        now = self.recipe.plain()
        if checkpoint["recipe"].keys() != now.keys():
            raise InvalidInputError(
                f"{str(self.checkpoint)!r} was written by another version of xai_ad. Delete it and train anew."
            )
        for name, then in checkpoint["recipe"].items():
            if name not in MAY_CHANGE and then != now[name]:
                raise InvalidInputError(
                    f"The checkpoint was trained with {name}={then!r}, not {now[name]!r}. Keep it."
                )
        if checkpoint["data_sha256"] != self.data_sha256:
            raise InvalidInputError("The checkpoint was trained on other images. Resume with the same data.")
        best = checkpoint["best"]
        shapes = {name: tensor.shape for name, tensor in self.network.state_dict().items()}
        found = {name: tensor.shape for name, tensor in best["weights"].items()}
        if found and found != shapes:  # before the first validation loss that is a number there are none
            raise InvalidInputError("The checkpoint is another network's. Resume with the same --network.")
        if checkpoint["identity"] != self.identity:
            raise InvalidInputError(
                f"The checkpoint is of {checkpoint['identity']}, not {self.identity}. Resume with the same options."
            )
        self.best, self.best_epoch, self.best_weights = best["judged"], best["epoch"], best["weights"]
        self._saved_plateau = checkpoint["plateau"]
        self.seconds = checkpoint["seconds"]
        self.epochs_done = checkpoint["epoch"] + 1
        if "watch" in checkpoint:  # versions before wrote none
            self.watch = Watch(learning_rate=self.recipe.learning_rate, **checkpoint["watch"])
            self._average = None

    def _error(
        self,
        part: str,
        batch: Tensor | Shown,
        *,
        spoil: Callable[[Tensor], Tensor] = unspoilt,
        spread: Spread | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return the error, which is reported and compared to stop as it is scored, and what training adds to it."""
        wanted, answered, penalty = reconstruct_batch(self.network, batch, spoil=spoil)
        scoring = self.recipe.scoring
        error = scoring.reduce(scoring.map(wanted, answered.float())).mean()
        self._add(part, error, count(batch))
        if spread is not None:
            spread.add(wanted, answered)
        if spread is not None and self._average is not None:
            average = self._average.to(wanted).expand_as(wanted)
            self._add("average", scoring.reduce(scoring.map(wanted, average)).mean(), count(batch))
        return error, penalty

    def _add(self, part: str, error: Tensor, items: int) -> None:
        total, count = self._sums[part]
        self._sums[part] = (total + float(error.detach()) * items, count + items)

    def _mean(self, part: str) -> float:
        total, count = self._sums[part]
        self._sums[part] = (0.0, 0)
        return total / count
