"""Games whose Shapley values are known, exactly or nearly, and estimators playing them with their evaluations counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.benchmarks.cases import Case
from xai_ad.benchmarks.shapley_tables import (
    MOST_PLAYERS,
    TableGame,
    cached,
    masked_score,
    read_array,
    relative_error,
    table_of,
    write_array,
)
from xai_ad.errors import BenchmarkError
from xai_ad.explain import Fill
from xai_ad.explain.kernel_shap import Estimator, ShapleyValues, estimate_values
from xai_ad.explain.masking import MaskedScore
from xai_ad.progress import Progress, part_of, silent
from xai_ad.types import Coalitions

REFERENCE_BUDGET = 30_000
"""Evaluations of each of the two regressions whose mean stands in for values that no table can give."""

Game: TypeAlias = Callable[[Coalitions], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class KnownGame:
    """A game of M players, the scores of its empty and its full coalition, and its Shapley values, (M,).

    `values_error` is how far the values may themselves be off, as a relative squared error: 0 where they are exact.
    """

    score: Game
    players: int
    empty: float
    full: float
    values: NDArray[np.float64]
    values_error: float = 0.0


def known_game(case: Case, *, players: int, fill: Fill, on_progress: Progress = silent) -> KnownGame:
    """Return an image's masking game with its values.

    Up to `MOST_PLAYERS` players from a table of all coalitions; for more the game is played on the network, and the
    values are the mean of two paired regressions with seeds of their own, `REFERENCE_BUDGET` evaluations each.
    """
    if players <= MOST_PLAYERS:
        return of_table(table_of(case, players=players, fill=fill, on_progress=on_progress))
    game, name = masked_score(case, players=players, fill=fill)
    path = cached(f"values-{name}")
    found = read_array(path, (2, players))
    empty, full = game(np.stack([np.zeros(players, np.bool_), np.ones(players, np.bool_)])).tolist()
    if found is None:
        found = _two_regressions(game, empty, full, on_progress)
        write_array(path, found)
    on_progress(1.0)
    mean = found.mean(axis=0)
    return KnownGame(
        score=game,
        players=players,
        empty=empty,
        full=full,
        values=mean,
        values_error=relative_error(
            found[0], mean
        ),  # half the two's difference: the mean's own standard error
    )


def of_table(table: TableGame) -> KnownGame:
    """Return a game that is known in full."""
    return KnownGame(
        score=table, players=table.players, empty=table.empty, full=table.full, values=table.values()
    )


def play(estimator: Estimator, game: KnownGame, *, budget: int, seed: int) -> tuple[ShapleyValues, int]:
    """Return an estimate, and how many coalitions it scored, the full and the empty one counted.

    Raises `BenchmarkError` where those are more than the budget: estimators are compared at equal evaluations.
    """
    known = np.stack([np.zeros(game.players, np.bool_), np.ones(game.players, np.bool_)])
    scored = {coalition.tobytes() for coalition in known}

    def score(coalitions: Coalitions) -> NDArray[np.float64]:
        scored.update(coalition.tobytes() for coalition in coalitions)
        return game.score(coalitions)

    found = estimate_values(
        estimator,
        score,
        players=game.players,
        empty=game.empty,
        full=game.full,
        budget=budget,
        seed=seed,
    )
    if len(scored) > budget:
        raise BenchmarkError(
            f"The estimator {estimator} scored {len(scored)} coalitions of a budget of {budget}. Compare none of the "
            "figures."
        )
    return found, len(scored)


def _two_regressions(
    game: MaskedScore, empty: float, full: float, on_progress: Progress
) -> NDArray[np.float64]:
    """Return the values by two regressions, (2, M)."""
    estimates = []
    for half in range(2):
        progress = part_of(on_progress, half / 2, (half + 1) / 2)

        def score(coalitions: Coalitions, progress: Progress = progress) -> NDArray[np.float64]:
            return game(coalitions, progress)

        estimates.append(
            estimate_values(
                Estimator.REGRESSION,
                score,
                players=game.players,
                empty=empty,
                full=full,
                budget=REFERENCE_BUDGET,
                seed=10_000 + half,  # none that an estimator plays with
            ).values
        )
    return np.stack(estimates)
