"""How often the fast counterfactual search finds a rectangle as small as the exact one's."""

from collections.abc import Sequence
from statistics import median
from typing import cast

from xai_ad.benchmarks.cases import Case
from xai_ad.explain import Counterfactual, CounterfactualSearch, Search


def fast_against_exact(cases: Sequence[Case]) -> dict[str, float]:
    """Return over how many pictures one rectangle flips the verdict, and in how many of them both areas are equal.

    `evaluations` and `exact_evaluations` are medians over all pictures.
    """
    pairs = [[_searched(case, search) for search in (Search.FAST, Search.EXACT)] for case in cases]
    flips = [(fast, exact) for fast, exact in pairs if exact.flipped]
    return {
        "images": len(pairs),
        "flips": len(flips),
        "same_area": sum(fast.flipped and fast.area == exact.area for fast, exact in flips),
        "evaluations": median(fast.evaluations for fast, _ in pairs),
        "exact_evaluations": median(exact.evaluations for _, exact in pairs),
    }


def _searched(case: Case, search: Search) -> Counterfactual:
    classifier, image = case.load()
    explainer = CounterfactualSearch(search=search, max_rectangles=1)
    return cast("Counterfactual", explainer.explain(classifier, image))
