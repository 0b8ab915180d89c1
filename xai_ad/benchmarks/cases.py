"""What explanations are measured on: a stored model and images of a dataset."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from xai_ad.benchmarks.base import Benchmark
from xai_ad.data.images import read_image
from xai_ad.data.layouts import ANOMALOUS, Sample, read_dataset, split_dataset
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import raw_score
from xai_ad.fields import whole
from xai_ad.machine.places import samples
from xai_ad.store import find_model, load
from xai_ad.types import Image

LAYOUT = "mvtec"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One image and the model that judges it, both by where they lie."""

    model: Path
    picture: Path

    def load(self) -> tuple[AnomalyClassifier, Image]:
        """Return the classifier and the image, (C, H, W)."""
        classifier, card = load(self.model)
        return classifier, read_image(self.picture, card)


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
            Case(model=model, picture=sample.path.resolve())
            for sample in _in_turns([sample for sample in samples if sample.label == ANOMALOUS])
        )
        chosen = tuple(itertools.islice(_found(candidates) if detected else candidates, count))
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
def _found(cases: Iterator[Case]) -> Iterator[Case]:
    for case in cases:
        classifier, image = case.load()
        if classifier.calibration.is_anomalous(raw_score(classifier, image)):
            yield case
