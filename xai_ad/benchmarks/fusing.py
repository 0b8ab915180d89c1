"""`benchmark fusing`: what the fused KS-CAE costs, against a plain network of its widths and against the unfused one."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

import torch

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Figure, Row
from xai_ad.fields import whole
from xai_ad.machine.timing import interleave, median_ratio, seconds_of
from xai_ad.networks import IMAGE_SIZE, ConvolutionalAutoencoder, build_network, fuse
from xai_ad.progress import Progress, each, silent
from xai_ad.types import Images

NETWORK = "ks_cae"
BATCH_SIZES = (1, 32)


@dataclass(frozen=True, kw_only=True)
class FusingBenchmark(Benchmark):
    """Milliseconds that one batch takes in evaluation mode, channels last, in float32, the networks in turns (3.3)."""

    id: ClassVar[str] = "fusing"
    sentence: ClassVar[str] = "Inference, milliseconds a batch: KS-CAE fused, plain and unfused."

    rounds: int = whole(40, low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each batch size; `ratio` is fused over plain, `ratio_to_unfused` fused over unfused."""
        torch.manual_seed(0)
        unfused = build_network(NETWORK)
        plain = build_network(NETWORK, options={"fused": True})
        networks = {"fused": fuse(unfused), "plain": plain, "unfused": unfused}
        for network in networks.values():
            network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        rows: list[Row] = []
        for size, part in each(BATCH_SIZES, on_progress):
            images = torch.rand(size, 3, IMAGE_SIZE, IMAGE_SIZE).contiguous(memory_format=torch.channels_last)
            sides = {name: _latency(network, images) for name, network in networks.items()}
            interleave(sides, rounds=1)  # the first forward allocates, and chooses kernels
            times = interleave(sides, rounds=self.rounds, on_progress=part)
            milliseconds = {f"{name}_milliseconds": median(times[name]) for name in networks}
            ratio = median_ratio(times["fused"], times["plain"])
            to_unfused = median_ratio(times["fused"], times["unfused"])
            row: dict[str, Figure] = {"network": NETWORK, "batch_size": size, **milliseconds}
            rows.append(row | {"ratio": ratio, "ratio_to_unfused": to_unfused})
        return BenchmarkResult(rows=tuple(rows))


def _latency(network: ConvolutionalAutoencoder, images: Images) -> Callable[[], float]:
    measure = torch.inference_mode()(lambda: network(images))
    return lambda: seconds_of(measure) * 1000
