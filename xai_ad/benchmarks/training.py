"""`benchmark training`: our training loop against the one that a competent user writes in ten lines."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult
from xai_ad.benchmarks.interleaving import interleave, median_ratio
from xai_ad.benchmarks.training_worker import (
    WARM_UP_STEPS,
    Loop,
    TimedTraining,
    measure_in_process_of_its_own,
)
from xai_ad.errors import BenchmarkError, InvalidInputError, require_int
from xai_ad.machine.execution import Precision
from xai_ad.networks import NetworkKind, require_kind
from xai_ad.progress import Progress, silent
from xai_ad.training.loop import resolve_precision
from xai_ad.training.recipe import Device

PRECISIONS = (Precision.FLOAT32, Precision.BFLOAT16)
NOTICEABLE_GAIN = 1.1
"""Less than a tenth is within what two measurements on a machine in use differ by."""


@dataclass(frozen=True, kw_only=True)
class TrainingBenchmark(Benchmark):
    """Images a second on the CPU, each training in a process of its own, the loops in turns.

    The plain loop is float32 throughout; both precisions of ours are compared with it. `images` are those of one
    epoch, in whole batches, because the loops treat a last lone image differently.
    """

    id: ClassVar[str] = "training"
    sentence: ClassVar[str] = "Training, images a second: this package's loop against a plain PyTorch loop."

    network: str = "bcae1"
    images: int = 128
    batch_size: int = 16
    epochs: int = 2
    rounds: int = 3

    def __post_init__(self) -> None:
        require_kind(self.network, NetworkKind.IMAGE)
        of = "the benchmark 'training'"
        for name, low in (("images", 2), ("batch_size", 2), ("epochs", 1), ("rounds", 1)):
            require_int(name, getattr(self, name), of=of, low=low)
        if self.images % self.batch_size:
            raise InvalidInputError(
                f"The 'images' of {of} must be a multiple of its batch size {self.batch_size}. Got {self.images!r}."
            )
        if self.steps <= WARM_UP_STEPS:
            raise InvalidInputError(
                f"{of.capitalize()} must take more than {WARM_UP_STEPS} step. Got {self.images!r} images in batches "
                f"of {self.batch_size} for {self.epochs} epoch; add images or epochs."
            )

    @property
    def steps(self) -> int:
        """The steps of the optimiser that each loop must take."""
        return self.images // self.batch_size * self.epochs

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each precision, and how many times as fast as ours in float32 ours in bfloat16 is."""
        sides = {"plain": self._side(Loop.PLAIN, Precision.FLOAT32)} | {
            str(precision): self._side(Loop.PROJECT, precision) for precision in PRECISIONS
        }
        speeds = interleave(sides, rounds=self.rounds, on_progress=on_progress)
        gain = median_ratio(speeds[Precision.BFLOAT16], speeds[Precision.FLOAT32])
        gains = "gains" if gain > NOTICEABLE_GAIN else "does not gain"
        automatic = resolve_precision(Precision.AUTO, Device.CPU)
        return BenchmarkResult(
            rows=tuple(
                {
                    "network": self.network,
                    "precision": str(precision),
                    "batch_size": self.batch_size,
                    "images_per_second": median(speeds[precision]),
                    "plain_images_per_second": median(speeds["plain"]),
                    "ratio": median_ratio(speeds[precision], speeds["plain"]),
                }
                for precision in PRECISIONS
            ),
            figures={"bfloat16_gain": gain},
            remarks=(
                f"This machine {gains} from bfloat16: it trains {gain:.2f} times as fast as in float32.",
                f"Precision auto trains in {automatic} here.",
            ),
        )

    def _side(self, loop: Loop, precision: Precision) -> Callable[[], float]:
        training = TimedTraining(
            loop=loop,
            network=self.network,
            images=self.images,
            batch_size=self.batch_size,
            epochs=self.epochs,
            precision=precision,
        )

        def measure() -> float:
            speed = measure_in_process_of_its_own(training)
            if speed.steps != self.steps:
                raise BenchmarkError(
                    f"The {loop} loop took {speed.steps} steps, not {self.steps}: the loops did unequal work. "
                    "Compare none of the figures."
                )
            return speed.images_per_second

        return measure
