"""What bfloat16 and the fast search cost."""

from dataclasses import dataclass

import pytest
import torch

from xai_ad.benchmarks import accuracy
from xai_ad.benchmarks.accuracy import fast_against_exact, what_bfloat16_costs
from xai_ad.explain import Counterfactual, Direction, Search
from xai_ad.machine.execution import Precision


@dataclass
class Played:
    """A picture whose searches end as they are told: (area, flipped, evaluations) of the fast and of the exact one."""

    fast: tuple[float, bool, int]
    exact: tuple[float, bool, int]

    def load(self):
        """Hand itself to the search."""
        return self, torch.zeros(3, 4, 4)


@pytest.fixture
def told(monkeypatch):
    @dataclass(frozen=True, kw_only=True)
    class Told:
        """A search that ends as it is told."""

        max_rectangles: int
        precision: Precision
        batch_size: int
        search: Search = Search.FAST

        def explain(self, case, image):
            """Return what the case tells."""
            assert self.max_rectangles == 1
            area, flipped, evaluations = case.fast if self.search is Search.FAST else case.exact
            return Counterfactual(
                method="counterfactual",
                direction=Direction.REPAIR,
                search=self.search,
                rectangles=(),
                pixels=image.numpy(),
                score=1.0,
                score_before=1.0,
                score_after=0.5,
                flipped=flipped,
                area=area,
                evaluations=evaluations,
            )

    monkeypatch.setattr(accuracy, "CounterfactualSearch", Told)


def test_areas_are_compared_where_the_exact_search_flips(told):
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


def test_bfloat16s_cost_is_small_and_not_nothing(case):
    costs = what_bfloat16_costs([case], players=4)
    assert set(costs) == {"values_error", "score_median", "score_largest"}
    assert 0 < costs["score_median"] <= costs["score_largest"] < 0.1
    assert 0 < costs["values_error"] < 0.1
