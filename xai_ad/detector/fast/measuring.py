"""How fast networks run on the machine at hand, and so how explanations are computed where nothing is said."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from statistics import median

import torch

from xai_ad.detector.fast.network import InferenceNetwork
from xai_ad.machine.execution import Execution, Precision
from xai_ad.machine.speeds import resolve
from xai_ad.machine.timing import interleave, seconds_of
from xai_ad.networks import IMAGE_SIZE, build_network
from xai_ad.types import Images

BATCH_SIZES = (8, 16, 32)
ROUNDS = 3
FEW = 2
"""Images that tell whether bfloat16 is worth measuring: processors without it take seconds for each."""
HOPELESS = 3
"""By how many times it may take longer than float32 on them; beyond, no batch makes it the faster one."""


def fastest_execution(
    precision: Precision = Precision.AUTO,
    batch_size: int | None = None,
    *,
    on_measure: Callable[[], None] = lambda: None,
) -> Execution:
    """Return what `auto` and a missing batch size stand for on this machine (`resolve`); the shells call it.

    `on_measure` is called before a measurement, where one is needed.
    """

    def told() -> dict[Precision, dict[int, float]]:
        on_measure()
        return measure()

    return resolve(precision, batch_size, measure=told)


def measure() -> dict[Precision, dict[int, float]]:
    """Measure BCAE1's images a second by precision and batch size, in turns; about two seconds.

    Where bfloat16 is hopeless, what it takes for a few images stands for every batch size.
    """
    with torch.random.fork_rng(devices=[]):  # a measurement leaves the caller's random numbers as they were
        network = InferenceNetwork(build_network("bcae1").eval())
        images = torch.rand(max(BATCH_SIZES), 3, IMAGE_SIZE, IMAGE_SIZE)
    precisions = [Precision.FLOAT32, Precision.BFLOAT16]
    speeds: dict[Precision, dict[int, float]] = {}
    plain, rounded = (_seconds_of_few(network, images, precision) for precision in precisions)
    if rounded > HOPELESS * plain:
        precisions.remove(Precision.BFLOAT16)
        speeds[Precision.BFLOAT16] = dict.fromkeys(BATCH_SIZES, FEW / rounded)
    ways = list(product(precisions, BATCH_SIZES))
    for (precision, size), speed in images_a_second(network, images, ways, rounds=ROUNDS).items():
        speeds.setdefault(precision, {})[size] = speed
    return speeds


def _seconds_of_few(network: InferenceNetwork, images: Images, precision: Precision) -> float:
    """Return what a few images take once the first forward has chosen its kernels."""
    network.reconstruct(images[:1], precision)
    return seconds_of(lambda: network.reconstruct(images[:FEW], precision))


def images_a_second(
    network: InferenceNetwork, images: Images, ways: Sequence[tuple[Precision, int]], *, rounds: int
) -> dict[tuple[Precision, int], float]:
    """Return a network's images a second in each precision and batch size, in turns: the medians of the rounds."""

    def run(precision: Precision, size: int) -> float:
        batches = torch.split(images, size)
        return seconds_of(lambda: [network.reconstruct(batch, precision) for batch in batches])

    sides = {way: partial(run, *way) for way in ways}
    interleave(sides, rounds=1)  # the first forward chooses kernels
    seconds = interleave(sides, rounds=rounds)
    return {way: len(images) / median(seconds[way]) for way in ways}
