"""The training loop: Lightning underneath, bytes in memory, everything seeded, resumable to the same numbers."""

import logging
import warnings
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from xai_ad.data.notes import NOTES
from xai_ad.errors import Cancelled, InvalidInputError
from xai_ad.machine.execution import Precision
from xai_ad.networks import Autoencoder
from xai_ad.progress import Progress, silent
from xai_ad.training.checkpoint import SafetensorsCheckpointIO
from xai_ad.training.collapse import average_image
from xai_ad.training.material import EpochShuffle, Material, Pixels, material_sha256
from xai_ad.training.recipe import Device, Recipe
from xai_ad.training.reports import Ending, EpochReport
from xai_ad.training.task import Reconstruction

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True, kw_only=True)
class TrainingOutcome:
    """A trained network, with the weights of its best epoch, and what it took."""

    network: Autoencoder
    epochs: int
    seconds: float
    images_seen: int
    ended_by: Ending
    learnt: bool = True
    """Whether it learnt anything; the notes say what tells that it did not."""


def ignore(report: object) -> None:
    """Do nothing with the report of an epoch."""


def fit(
    network: Autoencoder,
    training: Tensor | Material,
    validation: Tensor | Material,
    recipe: Recipe,
    *,
    directory: Path,
    identity: str = "",
    resume: bool = False,
    device: Device = Device.AUTO,
    on_epoch: Callable[[EpochReport], None] = ignore,
    detect: Callable[[Autoencoder], float] | None = None,
    on_step: Progress = silent,
) -> TrainingOutcome:
    """Train a network on normal images, (N, C, H, W) uint8, or windows of frames, and return its best weights (4.4.1).

    The best are those of the least validation loss or, with `detect`, of the greatest figure that it returns.

    A checkpoint in `directory` is rewritten after each epoch and left there; with `resume`, training goes on from it
    and gives the numbers that it would have given without the interruption. `identity` says in words what is trained:
    only a checkpoint of the same is resumed. `on_epoch`, and `on_step`, which is told after each batch which share of its
    epoch is done, may raise `Cancelled`. A training that comes to nothing after good epochs ends, keeps the best weights
    and says so in a note; one that never was good raises `InvalidInputError`.
    """
    require_images(training, validation)
    learnt, validating = (
        Pixels(part) if isinstance(part, Tensor) else part for part in (training, validation)
    )
    accelerator = _accelerator(device)
    checkpoint = directory / CHECKPOINT
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    task = Reconstruction(
        network,
        recipe,
        identity=identity,
        data_sha256=material_sha256(learnt, validating),
        checkpoint=checkpoint,
        on_epoch=on_epoch,
        detect=detect,
        average=average_image(learnt.pixels),
        on_step=on_step,
    )
    if resume:
        task.restore(read_checkpoint(checkpoint))
    else:
        checkpoint.unlink(missing_ok=True)
    if task.ending() is None:
        shuffled = EpochShuffle(len(learnt), recipe.batch_size, recipe.seed)
        in_order = EpochShuffle(len(validating), recipe.batch_size, None)
        with _quiet_lightning():
            try:
                _trainer(recipe, accelerator).fit(
                    task,
                    DataLoader(learnt, sampler=shuffled, batch_size=None),
                    DataLoader(validating, sampler=in_order, batch_size=None),
                    ckpt_path=checkpoint if resume else None,
                )
            except SystemExit as stop:  # what Lightning makes of Ctrl-C
                raise Cancelled(f"Stopped after {task.epochs_done} epochs. Go on with --resume.") from stop
    ending = task.ending()
    if ending is None:
        raise Cancelled(f"Stopped after {task.epochs_done} epochs. Go on with --resume.")
    if not task.best_weights:
        raise InvalidInputError(
            f"The validation loss was no number in any of {task.epochs_done} epochs, so that no weights are the best. "
            "Look for damaged validation images, or choose a smaller learning rate."
        )
    reason = None if task.given_up else task.watch.reason()
    if task.given_up:
        NOTES.warning("%s", f"{task.given_up} The weights of epoch {task.best_epoch} are kept.")
    elif reason:
        NOTES.warning("%s", f"The model is of little use: {reason}")
    network.load_state_dict(task.best_weights)
    return TrainingOutcome(
        network=network.eval().cpu(),
        epochs=task.epochs_done,
        seconds=task.seconds,
        images_seen=task.epochs_done * len(learnt) * learnt.images_each,
        ended_by=ending,
        learnt=reason is None,
    )


def require_images(training: Sized, validation: Sized) -> None:
    """Raise `InvalidInputError` unless there is something to train on and something to validate with."""
    if len(training) == 0 or len(validation) == 0:
        raise InvalidInputError(
            f"Training needs at least one image to train on and one to validate with. "
            f"Got {len(training)} and {len(validation)}; add normal images."
        )


def _accelerator(device: Device) -> str:
    if device is Device.CUDA and not torch.cuda.is_available():
        raise InvalidInputError("There is no CUDA device that torch can use here. Train with --device cpu.")
    return {Device.CUDA: "gpu"}.get(device, str(device))


def read_checkpoint(checkpoint: Path) -> dict[str, Any]:
    """Return what an interrupted training left; raises `InvalidInputError` where there is nothing."""
    if not checkpoint.is_file():
        raise InvalidInputError(
            f"There is no checkpoint {str(checkpoint)!r} to resume. Train without --resume."
        )
    return SafetensorsCheckpointIO().load_checkpoint(checkpoint)


def _trainer(recipe: Recipe, accelerator: str) -> lightning.Trainer:
    return lightning.Trainer(
        accelerator=accelerator,
        devices=1,
        max_epochs=recipe.epochs,
        precision="bf16-mixed" if recipe.precision is Precision.BFLOAT16 else "32-true",
        enable_checkpointing=False,  # the task writes its own, before it reports an epoch
        plugins=[SafetensorsCheckpointIO()],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Keep Lightning from advertising, and from asking for worker processes to copy what is already in memory."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    # For good: `catch_warnings` would change other threads' too.
    warnings.filterwarnings("ignore", module="lightning")
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
