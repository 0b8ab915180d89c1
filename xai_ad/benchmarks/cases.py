"""What explanations are measured on: a stored model and pictures of a dataset."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from xai_ad.data.images import read_image
from xai_ad.data.layouts import ANOMALOUS, Sample, read_dataset, split_dataset
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import raw_score
from xai_ad.machine.places import samples
from xai_ad.store import StoredModel, find_model, load
from xai_ad.types import Image

MODEL = "washer-bcae1"
LAYOUT = "mvtec"
"""A shipped model on the images that came with it (`washers`), so that every benchmark runs anywhere."""


def washers() -> Path:
    """Return the folder of those images."""
    return samples() / "washer"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One picture and the model that judges it, both by where they lie."""

    model: Path
    picture: Path

    def load(self) -> tuple[AnomalyClassifier, Image]:
        """Return the classifier and the image, (C, H, W)."""
        classifier, card = load(self.model)
        return classifier, read_image(self.picture, card)


def anomalous_cases(
    model: str, data: Path, layout: str, count: int, *, detected: bool = False
) -> tuple[Case, ...]:
    """Return the first anomalous pictures among a dataset's test images, one of each kind in turns.

    With `detected` only those that the model finds. Raises `InvalidInputError` where there are fewer than `count`.
    """
    stored = find_model(model)
    reported = [
        sample for sample in split_dataset(read_dataset(data, layout)).test if sample.label == ANOMALOUS
    ]
    chosen = itertools.islice(_detected(stored, reported) if detected else _in_turns(reported), count)
    cases = tuple(Case(model=stored.path.resolve(), picture=sample.path.resolve()) for sample in chosen)
    if len(cases) < count:
        found = "that the model finds " if detected else ""
        raise InvalidInputError(
            f"The test images of {str(data)!r} hold {len(cases)} anomalous ones {found}to measure on. "
            f"Got 'images' = {count}; ask for fewer."
        )
    return cases


def _in_turns(samples: list[Sample]) -> Iterator[Sample]:
    kinds: dict[str, list[Sample]] = {}
    for sample in samples:
        kinds.setdefault(sample.kind, []).append(sample)
    for turn in itertools.zip_longest(*kinds.values()):
        yield from filter(None, turn)


@torch.inference_mode()
def _detected(stored: StoredModel, samples: list[Sample]) -> Iterator[Sample]:
    classifier, card = load(stored.path)
    for sample in _in_turns(samples):
        if classifier.calibration.is_anomalous(raw_score(classifier, read_image(sample.path, card))):
            yield sample
