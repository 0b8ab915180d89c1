"""Whether one way to score images tells anomalous from normal better than another, or whether that is a matter of chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import Floats, Labels

DRAWS = 1000
SEED = 0


@dataclass(frozen=True, kw_only=True)
class Advantage:
    """By how much one AUC-ROC exceeds another on the same images, and that difference's standard error."""

    difference: float
    standard_error: float

    @property
    def is_tie(self) -> bool:
        """Whether the difference is no larger than its standard error."""
        return abs(self.difference) <= self.standard_error


def advantage(one: Floats, other: Floats, labels: Labels, groups: Sequence[str] | None = None) -> Advantage:
    """Compare two scores, (N,) each, of the same images by a paired bootstrap of the difference of their AUC-ROC.

    Normal and anomalous images are redrawn each by themselves; of a set of videos whole clips are, whose names `groups`
    holds, since a clip's frames are much alike. Raises `InvalidInputError` unless both kinds occur.
    """
    marks = np.asarray(labels) == 1
    if not marks.any() or marks.all():
        raise InvalidInputError("Two scores are compared on normal and anomalous images. Got one kind alone.")
    counts = redrawn(marks, groups)  # (DRAWS, N)
    every = np.ones((1, len(marks)))
    difference = areas(one, marks, every) - areas(other, marks, every)
    differences = areas(one, marks, counts) - areas(other, marks, counts)
    return Advantage(difference=float(difference[0]), standard_error=float(np.nanstd(differences)))


def redrawn(marks: NDArray[np.bool_], groups: Sequence[str] | None) -> Floats:
    """Return how often each image occurs in each of `DRAWS` redrawn sets, (DRAWS, N)."""
    rng = np.random.default_rng(SEED)
    if groups is not None:
        names, places = np.unique(np.asarray(groups), return_inverse=True)
        return _multinomial(rng, len(names))[:, places]
    counts = np.empty((DRAWS, len(marks)))
    for kind in (marks, ~marks):
        counts[:, kind] = _multinomial(rng, int(kind.sum()))
    return counts


def _multinomial(rng: np.random.Generator, count: int) -> Floats:
    return rng.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(np.float64)


def areas(scores: Floats, marks: NDArray[np.bool_], counts: Floats) -> Floats:
    """Return the AUC-ROC of images that occur so often, (B, N) -> (B,); no number where one kind does not occur."""
    _, places = np.unique(np.asarray(scores), return_inverse=True)  # ascending
    order = np.argsort(places, kind="stable")
    begins = np.flatnonzero(np.diff(places[order], prepend=-1))
    normal, anomalous = (
        np.add.reduceat(counts[:, order] * kind[order], begins, axis=1) for kind in (~marks, marks)
    )  # (B, L), at each of L different scores
    below = np.cumsum(normal, axis=1) - normal / 2
    with np.errstate(invalid="ignore"):
        areas: Floats = (anomalous * below).sum(axis=1) / (normal.sum(axis=1) * anomalous.sum(axis=1))
    return areas
