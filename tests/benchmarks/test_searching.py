"""The fast search's areas are counted against the exact one's."""

from dataclasses import dataclass

import pytest
import torch

from xai_ad.benchmarks import searching
from xai_ad.benchmarks.searching import fast_against_exact
from xai_ad.explain import Counterfactual, Search


@dataclass
class Played:
    """A picture whose searches end as they are told: (area, flipped, evaluations) of the fast and of the exact one."""

    fast: tuple[float, bool, int]
    exact: tuple[float, bool, int]

    def load(self):
        """Hand itself to the search."""
        return self, torch.zeros(3, 4, 4)


@pytest.fixture(autouse=True)
def told(monkeypatch):
    class Told:
        def __init__(self, *, search, max_rectangles):
            self.search, self.max_rectangles = search, max_rectangles

        def explain(self, case, image):
            assert self.max_rectangles == 1
            area, flipped, evaluations = case.fast if self.search is Search.FAST else case.exact
            return Counterfactual(
                method="counterfactual",
                direction="repair",
                search=str(self.search),
                rectangles=(),
                image=image,
                score=1.0,
                score_before=1.0,
                score_after=0.5,
                flipped=flipped,
                area=area,
                evaluations=evaluations,
            )

    monkeypatch.setattr(searching, "CounterfactualSearch", Told)


def test_areas_are_compared_where_the_exact_search_flips():
    cases = [
        Played(fast=(0.1, True, 60), exact=(0.1, True, 300)),
        Played(fast=(0.2, True, 70), exact=(0.1, True, 500)),
        Played(fast=(0.1, False, 129), exact=(0.1, True, 700)),
        Played(fast=(0.5, False, 129), exact=(0.5, False, 1300)),
    ]
    assert fast_against_exact(cases) == {
        "images": 4,
        "flips": 3,
        "same_area": 1,
        "evaluations": 99.5,
        "exact_evaluations": 600.0,
    }
