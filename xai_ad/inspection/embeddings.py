"""How models see the images of their evaluation: embeddings by their principal components, before and after fine-tuning."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.presentation.variants import variant_title
from xai_ad.store import StoredModel, load_components, load_evaluation_record


@dataclass(frozen=True, kw_only=True, eq=False)
class Embedded:
    """A model's evaluated images, (N, 16), by the directions in which their embeddings differ most.

    `shown` is which share of the spread in all 16 the first two hold. `apart` says how many times as far from the middle
    of the normal images the anomalous ones lie as those do themselves; None where one kind is missing.
    """

    stored: StoredModel
    components: NDArray[np.float64]
    shown: float
    apart: float | None

    @property
    def title(self) -> str:
        """What the model is called."""
        return variant_title(self.stored.card)


def embedded_pair(stored: StoredModel, models: Iterable[StoredModel]) -> tuple[Embedded, ...]:
    """Return how a model sees its images, and beside it, first, the model that it was tuned from, or the one tuned from it.

    The second is left out where it was not evaluated on the same images; nothing where a model keeps no embeddings.
    """
    found = _embedded(stored)
    if found is None:
        return ()
    listed = list(models)
    parent = next((one for one in listed if one.card.id == stored.card.parent), None)
    child = next((one for one in listed if one.card.parent == stored.card.id), None)
    other = parent or child
    if other is None or _images(other) != _images(stored) or (beside := _embedded(other)) is None:
        return (found,)
    return (beside, found) if parent else (found, beside)


def _images(stored: StoredModel) -> tuple[str, ...]:
    record = load_evaluation_record(stored)
    return () if record is None else record.sha256


def _embedded(stored: StoredModel) -> Embedded | None:
    record, kept = load_evaluation_record(stored), load_components(stored)
    if record is None or kept is None or len(kept) != len(record.label):
        return None
    components = kept.double().numpy()
    variances = components.var(axis=0)
    total = float(variances.sum())
    return Embedded(
        stored=stored,
        components=components,
        shown=float(variances[:2].sum()) / total if total else 0.0,
        apart=_apart(components, np.asarray(record.label)),
    )


def _apart(components: NDArray[np.float64], labels: NDArray[np.int64]) -> float | None:
    if not (labels == 0).any() or not (labels == 1).any():
        return None
    distances = np.linalg.norm(components - components[labels == 0].mean(axis=0), axis=1)
    own = float(distances[labels == 0].mean())
    return float(distances[labels == 1].mean()) / own if own else None
