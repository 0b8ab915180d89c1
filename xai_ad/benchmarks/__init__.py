"""Our own benchmarks: commands, never timed tests."""

from xai_ad.benchmarks.base import BenchmarkResult, benchmark_record
from xai_ad.benchmarks.registry import BENCHMARKS, benchmark_options, build_benchmark, find_benchmark

__all__ = [
    "BENCHMARKS",
    "BenchmarkResult",
    "benchmark_options",
    "benchmark_record",
    "build_benchmark",
    "find_benchmark",
]
