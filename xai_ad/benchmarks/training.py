"""`benchmark training`: our training loop against the one that a competent user writes in ten lines.

Each training is timed in a process of its own: how the C library allocates is the whole process's choice.
"""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.optimizer import register_optimizer_step_post_hook

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult
from xai_ad.benchmarks.processes import ask
from xai_ad.errors import InvalidInputError
from xai_ad.fields import whole
from xai_ad.machine.execution import Precision
from xai_ad.machine.speeds import NOTICEABLE_GAIN, training_precision
from xai_ad.machine.timing import interleave, median_ratio
from xai_ad.networks import IMAGE_SIZE, ConvolutionalAutoencoder, NetworkKind, build_network, require_kind
from xai_ad.progress import Progress, silent
from xai_ad.training.recipe import Device, Recipe

PRECISIONS = (Precision.FLOAT32, Precision.BFLOAT16)
WARM_UP_STEPS = 1
"""The optimiser's steps before the clock starts: the first allocates, and chooses kernels."""


@dataclass(frozen=True, kw_only=True)
class TrainingBenchmark(Benchmark):
    """Images a second on the CPU, each training in a process of its own, the loops in turns.

    The plain loop is float32 throughout; both precisions of ours are compared with it. `images` are those of one
    epoch, in whole batches, because the loops treat a last lone image differently.
    """

    id: ClassVar[str] = "training"
    sentence: ClassVar[str] = "Training, images a second: this package's loop against a plain PyTorch loop."

    network: str = "bcae1"
    images: int = whole(128, low=2)
    batch_size: int = whole(16, low=2)
    epochs: int = whole(2, low=1)
    rounds: int = whole(3, low=1)

    def __post_init__(self) -> None:
        require_kind(self.network, NetworkKind.IMAGE)
        super().__post_init__()
        if self.images % self.batch_size:
            raise InvalidInputError(
                f"The 'images' of the benchmark 'training' must be a multiple of its batch size {self.batch_size}. "
                f"Got {self.images!r}."
            )
        if self.images * self.epochs <= self.batch_size * WARM_UP_STEPS:
            raise InvalidInputError(
                f"The benchmark 'training' must take more than {WARM_UP_STEPS} step. Got {self.images!r} images in "
                f"batches of {self.batch_size} for {self.epochs} epoch; add images or epochs."
            )

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each precision, and how many times as fast as ours in float32 ours in bfloat16 is."""
        sides = {precision: partial(self._speed, precision) for precision in (None, *PRECISIONS)}
        speeds = interleave(sides, rounds=self.rounds, on_progress=on_progress)
        gain = median_ratio(speeds[Precision.BFLOAT16], speeds[Precision.FLOAT32])
        gains = "gains" if gain > NOTICEABLE_GAIN else "does not gain"
        return BenchmarkResult(
            rows=tuple(
                {
                    "network": self.network,
                    "precision": str(precision),
                    "batch_size": self.batch_size,
                    "images_per_second": median(speeds[precision]),
                    "plain_images_per_second": median(speeds[None]),
                    "ratio": median_ratio(speeds[precision], speeds[None]),
                }
                for precision in PRECISIONS
            ),
            figures={"bfloat16_gain": gain},
            remarks=(
                f"This machine {gains} from bfloat16: it trains {gain:.2f} times as fast as in float32.",
                f"Precision auto trains in {training_precision(gpu=False)} here.",
            ),
        )

    def _speed(self, precision: Precision | None) -> float:
        training = TimedTraining(precision=precision, settings=self)
        loop = "the project loop" if precision else "the plain loop"
        return ask(measure, training, tuned=precision is not None, what=loop)


@dataclass(frozen=True, kw_only=True)
class TimedTraining:
    """What is trained, on random images, and by whom.

    With a precision `xai_ad.training.loop.fit` trains, as `train` calls it: tuned allocator, channels last, Lightning,
    checkpoints. With None what a competent user writes in ten lines does: eager PyTorch and its defaults, in float32.
    """

    settings: TrainingBenchmark
    precision: Precision | None


def measure(training: TimedTraining) -> float:
    """Train in this process, and time the optimiser's steps; everything between two steps counts.

    Both loops train on the same 8-bit pixels, validate on one image after each epoch, and start from the same weights.
    Returns the images a second from the end of the warm-up to the end of the last step.
    """
    torch.manual_seed(0)
    settings = training.settings
    network = build_network(settings.network)
    shape = (settings.images + 1, network.channels, IMAGE_SIZE, IMAGE_SIZE)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8)
    times: list[float] = []  # at which each optimiser's step ended
    handle = register_optimizer_step_post_hook(lambda *_: times.append(time.perf_counter()))
    try:
        if training.precision is None:
            _train_plainly(network, pixels, settings)
        else:
            from xai_ad.training.loop import fit  # Lightning, which the plain loop does without

            size, epochs, precision = settings.batch_size, settings.epochs, training.precision
            recipe = Recipe(epochs=epochs, batch_size=size, precision=precision, patience=epochs, seed=0)
            with TemporaryDirectory() as directory:
                folder = Path(directory)
                fit(network, pixels[:-1], pixels[-1:], recipe, directory=folder, device=Device.CPU)
    finally:
        handle.remove()
    timed = (len(times) - WARM_UP_STEPS) * settings.batch_size
    return timed / (times[-1] - times[WARM_UP_STEPS - 1])


def _train_plainly(network: ConvolutionalAutoencoder, pixels: Tensor, settings: TrainingBenchmark) -> None:
    """Train with PyTorch alone: Adam, float32, whole batches from memory; the last image is the unseen one."""
    images, unseen = torch.split(pixels / 255, [settings.images, 1])  # converted once, outside the clock
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(settings.epochs):
        network.train()
        for rows in torch.randperm(len(images)).reshape(-1, settings.batch_size):
            batch = images[rows]
            reconstructions, penalty = network.reconstruct_with_penalty(batch)
            loss = F.mse_loss(reconstructions, batch) + penalty
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's stub lacks it
            optimizer.step()
        network.eval()
        with torch.no_grad():
            F.mse_loss(network(unseen), unseen)
