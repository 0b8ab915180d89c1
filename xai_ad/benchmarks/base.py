"""What every benchmark is, a frozen configuration that measures rows; and what explanations are measured on."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import torch

from xai_ad.data.layouts import ANOMALOUS, Sample, read_dataset, split_dataset
from xai_ad.data.reading import read_image
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import raw_score
from xai_ad.fields import check_fields, whole
from xai_ad.machine.places import samples
from xai_ad.machine.speeds import machine_record
from xai_ad.progress import Progress, silent
from xai_ad.store import find_model, load
from xai_ad.types import Image

LAYOUT = "mvtec"

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


@dataclass(frozen=True, kw_only=True)
class Case:
    """One image and the model that judges it, both by where they lie, and which value is white in a deep image."""

    model: Path
    picture: Path
    levels: int | None = None

    def load(self) -> tuple[AnomalyClassifier, Image]:
        """Return the classifier and the image, (C, H, W)."""
        classifier, card = load(self.model)
        return classifier, read_image(self.picture, card, levels=self.levels)


@dataclass(frozen=True, kw_only=True)
class CasesBenchmark(Benchmark):
    """A measurement of a model on some images, by default a shipped one on those that came with it: it runs anywhere."""

    model: str = "washer-bcae1"
    data: Path = field(default_factory=lambda: samples() / "washer")
    layout: str = LAYOUT
    images: int = whole(1, low=1)

    def cases(self, count: int, *, detected: bool = False) -> tuple[Case, ...]:
        """Return the first anomalous images among the dataset's test images, one of each kind in turns.

        With `detected` only those that the model finds. Raises `InvalidInputError` where there are fewer than `count`.
        """
        model = find_model(self.model).path.resolve()
        samples = split_dataset(read_dataset(self.data, self.layout)).test
        candidates = (
            Case(model=model, picture=sample.path.resolve(), levels=sample.levels)
            for sample in _in_turns([sample for sample in samples if sample.label == ANOMALOUS])
        )
        chosen = tuple(itertools.islice(filter(_found, candidates) if detected else candidates, count))
        if len(chosen) < count:
            found = "that the model finds " if detected else ""
            raise InvalidInputError(
                f"The test images of {str(self.data)!r} hold {len(chosen)} anomalous ones {found}to measure on. "
                f"Got 'images' = {count}; ask for fewer."
            )
        return chosen


def _in_turns(samples: Sequence[Sample]) -> Iterator[Sample]:
    kinds: dict[str, list[Sample]] = {}
    for sample in samples:
        kinds.setdefault(sample.kind, []).append(sample)
    for turn in itertools.zip_longest(*kinds.values()):
        yield from filter(None, turn)


@torch.inference_mode()
def _found(case: Case) -> bool:
    classifier, image = case.load()
    return classifier.calibration.is_anomalous(raw_score(classifier, image))
