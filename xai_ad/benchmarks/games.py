"""Games whose Shapley values are known, exactly or nearly, and estimators playing them.

Exact values come from a table of all 2^M coalitions, nearly exact ones from two long regressions. Both are kept in the
user's own folder under `benchmarks`, named by a hash of all that they depend on, so that only the first run pays for
them; delete the folder to be rid of them.
"""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.benchmarks.base import Case
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.explain.choices import Fill
from xai_ad.explain.kernel_shap import Estimator, ShapleyValues, estimate_values
from xai_ad.explain.kernel_shap.estimators import all_coalitions, exact_values
from xai_ad.explain.masking import MaskingGame
from xai_ad.machine.execution import Precision
from xai_ad.machine.files import keep
from xai_ad.machine.places import home
from xai_ad.progress import Progress, each, silent
from xai_ad.store import read_card
from xai_ad.types import Coalitions

MOST_PLAYERS = 16
"""All coalitions of more segments would take hours."""
REFERENCE_BUDGET = 30_000
"""Evaluations of each of the two regressions whose mean stands in for values that no table can give."""

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownGame:
    """A game of M players, the scores of its empty and its full coalition, and its Shapley values, (M,).

    `values_error` is how far the values may themselves be off, as a relative squared error: 0 where they are exact.
    """

    score: Callable[[Coalitions], Array]
    empty: float
    full: float
    values: Array
    values_error: float = 0.0

    @property
    def players(self) -> int:
        """How many players there are, M."""
        return len(self.values)


def of_table(scores: Array) -> KnownGame:
    """Return the game that has these scores, (2^M,), in the order of `all_coalitions`."""
    players = len(scores).bit_length() - 1
    return KnownGame(
        score=lambda coalitions: scores[coalitions @ (1 << np.arange(players))],
        empty=float(scores[0]),
        full=float(scores[-1]),
        values=exact_values(all_coalitions(players), scores),
    )


def known_game(case: Case, *, players: int, fill: Fill, on_progress: Progress = silent) -> KnownGame:
    """Return an image's masking game, in float32, with its values.

    Up to `MOST_PLAYERS` players from a table of all coalitions; for more the game is played on the network, and the
    values are the mean of two paired regressions with seeds of their own, `REFERENCE_BUDGET` evaluations each.
    """
    game, name = named_game(case, players=players, fill=fill)
    score, empty, full = game.score, game.empty, game.full
    if players <= MOST_PLAYERS:
        scores = kept(f"table-{name}", (2**players,), lambda: score(all_coalitions(players), on_progress))
        on_progress(1.0)
        return of_table(scores)

    def two_regressions() -> Array:
        found = []
        for seed, part in each((10_000, 10_001), on_progress):  # none that an estimator plays with
            told = KnownGame(score=partial(score, on_progress=part), empty=empty, full=full, values=unknown)
            found.append(play(Estimator.REGRESSION, told, budget=REFERENCE_BUDGET, seed=seed).values)
        return np.stack(found)

    unknown = np.zeros(players)
    halves = kept(f"values-{name}", (2, players), two_regressions)
    on_progress(1.0)
    values = halves.mean(axis=0)
    error = relative_error(halves[0], values)  # half the two's difference: the mean's own standard error
    return KnownGame(score=score, empty=empty, full=full, values=values, values_error=error)


def named_game(case: Case, *, players: int, fill: Fill) -> tuple[MaskingGame, str]:
    """Return an image's masking game in float32, and a name that no other game has.

    The name hashes the weights, the score, the image, the segments and the fill's image.
    """
    classifier, image = case.load()
    execution = fastest_execution(Precision.FLOAT32)
    game = MaskingGame(classifier, image, n_segments=players, fill=fill, execution=execution)
    parts = (
        read_card(case.model).sha256["weights.safetensors"].encode(),
        repr(classifier.calibration.scoring).encode(),
        image.numpy().tobytes(),
        game.segments.tobytes(),
        game.fill.image.numpy().tobytes(),
    )
    name = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    return game, name[:32]


def play(estimator: Estimator, game: KnownGame | MaskingGame, *, budget: int, seed: int) -> ShapleyValues:
    """Return an estimate that scores as many coalitions as the budget, the full and the empty one counted."""
    empty, full, players = game.empty, game.full, game.players
    return estimate_values(
        estimator, game.score, players=players, empty=empty, full=full, budget=budget, seed=seed
    )


def relative_error(found: Array, exact: Array) -> float:
    """Return |found - exact|^2 / |exact|^2.

    >>> relative_error(np.array([1.0, 1.0]), np.array([2.0, 0.0]))
    0.5
    """
    return float(np.square(found - exact).sum() / np.square(exact).sum())


def kept(name: str, shape: tuple[int, ...], make: Callable[[], Array]) -> Array:
    """Return the array kept under a name; where there is no whole one of that shape, make it and keep it."""
    path = home() / "benchmarks" / f"{name}.npy"
    try:
        found: Array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        found = np.empty(0)  # nothing to go by: it is made anew, and the file replaced
    if found.shape == shape and np.isfinite(found).all():
        return found
    found = make()
    data = io.BytesIO()
    np.save(data, found)
    keep(path, data.getvalue(), what="what was computed")
    return found
