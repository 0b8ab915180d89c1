"""What bfloat16 costs in accuracy: of scores, and of the Shapley values that are made from them."""

from collections.abc import Sequence
from statistics import median

import numpy as np

from xai_ad.benchmarks.cases import Case
from xai_ad.benchmarks.shapley_tables import relative_error
from xai_ad.explain import Fill
from xai_ad.explain.kernel_shap import Estimator, estimate_values
from xai_ad.explain.masking import MaskingGame
from xai_ad.machine.execution import Execution, Precision

BUDGET = 128
"""Coalitions that the values are made from, and as many drawn ones are compared by score."""
BATCH_SIZE = 16


def what_bfloat16_costs(cases: Sequence[Case], *, players: int) -> dict[str, float]:
    """Return how far bfloat16 moves KernelSHAP's values, and the scores of random coalitions, from float32's.

    `values_error` is |phi_bf16 - phi_f32|^2 / |phi_f32|^2 of the same coalitions, the images' median; `score_median`
    and `score_largest` are of |s_bf16 / s_f32 - 1| over all coalitions drawn.
    """
    errors, deviations = [], []
    for case in cases:
        classifier, image = case.load()
        drawn = np.random.default_rng(0).random((BUDGET, players)) < 0.5
        values, scores = [], []
        for precision in (Precision.BFLOAT16, Precision.FLOAT32):
            execution = Execution(precision=precision, batch_size=BATCH_SIZE)
            game = MaskingGame(classifier, image, n_segments=players, fill=Fill.MEAN, execution=execution)
            found = estimate_values(
                Estimator.ODD_GP,
                game.score,
                players=players,
                empty=game.empty,
                full=game.full,
                budget=BUDGET,
                seed=0,
            )
            values.append(found.values)
            scores.append(game.score(drawn))
        errors.append(relative_error(*values))
        deviations.append(np.abs(scores[0] / scores[1] - 1))
    every = np.concatenate(deviations)
    return {
        "values_error": median(errors),
        "score_median": float(np.median(every)),
        "score_largest": float(every.max()),
    }
