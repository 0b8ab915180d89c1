"""Maps of pictures, each made once: by a method as it is, with another seed, of noise added, of shuffled weights.

A map is kept in the user's own folder under `benchmarks/maps`, named by a hash of all that it depends on, so that an
interrupted measurement goes on where it stood, and only what changed is computed anew; delete the folder to be rid of
them.
"""

import io
import time
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.data.decoding import sha256_of
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.explain import Attribution, Explainer
from xai_ad.explain.consensus import Consensus, combine
from xai_ad.explain.results import evidence_map, squeezed
from xai_ad.explain.trust import Reference, noisy, reference_of, shuffled
from xai_ad.machine.execution import Execution
from xai_ad.machine.files import keep
from xai_ad.machine.places import home
from xai_ad.types import Image, Images, Mask

MADE_BY = 1
"""Raised where maps are made otherwise than before: those that are kept are then made anew."""
Map = NDArray[np.floating]


class Repeat(StrEnum):
    """What differs from one map of a picture to the next."""

    NOTHING = "nothing"
    SEED = "seed"
    NOISE = "noise"
    WEIGHTS = "weights"


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A map, (H, W) or a window's (T, H, W), what of one core it took in seconds, and how many images were scored for it."""

    values: Map
    seconds: float
    evaluations: int


@dataclass(frozen=True, kw_only=True)
class Method(ABC):
    """What draws a map of a picture: one of this package's explainers, or a rival."""

    id: str
    title: str

    @property
    @abstractmethod
    def identity(self) -> str:
        """All that a map depends on but the picture, the model and the seed."""

    @property
    @abstractmethod
    def seeded(self) -> bool:
        """Whether chance plays a part."""

    @abstractmethod
    def draw(self, classifier: AnomalyClassifier, image: Image, seed: int) -> tuple[Map, int]:
        """Return the map of an image, (C, H, W) -> (H, W), or of a window, and how many images were scored for it."""


@dataclass(frozen=True, kw_only=True)
class Own(Method):
    """One of this package's explainers."""

    explainer: Explainer

    @classmethod
    def of(cls, explainer: Explainer) -> "Own":
        """Return an explainer as a method."""
        return cls(id=explainer.id, title=explainer.title, explainer=explainer)

    @property
    def identity(self) -> str:
        """The explainer's configuration."""
        return repr(self._with(0))

    @property
    def seeded(self) -> bool:
        """Whether the explainer has a seed."""
        return hasattr(self.explainer, "seed")

    def draw(self, classifier: AnomalyClassifier, image: Image, seed: int) -> tuple[Map, int]:
        """Explain the image."""
        explanation = self._with(seed).explain(classifier, image)
        return squeezed(evidence_map(explanation)), explanation.evaluations

    def _with(self, seed: int) -> Explainer:
        chance = {"seed": seed} if self.seeded else {}
        return replace(self.explainer, **chance)


class Scorer:
    """Raw scores of images by the network's inference copy; `evaluations` counts them."""

    def __init__(self, classifier: AnomalyClassifier, execution: Execution) -> None:
        self._classifier, self._execution = classifier, execution
        self.evaluations = 0

    @torch.inference_mode()
    def __call__(self, images: Images) -> NDArray[np.float64]:
        """Score images, (N, C, H, W), or windows, (N, T, C, H, W) -> (N,)."""
        self.evaluations += len(images)
        parts = torch.split(images, self._execution.batch_size)
        scores = [
            self._classifier.score_fast(
                part.contiguous(memory_format=torch.channels_last) if part.ndim == 4 else part,
                self._execution.precision,
            )
            for part in parts
        ]
        return torch.cat(scores).double().numpy()

    def of_pixels(self, pixels: NDArray[np.floating]) -> NDArray[np.float64]:
        """Score images as most libraries hold them, (N, H, W, C) -> (N,)."""
        return self(torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)))


class Picture:
    """One picture, or one frame in its window (see `asking`), under one model, and the maps of it.

    `name` is a hash of everything that they depend on of the two.
    """

    def __init__(self, classifier: AnomalyClassifier, image: Image, *, name: str, seed: int) -> None:
        self.classifier, self.image, self._name, self._seed = classifier, image, name, seed

    @cached_property
    def reference(self) -> Reference:
        """What faithfulness is measured against: random orders and the ideal one."""
        return reference_of(self.classifier, self.image, fastest_execution())

    def without(self, taken: Sequence[Mask]) -> list[float]:
        """Return the raw scores of copies in which the masked pixels, (H, W) or (T, H, W) each, are normal."""
        score = Scorer(self.classifier, self.reference.execution)
        masks = torch.from_numpy(np.stack(taken)).unsqueeze(-3)  # (K, 1, H, W) or (K, T, 1, H, W)
        scores: list[float] = score(torch.where(masks, self.reference.fill, self.image)).tolist()
        return scores

    def drawn(self, method: Method, repeat: Repeat = Repeat.NOTHING) -> Drawn:
        """Return a method's map, kept or made now; a consensus is made of its members' maps, and takes what they took."""
        if isinstance(method, Own) and isinstance(method.explainer, Consensus):
            return together([self.drawn(Own.of(one), repeat) for one in method.explainer.members])
        if repeat is Repeat.SEED and not method.seeded:
            return self.drawn(method)
        parts = (str(MADE_BY), self._name, method.identity, repeat, str(self._seed))
        path = home() / "benchmarks" / "maps" / f"{sha256_of(' '.join(parts).encode())[:32]}.npz"
        found = _read(path)
        if found is None:
            found = self._made(method, repeat)
            data = io.BytesIO()
            np.savez_compressed(data, values=found.values, took=[found.seconds, found.evaluations])
            keep(path, data.getvalue(), what="what was measured")
        return found

    def _made(self, method: Method, repeat: Repeat) -> Drawn:
        classifier = shuffled(self.classifier, self._seed) if repeat is Repeat.WEIGHTS else self.classifier
        image = noisy(self.image, self._seed) if repeat is Repeat.NOISE else self.image
        seed = self._seed + 1 if repeat is Repeat.SEED else self._seed
        began = time.process_time()
        values, evaluations = method.draw(classifier, image, seed)
        return Drawn(
            values=np.asarray(values, dtype=np.float32),
            seconds=time.process_time() - began,
            evaluations=evaluations,
        )


def together(members: list[Drawn]) -> Drawn:
    """Return the consensus of maps of one picture."""
    explained = [
        Attribution(
            method="",
            relevance=one.values.reshape(-1, *one.values.shape[-2:]),
            score=0.0,
            baseline=0.0,
            evaluations=one.evaluations,
        )
        for one in members
    ]
    return Drawn(
        values=squeezed(combine(explained)),
        seconds=sum(one.seconds for one in members),
        evaluations=sum(one.evaluations for one in members),
    )


def _read(path: Path) -> Drawn | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            seconds, evaluations = kept["took"].tolist()
            return Drawn(values=kept["values"], seconds=seconds, evaluations=int(evaluations))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # nothing to go by: it is made anew, and the file replaced
