"""Our own benchmarks, each by its name: commands, never timed tests. A new one is a file of its own and a line here."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, benchmark_record
from xai_ad.benchmarks.comparing import CompareBenchmark
from xai_ad.benchmarks.conformal import ConformalBenchmark
from xai_ad.benchmarks.explanations import ExplanationsBenchmark
from xai_ad.benchmarks.fusing import FusingBenchmark
from xai_ad.benchmarks.newcomer import NewcomerBenchmark
from xai_ad.benchmarks.page import PageBenchmark
from xai_ad.benchmarks.shapley import CoverageBenchmark, ShapleyBenchmark
from xai_ad.benchmarks.speed import SpeedBenchmark
from xai_ad.benchmarks.strangers import StrangersBenchmark
from xai_ad.benchmarks.training import TrainingBenchmark
from xai_ad.benchmarks.video import VideoBenchmark
from xai_ad.errors import UnknownNameError

__all__ = [
    "BENCHMARKS",
    "BenchmarkResult",
    "benchmark_options",
    "benchmark_record",
    "build_benchmark",
    "find_benchmark",
]

_EVERY = (
    TrainingBenchmark,
    FusingBenchmark,
    SpeedBenchmark,
    ShapleyBenchmark,
    CoverageBenchmark,
    ExplanationsBenchmark,
    StrangersBenchmark,
    ConformalBenchmark,
    NewcomerBenchmark,
    PageBenchmark,
    CompareBenchmark,
    VideoBenchmark,
)
BENCHMARKS: dict[str, type[Benchmark]] = {benchmark.id: benchmark for benchmark in _EVERY}


def find_benchmark(name: str) -> type[Benchmark]:
    """Return a benchmark's class, or raise `UnknownNameError` naming the valid ones."""
    if name not in BENCHMARKS:
        raise UnknownNameError("benchmark", name, BENCHMARKS)
    return BENCHMARKS[name]


def benchmark_options(name: str) -> list[str]:
    """Return the names of a benchmark's settings."""
    return [field.name for field in fields(find_benchmark(name))]


def build_benchmark(name: str, options: Mapping[str, Any] | None = None) -> Benchmark:
    """Build a benchmark from its name and its settings by name.

    Raises `UnknownNameError` for an unknown benchmark or setting, naming the valid ones, and `InvalidInputError` for
    a value out of range.

    >>> build_benchmark("fusing", {"rounds": 3}).rounds
    3
    """
    options = options or {}
    kind = find_benchmark(name).measuring(options)
    valid = [field.name for field in fields(kind)]
    for option in options:
        if option not in valid:
            raise UnknownNameError(f"option of the benchmark {name!r} called", option, valid)
    return kind(**options)
