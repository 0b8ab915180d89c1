"""One training, timed in a process of its own: how the C library allocates is the whole process's choice.

`python -m xai_ad.benchmarks.training_worker JSON` takes a `TimedTraining` and prints `TrainingSpeed`.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from pydantic import TypeAdapter
from torch import Tensor
from torch.nn import functional as F
from torch.optim.optimizer import register_optimizer_step_post_hook

from xai_ad.benchmarks.processes import ask_own_process
from xai_ad.machine.allocator import tune_allocator
from xai_ad.machine.execution import Precision
from xai_ad.networks import IMAGE_SIZE, ConvolutionalAutoencoder, build_network
from xai_ad.training.loop import fit
from xai_ad.training.recipe import Device, Recipe

WARM_UP_STEPS = 1
"""The optimiser's steps before the clock starts: the first allocates, and chooses kernels."""


class Loop(StrEnum):
    """Whose loop trains."""

    PROJECT = "project"
    """`xai_ad.training.loop.fit`, as `train` calls it: tuned allocator, channels last, Lightning, checkpoints."""
    PLAIN = "plain"
    """What a competent user writes in ten lines: eager PyTorch and its defaults."""


@dataclass(frozen=True, kw_only=True)
class TimedTraining:
    """What is trained, on as many random pictures, and by whom; `precision` is the project's, a plain loop has none."""

    loop: Loop
    network: str
    images: int
    batch_size: int
    epochs: int
    precision: Precision = Precision.FLOAT32
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class TrainingSpeed:
    """The optimiser's steps taken, and the images a second from the end of the warm-up to the end of the last step."""

    steps: int
    images_per_second: float


def measure_in_process_of_its_own(training: TimedTraining) -> TrainingSpeed:
    """Run a timed training in a new process; raises `BenchmarkError` with that process's last words where it fails."""
    return ask_own_process(__name__, training, TrainingSpeed, what=f"the {training.loop} loop")


def measure(training: TimedTraining) -> TrainingSpeed:
    """Train in this process, and time the optimiser's steps; everything between two steps counts.

    Both loops train on the same 8-bit pixels, validate on one image after each epoch, and start from the same weights.
    """
    torch.manual_seed(training.seed)
    network = build_network(training.network)
    shape = (training.images + 1, network.channels, IMAGE_SIZE, IMAGE_SIZE)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8)
    with _step_times() as times:
        if training.loop is Loop.PROJECT:
            _train_with_project(network, pixels[:-1], pixels[-1:], training)
        else:
            _train_plainly(network, pixels[:-1], pixels[-1:], training)
    timed = (len(times) - WARM_UP_STEPS) * training.batch_size
    seconds = times[-1] - times[WARM_UP_STEPS - 1]
    return TrainingSpeed(steps=len(times), images_per_second=timed / seconds)


def _train_plainly(
    network: ConvolutionalAutoencoder, pixels: Tensor, validation: Tensor, training: TimedTraining
) -> None:
    """Train as a competent user would with PyTorch alone: Adam, float32, whole batches from memory."""
    images, unseen = pixels / 255, validation / 255  # converted once, outside the clock
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(training.epochs):
        network.train()
        for rows in torch.randperm(len(images)).reshape(-1, training.batch_size):
            batch = images[rows]
            reconstructions, penalty = network.reconstruct_with_penalty(batch)
            loss = F.mse_loss(reconstructions, batch) + penalty
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's stub lacks it
            optimizer.step()
        network.eval()
        with torch.no_grad():
            F.mse_loss(network(unseen), unseen)


def _train_with_project(
    network: ConvolutionalAutoencoder, pixels: Tensor, validation: Tensor, training: TimedTraining
) -> None:
    recipe = Recipe(
        epochs=training.epochs,
        batch_size=training.batch_size,
        precision=training.precision,
        patience=training.epochs,
        seed=training.seed,
    )
    with TemporaryDirectory() as directory:
        fit(network, pixels, validation, recipe, directory=Path(directory), device=Device.CPU)


@contextmanager
def _step_times() -> Iterator[list[float]]:
    """Collect when each optimiser's step in this process ends, in seconds."""
    times: list[float] = []

    def note(*_: Any) -> None:
        times.append(time.perf_counter())

    handle = register_optimizer_step_post_hook(note)
    try:
        yield times
    finally:
        handle.remove()


def main() -> None:
    """Measure what the command line asks for, and print the answer."""
    training = TypeAdapter(TimedTraining).validate_json(sys.argv[1])
    if training.loop is Loop.PROJECT:
        tune_allocator()
    sys.stdout.write(json.dumps(asdict(measure(training))) + "\n")


if __name__ == "__main__":
    main()
