"""What every benchmark is: a frozen configuration that measures rows, and the machine that they were measured on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import torch

from xai_ad.fields import check_fields
from xai_ad.machine.speeds import processor
from xai_ad.progress import Progress, silent

Figure: TypeAlias = str | int | float | None
"""One cell of a table; None where a row has nothing to say."""

Row: TypeAlias = Mapping[str, Figure | Sequence[Mapping[str, Figure]]]
"""A line of a benchmark's table: figures by the names that stand in the JSON, and tables of a line's own."""


@dataclass(frozen=True, kw_only=True)
class BenchmarkResult:
    """What was measured: rows of one shape, figures about all of them, and what they say in words.

    `rows_are` is what the JSON calls the rows.
    """

    rows: tuple[Row, ...]
    figures: Mapping[str, Figure | Mapping[str, Figure]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    rows_are: str = "rows"


@dataclass(frozen=True, kw_only=True)
class Benchmark(ABC):
    """A measurement and its settings, which are checked when it is built."""

    id: ClassVar[str]
    sentence: ClassVar[str]
    """What is compared with what."""

    def __post_init__(self) -> None:
        check_fields(self, of=f"the benchmark {self.id!r}")

    @classmethod
    def measuring(cls, settings: Mapping[str, Any]) -> "type[Benchmark]":  # noqa: ARG003  # for those that override it
        """Return the benchmark that these settings by name are meant for: this one, or another of the same id."""
        return cls

    @abstractmethod
    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Measure; raises `BenchmarkError` where there is no figure to give."""


def benchmark_record(benchmark: Benchmark, result: BenchmarkResult) -> dict[str, Any]:
    """Return a result as its JSON has it: the machine, the settings, the rows, and each figure by its name."""
    settings = asdict(benchmark).items()
    return {
        "benchmark": benchmark.id,
        "machine": machine_record(),
        "settings": {name: str(value) if isinstance(value, Path) else value for name, value in settings},
        result.rows_are: [dict(row) for row in result.rows],
        **result.figures,
    }


def machine_record() -> dict[str, str | int]:
    """Return what figures depend on: the processor, the threads that torch uses, and torch's version."""
    return {"cpu": processor(), "threads": torch.get_num_threads(), "torch": torch.__version__}
