"""What every benchmark is: a frozen configuration that measures rows, and the machine that they were measured on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeAlias

import torch

from xai_ad.inference.machine import processor
from xai_ad.progress import Progress, silent

Row: TypeAlias = Mapping[str, str | int | float]
"""A line of a benchmark's table: figures by the names that stand in the JSON."""


@dataclass(frozen=True, kw_only=True)
class BenchmarkResult:
    """What was measured: rows of one shape, figures about all of them, and what they say in words."""

    rows: tuple[Row, ...]
    figures: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Benchmark(ABC):
    """A measurement and its settings, which are checked when it is built."""

    id: ClassVar[str]
    sentence: ClassVar[str]
    """What is compared with what."""

    @abstractmethod
    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Measure; raises `BenchmarkError` where there is no figure to give."""


def benchmark_record(benchmark: Benchmark, result: BenchmarkResult) -> dict[str, Any]:
    """Return a result as its JSON has it: the machine, the settings, the rows, and each figure by its name."""
    return {
        "benchmark": benchmark.id,
        "machine": machine_record(),
        "settings": asdict(benchmark),
        "rows": [dict(row) for row in result.rows],
        **result.figures,
    }


def machine_record() -> dict[str, str | int]:
    """Return what figures depend on: the processor, the threads that torch uses, and torch's version."""
    return {"cpu": processor(), "threads": torch.get_num_threads(), "torch": torch.__version__}
