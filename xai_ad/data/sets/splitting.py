"""How samples are dealt out: by the hashes of their bytes, so that the same files split alike everywhere."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeAlias, get_args

from xai_ad.data.sets.base import Dataset, Dealt, Protocol, Sample, Split, Subset

Take: TypeAlias = Callable[[Iterable[Sample], float], tuple[list[Sample], list[Sample]]]
"""Splits samples into a share and the rest."""


VALIDATION_SHARE = 0.1
CALIBRATION_SHARE = 0.2


def split_by_subset(dataset: Dataset, protocol: Protocol, take: Take | None = None) -> Split:
    """Split as the publisher set the images apart, which MVTec AD and its likes do.

    What a publisher set apart to validate does; else 10 % of what trains. 20 % of each test class calibrates, the
    other 80 % reports; `take` deals them, by default `take_share`. Under `thesis` the whole test set calibrates and
    reports (3.8.5).
    """
    of = {
        subset: [sample for sample in dataset.samples if sample.subset == subset]
        for subset in get_args(Subset)
    }
    validation, train = of["validation"], of["train"]
    if not validation:
        validation, train = take_share(train, VALIDATION_SHARE)
    tested = of["test"]
    if protocol is Protocol.THESIS:
        calibration, test = tested, tested
    else:
        calibrating, test = take_share_by_kind(tested, CALIBRATION_SHARE, take or take_share)
        calibration = [*validation, *calibrating]
    return Split(
        protocol=protocol,
        train=tuple(train),
        validation=tuple(validation),
        calibration=tuple(calibration),
        test=tuple(test),
    )


def take_share(samples: Iterable[Dealt], share: float) -> tuple[list[Dealt], list[Dealt]]:
    """Split samples or clips into the given share, rounded up, and the rest, by the order of their bytes' SHA-256.

    So the same files split alike on every machine and under any names, without a random state.
    """
    ordered = sorted(samples, key=lambda sample: (sample.sha256, sample.path.name))
    count = share_of(len(ordered), share)
    while 0 < count < len(ordered) and ordered[count].sha256 == ordered[count - 1].sha256:
        count += 1  # copies of one image stay on one side
    return ordered[:count], ordered[count:]


def take_share_by_kind(
    samples: Iterable[Sample], share: float, take: Take = take_share
) -> tuple[list[Sample], list[Sample]]:
    """Split each class by itself, by `take`; return the shares of all classes, and the rests."""
    kinds: dict[str, list[Sample]] = {}
    for sample in samples:
        kinds.setdefault(sample.kind, []).append(sample)
    parts = [take(members, share) for members in kinds.values()]
    return [sample for taken, _ in parts for sample in taken], [
        sample for _, rest in parts for sample in rest
    ]


def take_groups(samples: Iterable[Sample], share: float) -> tuple[list[Sample], list[Sample]]:
    """Take whole groups until they hold the share, in the order of each group's smallest SHA-256; and the rest."""
    groups = defaultdict(list)
    for sample in sorted(samples, key=lambda sample: sample.sha256):
        groups[sample.group].append(sample)
    wanted = share_of(sum(map(len, groups.values())), share)
    taken: list[Sample] = []
    rest: list[Sample] = []
    for members in groups.values():
        (taken if len(taken) < wanted else rest).extend(members)
    return taken, rest


def share_of(count: int, share: float) -> int:
    """Return a share of a count, rounded up; a product that misses an integer by a rounding error is that integer."""
    return math.ceil(round(share * count, 9))
