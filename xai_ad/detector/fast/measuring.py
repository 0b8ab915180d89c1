"""How fast networks run on the machine at hand, and so how explanations are computed where nothing is said."""

import time
from statistics import median

import torch

from xai_ad.detector.fast.network import InferenceNetwork
from xai_ad.machine.execution import Execution, Precision
from xai_ad.machine.speeds import resolve
from xai_ad.networks import IMAGE_SIZE, build_network

BATCH_SIZES = (8, 16, 32)
ROUNDS = 3


def fastest_execution(precision: Precision = Precision.AUTO, batch_size: int | None = None) -> Execution:
    """Return what `auto` and a missing batch size stand for on this machine (`resolve`); the shells call it."""
    return resolve(precision, batch_size, measure=measure)


def measure() -> dict[Precision, dict[int, float]]:
    """Measure BCAE1's images a second by precision and batch size, in turns; about two seconds."""
    with torch.random.fork_rng(devices=[]):  # a measurement leaves the caller's random numbers as they were
        network = InferenceNetwork(build_network("bcae1").eval())
        images = torch.rand(max(BATCH_SIZES), 3, IMAGE_SIZE, IMAGE_SIZE)
    cases = [
        (precision, size) for precision in (Precision.FLOAT32, Precision.BFLOAT16) for size in BATCH_SIZES
    ]
    seconds: dict[tuple[Precision, int], list[float]] = {case: [] for case in cases}
    for round_ in range(ROUNDS + 1):
        for precision, size in cases:
            began = time.perf_counter()
            for start in range(0, len(images), size):
                network.reconstruct(images[start : start + size], precision)
            if round_:  # the first one chooses kernels
                seconds[precision, size].append(time.perf_counter() - began)
    speeds: dict[Precision, dict[int, float]] = {}
    for (precision, size), taken in seconds.items():
        speeds.setdefault(precision, {})[size] = len(images) / median(taken)
    return speeds
