"""Masking games known in full: the scores of all coalitions, and the Shapley values that these are defined by.

A table takes 2^M forwards. It is kept in the user's own folder under `benchmarks`, named by a hash of all that it
depends on, so that only the first run pays for it; delete the folder to be rid of it.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xai_ad.benchmarks.cases import Case
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.errors import InvalidInputError
from xai_ad.explain.fills import Fill, choose_fill
from xai_ad.explain.kernel_shap.enumeration import all_coalitions, exact_values
from xai_ad.explain.masking import MaskedScore
from xai_ad.explain.segments import Slic
from xai_ad.machine.execution import Execution, Precision
from xai_ad.machine.places import home
from xai_ad.progress import Progress, silent
from xai_ad.store import read_card
from xai_ad.store.files import write_whole
from xai_ad.types import Coalitions

MOST_PLAYERS = 16
"""All coalitions of more segments would take hours."""


@dataclass(frozen=True, kw_only=True)
class TableGame:
    """A game by the scores of all its coalitions, (2^M,), in the order of `all_coalitions`."""

    scores: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.scores) < 2 or len(self.scores) & (len(self.scores) - 1):
            raise InvalidInputError(
                f"A game of M players has 2^M coalitions, M at least 1. Got {len(self.scores)} scores."
            )

    @property
    def players(self) -> int:
        """How many players there are, M."""
        return len(self.scores).bit_length() - 1

    @property
    def empty(self) -> float:
        """The empty coalition's score."""
        return float(self.scores[0])

    @property
    def full(self) -> float:
        """The full coalition's score."""
        return float(self.scores[-1])

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the scores of coalitions, (K, M): (K,)."""
        return self.scores[coalitions @ (1 << np.arange(self.players))]

    def values(self) -> NDArray[np.float64]:
        """Return the exact Shapley values, (M,)."""
        return exact_values(all_coalitions(self.players), self.scores)


def table_of(case: Case, *, players: int, fill: Fill, on_progress: Progress = silent) -> TableGame:
    """Return an image's masking game, in float32: from the cache, or scored now and kept there."""
    game, name = masked_score(case, players=players, fill=fill)
    path = cached(f"table-{name}")
    scores = read_array(path, (2**players,))
    if scores is None:
        scores = game(all_coalitions(players), on_progress)
        write_array(path, scores)
    on_progress(1.0)
    return TableGame(scores=scores)


def masked_score(case: Case, *, players: int, fill: Fill) -> tuple[MaskedScore, str]:
    """Return an image's masking game in float32, and a name that no other game has.

    The name hashes the weights, the score, the image, the segments and the fill's picture.
    """
    classifier, image = case.load()
    segments = Slic(n_segments=players)(image)
    chosen = choose_fill(classifier, image, segments, fill)
    execution: Execution = fastest_execution(Precision.FLOAT32)
    parts = (
        read_card(case.model).sha256["weights.safetensors"].encode(),
        repr(classifier.calibration.scoring).encode(),
        image.numpy().tobytes(),
        segments.tobytes(),
        chosen.image.numpy().tobytes(),
    )
    name = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    return MaskedScore(classifier, image, segments, chosen.image, execution=execution), name[:32]


def relative_error(found: NDArray[np.float64], exact: NDArray[np.float64]) -> float:
    """Return |found - exact|^2 / |exact|^2.

    >>> relative_error(np.array([1.0, 1.0]), np.array([2.0, 0.0]))
    0.5
    """
    return float(np.square(found - exact).sum() / np.square(exact).sum())


def cached(name: str) -> Path:
    """Return where an array of that name is kept."""
    return home() / "benchmarks" / f"{name}.npy"


def read_array(path: Path, shape: tuple[int, ...]) -> NDArray[np.float64] | None:
    """Return a kept array, or None where there is none of that shape that can be read."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None  # nothing to go by: it is made anew, and the file replaced
    return found if found.shape == shape and np.isfinite(found).all() else None


def write_array(path: Path, array: NDArray[np.float64]) -> None:
    """Keep an array."""
    data = io.BytesIO()
    np.save(data, array)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data.getvalue())
