"""What speed costs: in accuracy where it is bfloat16's, in areas missed where it is the fast search's."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import cast

import numpy as np

from xai_ad.benchmarks.base import Case
from xai_ad.benchmarks.games import play, relative_error
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.explain import Counterfactual, CounterfactualSearch, Fill, Search
from xai_ad.explain.kernel_shap import Estimator
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
            values.append(play(Estimator.ODD_GP, game, budget=BUDGET, seed=0).values)
            scores.append(game.score(drawn))
        errors.append(relative_error(*values))
        deviations.append(np.abs(scores[0] / scores[1] - 1))
    every = np.concatenate(deviations)
    return {
        "values_error": median(errors),
        "score_median": float(np.median(every)),
        "score_largest": float(every.max()),
    }


def fast_against_exact(cases: Sequence[Case]) -> dict[str, float]:
    """Return over how many images one rectangle flips the verdict, and in how many of them both areas are equal.

    `evaluations` and `exact_evaluations` are medians over all images.
    """
    machine = fastest_execution()
    explainer = CounterfactualSearch(
        max_rectangles=1, precision=machine.precision, batch_size=machine.batch_size
    )
    fast, exact = (
        [_found(case, replace(explainer, search=search)) for case in cases]
        for search in (Search.FAST, Search.EXACT)
    )
    flips = [(one, other) for one, other in zip(fast, exact, strict=True) if other.flipped]
    return {
        "images": len(cases),
        "flips": len(flips),
        "same_area": sum(one.flipped and one.area == other.area for one, other in flips),
        "evaluations": median(one.evaluations for one in fast),
        "exact_evaluations": median(other.evaluations for other in exact),
    }


def _found(case: Case, explainer: CounterfactualSearch) -> Counterfactual:
    return cast("Counterfactual", explainer.explain(*case.load()))
