"""The training loop: Lightning underneath, bytes in memory, everything seeded, resumable to the same numbers."""

import logging
import math
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader, Dataset, Sampler

from xai_ad.data.images import to_float
from xai_ad.errors import InvalidInputError
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.training.checkpoint import SafetensorsCheckpointIO
from xai_ad.training.recipe import Precision, Recipe

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True, kw_only=True)
class EpochReport:
    """One finished epoch: mean losses, and the seconds spent since training began, earlier sessions included."""

    epoch: int
    training_loss: float
    validation_loss: float
    learning_rate: float
    seconds: float
    is_best: bool


@dataclass(frozen=True, kw_only=True)
class TrainingOutcome:
    """A trained network, with the weights of the best validation loss, and what it took."""

    network: ConvolutionalAutoencoder
    epochs: int
    seconds: float
    images_seen: int
    ended_by: str


def nobody(report: EpochReport) -> None:
    """Listen to no epoch."""


def fit(
    network: ConvolutionalAutoencoder,
    training: Tensor,
    validation: Tensor,
    recipe: Recipe,
    *,
    directory: Path,
    resume: bool = False,
    device: str = "auto",
    on_epoch: Callable[[EpochReport], None] = nobody,
) -> TrainingOutcome:
    """Train a network on normal images, (N, C, H, W) uint8, and return its best weights (4.4.1).

    A checkpoint in `directory` is rewritten after each epoch; with `resume`, training goes on from it and gives the
    numbers that it would have given without the interruption. `on_epoch` may raise `Cancelled` to stop.
    """
    if len(training) == 0 or len(validation) == 0:
        raise InvalidInputError(
            f"Training needs images. Got {len(training)} to train, {len(validation)} to validate."
        )
    checkpoint = directory / CHECKPOINT
    if resume and not checkpoint.is_file():
        raise InvalidInputError(
            f"There is no checkpoint {str(checkpoint)!r} to resume. Train without --resume."
        )
    if not resume:
        checkpoint.unlink(missing_ok=True)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    task = _Reconstruction(network, recipe, checkpoint, on_epoch)
    shuffled = _EpochShuffle(len(training), recipe.batch_size, recipe.seed)
    in_order = _EpochShuffle(len(validation), recipe.batch_size, None)
    with _quiet_lightning():
        trainer = _trainer(recipe, device)
        trainer.fit(
            task,
            DataLoader(_Pixels(training), sampler=shuffled, batch_size=None),
            DataLoader(_Pixels(validation), sampler=in_order, batch_size=None),
            ckpt_path=checkpoint if resume else None,
        )
    network.load_state_dict(task.best_weights)
    checkpoint.unlink()
    return TrainingOutcome(
        network=network.eval().cpu(),
        epochs=task.epochs_done,
        seconds=task.seconds,
        images_seen=task.epochs_done * len(training),
        ended_by=task.ended_by,
    )


def resolve_precision(precision: Precision, device: str = "auto") -> Precision:
    """Return the arithmetic that `auto` stands for: bfloat16 where the machine multiplies it in hardware."""
    if precision is not Precision.AUTO:
        return precision
    on_gpu = device in {"auto", "cuda", "gpu"} and torch.cuda.is_available()
    gains = torch.cuda.is_bf16_supported() if on_gpu else torch.cpu._is_amx_tile_supported()  # noqa: SLF001  # the only way to ask
    return Precision.BFLOAT16 if gains else Precision.FLOAT32


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Keep Lightning from advertising, and from asking for worker processes to copy what is already in memory."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _trainer(recipe: Recipe, device: str) -> lightning.Trainer:
    bfloat16 = resolve_precision(recipe.precision, device) is Precision.BFLOAT16
    return lightning.Trainer(
        accelerator={"cuda": "gpu"}.get(device, device),
        devices=1,
        max_epochs=recipe.epochs,
        precision="bf16-mixed" if bfloat16 else "32-true",
        enable_checkpointing=False,  # the task writes its own, before it reports an epoch
        plugins=[SafetensorsCheckpointIO()],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


class _Pixels(Dataset[Tensor]):
    """Whole batches of 8-bit pixels by their indices."""

    def __init__(self, pixels: Tensor) -> None:
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, indices: Any) -> Tensor:
        return self.pixels[indices]


class _EpochShuffle(Sampler[list[int]]):
    """Batches of indices in an order that depends on the seed and the epoch alone; in order without a seed."""

    def __init__(self, count: int, batch_size: int, seed: int | None) -> None:
        self.count, self.batch_size, self.seed = count, batch_size, seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Lightning tells the sampler which epoch begins."""
        self.epoch = epoch

    def __len__(self) -> int:
        return math.ceil(self.count / self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        order = torch.arange(self.count)
        if self.seed is not None:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
            order = torch.randperm(self.count, generator=generator)
        indices: list[int] = order.tolist()
        for start in range(0, self.count, self.batch_size):
            yield indices[start : start + self.batch_size]


class _Reconstruction(lightning.LightningModule):
    """The thesis's task: rebuild normal images with the least squared error (Eq. 3.3)."""

    def __init__(
        self,
        network: ConvolutionalAutoencoder,
        recipe: Recipe,
        checkpoint: Path,
        on_epoch: Callable[[EpochReport], None],
    ) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        self.checkpoint = checkpoint
        self.on_epoch = on_epoch
        self.epochs_done = 0
        self.seconds = 0.0
        self.ended_by = "epochs"
        self.best_loss, self.best_epoch = float("inf"), 0
        self.best_weights: dict[str, Tensor] = {}
        self._saved_plateau: dict[str, Any] | None = None
        self._sums = {"training": (0.0, 0), "validation": (0.0, 0)}

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

    def training_step(self, batch: Tensor) -> Tensor:
        return self._loss("training", batch)

    def validation_step(self, batch: Tensor) -> None:
        self._loss("validation", batch)

    def on_train_epoch_start(self) -> None:
        self._began = time.monotonic()

    def on_train_epoch_end(self) -> None:
        training_loss, validation_loss = self._mean("training"), self._mean("validation")
        self.plateau.step(validation_loss)
        self.epochs_done = self.current_epoch + 1
        if is_best := validation_loss < self.best_loss:
            self.best_loss, self.best_epoch = validation_loss, self.epochs_done
            self.best_weights = {
                name: tensor.detach().to("cpu", copy=True)
                for name, tensor in self.network.state_dict().items()
            }
        self.seconds += time.monotonic() - self._began
        self.trainer.save_checkpoint(self.checkpoint)
        self._end_if_due()
        self.on_epoch(
            EpochReport(
                epoch=self.epochs_done,
                training_loss=training_loss,
                validation_loss=validation_loss,
                learning_rate=self.plateau.optimizer.param_groups[0]["lr"],
                seconds=self.seconds,
                is_best=is_best,
            )
        )

    def _end_if_due(self) -> None:
        recipe = self.recipe
        stale = self.epochs_done - self.best_epoch >= recipe.patience
        if stale and self.epochs_done > recipe.epochs / 2:
            self.ended_by = "early stopping"
        elif recipe.max_minutes is not None and self.seconds >= recipe.max_minutes * 60:
            self.ended_by = "time budget"
        self.trainer.should_stop = self.ended_by != "epochs"

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["best"] = {"loss": self.best_loss, "epoch": self.best_epoch, "weights": self.best_weights}
        checkpoint["plateau"] = self.plateau.state_dict()
        checkpoint["recipe"] = {name: _plain(value) for name, value in asdict(self.recipe).items()}
        checkpoint["seconds"] = self.seconds

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        for name, then in checkpoint["recipe"].items():
            now = _plain(getattr(self.recipe, name))
            if name not in {"epochs", "max_minutes"} and then != now:
                raise InvalidInputError(
                    f"The checkpoint was trained with {name}={then!r}, not {now!r}. Keep it."
                )
        best = checkpoint["best"]
        self.best_loss, self.best_epoch, self.best_weights = best["loss"], best["epoch"], best["weights"]
        self._saved_plateau = checkpoint["plateau"]
        self.seconds = checkpoint["seconds"]
        self.epochs_done = checkpoint["epoch"] + 1

    def _loss(self, part: str, batch: Tensor) -> Tensor:
        images = to_float(batch).contiguous(memory_format=torch.channels_last)
        loss: Tensor = (self.network(images).float() - images).square().mean()
        total, count = self._sums[part]
        self._sums[part] = (total + float(loss.detach()) * len(batch), count + len(batch))
        return loss

    def _mean(self, part: str) -> float:
        total, count = self._sums[part]
        self._sums[part] = (0.0, 0)
        return total / count


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Precision) else value
