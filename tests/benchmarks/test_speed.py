"""`benchmark speed`: its rows, what its ratios are of, and what bfloat16 and the fast search cost."""

from collections import Counter
from dataclasses import dataclass

import pytest
import torch

from xai_ad.benchmarks import benchmark_record, explaining, speed
from xai_ad.benchmarks.explaining import ALL_FIVE, Side, Timing
from xai_ad.benchmarks.libraries import Library
from xai_ad.benchmarks.speed import SpeedBenchmark, fast_against_exact, what_bfloat16_costs
from xai_ad.errors import BenchmarkError, InvalidInputError
from xai_ad.explain import Counterfactual, Direction, Search
from xai_ad.machine.execution import Precision

KEYS = {
    "precision", "method", "evaluations", "seconds", "floor_ratio", "added_milliseconds", "library", "library_seconds", "speedup",
    "peak_mb", "others",
}  # fmt: skip
FIGURES = {"all_five_seconds", "shap_1000_seconds", "all_five_over_shap", "lrp_over_gradient"}
SEARCHED = {"images": 10, "flips": 8, "same_area": 7, "evaluations": 60, "exact_evaluations": 400.5}
INSPECTED = {"images": 200, "images_per_second": 90.0, "forward_images_per_second": 100.0, "ratio": 0.9}
ROUNDED = {"values_error": 2e-5, "score_median": 0.005, "score_largest": 0.0165}


@pytest.fixture
def asked(monkeypatch, case):
    """Let each side take made-up seconds, ever more of them, as on a machine that grows busy."""
    requests = []

    def answer(function, request, *, tuned, what):
        requests.append(request)
        evaluations = request.evaluations or (15 if request.method == ALL_FIVE else 1300)
        seconds = {Library.LIME: 8.0, Library.SHAP: 12.0}.get(request.library, 4.0)
        if request.method == ALL_FIVE:
            seconds = 9.0
        busy = sum(other == request for other in requests)
        ours = request.library is None and request.method != ALL_FIVE
        return Timing(
            seconds=seconds * busy,
            evaluations=evaluations,
            precision=request.precision,
            floor=300.0 / busy if ours and not request.weigh else None,
            gradient_seconds=2.0 if request.method == "lrp" else None,
            peak_mb=123.0 if request.weigh else 45.0,
        )

    monkeypatch.setattr(SpeedBenchmark, "cases", lambda self, count, *, detected: (case,))
    monkeypatch.setattr(speed, "what_bfloat16_costs", lambda cases, players: ROUNDED)
    monkeypatch.setattr(speed, "fast_against_exact", lambda cases: SEARCHED)
    monkeypatch.setattr(speed, "inspecting_rates", lambda model, rounds: INSPECTED)
    monkeypatch.setattr(explaining, "ask", answer)
    return requests


def rows_of(benchmark):
    return {(row["method"], row["precision"]): row for row in benchmark.run().rows}


def test_the_record_has_the_floors_and_a_row_for_each_explainer(asked):
    benchmark = SpeedBenchmark(rounds=2)
    seen = []
    record = benchmark_record(benchmark, benchmark.run(on_progress=seen.append))
    assert set(record) == {
        "benchmark", "machine", "settings", "floor_images_per_second", "explainers", "bfloat16_accuracy", "fast_search", "inspecting",
        *FIGURES,
    }  # fmt: skip
    assert set(record["floor_images_per_second"]) == {"float32"}
    assert [set(row) for row in record["explainers"]] == [KEYS] * len(record["explainers"])
    methods = [row["method"] for row in record["explainers"]]
    assert methods == [
        "residual", "lrp", "lime", "kernel_shap", "counterfactual", "integrated_gradients", "occlusion", "owen",
    ]  # fmt: skip
    assert record["bfloat16_accuracy"] == ROUNDED
    assert record["inspecting"] == INSPECTED
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_machine_that_gains_from_bfloat16_has_a_row_of_it_for_each_game(asked, monkeypatch):
    monkeypatch.setenv("XAI_AD_PRECISION", "bfloat16")
    benchmark = SpeedBenchmark(rounds=1)
    result = benchmark.run()
    rounded = [row["method"] for row in result.rows if row["precision"] == "bfloat16"]
    assert rounded == ["lime", "kernel_shap", "counterfactual", "occlusion", "owen"]
    assert set(result.figures["floor_images_per_second"]) == {"float32", "bfloat16"}


def test_ratios_are_taken_within_rounds_and_at_an_evaluation(asked):
    rows = rows_of(SpeedBenchmark(rounds=3, evaluations=1000))
    shap, lime, search = (rows[method, "float32"] for method in ("kernel_shap", "lime", "counterfactual"))
    # Rounds of 4, 8 and 12 seconds; the library's 12 are the first round's, as the 4 are.
    assert (shap["seconds"], shap["library_seconds"], shap["speedup"]) == (8.0, 12.0, 3.0)
    assert (lime["library"], lime["speedup"]) == ("lime", 2.0)
    # 4 seconds for 1000 forwards at a floor of 300 a second, in every round.
    assert shap["floor_ratio"] == pytest.approx(4 / (1000 / 300))
    # 4, 8 and 12 ms an evaluation, of which 3.33, 6.67 and 10 are the forward's.
    assert shap["added_milliseconds"] == pytest.approx(8 - 20 / 3)
    assert search["floor_ratio"] == pytest.approx(4 / (1300 / 300))
    assert (search["library"], search["library_seconds"], search["speedup"]) == (None, None, None)


def test_captum_stands_under_others(asked):
    rows = rows_of(SpeedBenchmark(rounds=2))
    assert rows["lime", "float32"]["others"] == [
        {"library": "captum Lime", "seconds": 4.0, "evaluations": 250}
    ]
    assert rows["kernel_shap", "float32"]["others"][0]["library"] == "captum KernelShap"
    assert rows["lrp", "float32"]["others"] == []


def test_a_games_memory_is_measured_once_at_a_larger_budget_and_in_a_run_of_its_own(asked):
    rows = rows_of(SpeedBenchmark(rounds=2, weighed_at=5000))
    weighed = {request.method: request.evaluations for request in asked if request.weigh}
    assert (weighed["lime"], weighed["kernel_shap"], weighed["counterfactual"]) == (5000, 5000, None)
    assert set(weighed) == {"lime", "kernel_shap", "counterfactual"}
    peaks = {method: row["peak_mb"] for (method, _), row in rows.items()}
    assert peaks == {
        "lime": 123.0, "kernel_shap": 123.0, "counterfactual": 123.0,
        "residual": 45.0, "lrp": 45.0, "integrated_gradients": 45.0, "occlusion": 45.0, "owen": 45.0,
    }  # fmt: skip


def test_all_five_are_compared_with_shap_and_lrp_with_a_gradient(asked):
    figures = SpeedBenchmark(rounds=3).run().figures
    assert (figures["all_five_seconds"], figures["shap_1000_seconds"]) == (9.0, 12.0)
    assert figures["all_five_over_shap"] == 0.75
    assert figures["lrp_over_gradient"] == 2.0


def test_sides_that_did_unequal_work_are_compared_with_nothing(asked, monkeypatch):
    answer = explaining.ask

    def lazy(function, request, **how):
        timing = answer(function, request, **how)
        return Timing(seconds=1.0, evaluations=900) if request.library is Library.SHAP else timing

    monkeypatch.setattr(explaining, "ask", lazy)
    with pytest.raises(
        BenchmarkError, match="kernel_shap scored 1000 pictures and shap 900: they did unequal"
    ):
        SpeedBenchmark(rounds=1).run()


def test_rounds_take_the_pictures_in_turns(case, monkeypatch):
    seen = []
    monkeypatch.setattr(
        explaining,
        "ask",
        lambda function, request, **how: seen.append(request.case) or Timing(seconds=1.0, evaluations=1),
    )
    side = Side(request=speed.TimedExplanation(case=case, method="lime"), cases=["first", "second", "third"])
    assert [side() for _ in range(4)] == [1.0] * 4
    assert seen == ["first", "second", "third", "first"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"m": 13}, r"'m'.*\[14, inf\). Got 13"),
        ({"evaluations": 10}, r"'evaluations'.*\[64, 100000\]. Got 10"),
        ({"weighed_at": 100_001}, r"'weighed_at'.*\[64, 100000\]. Got 100001"),
        ({"weighed_at": 3}, r"'weighed_at'.*Got 3"),
        ({"images": 0}, r"'images'.*Got 0"),
    ],
)
def test_settings_that_measure_nothing_are_refused(settings, message):
    with pytest.raises(InvalidInputError, match=message):
        SpeedBenchmark(**settings)


def test_precisions_are_what_was_asked_for(asked):
    SpeedBenchmark(rounds=1).run()
    assert {request.precision for request in asked if request.method != ALL_FIVE} == {Precision.FLOAT32}
    assert {request.precision for request in asked if request.method == ALL_FIVE} == {Precision.AUTO}


def test_only_what_is_held_against_the_floor_is_measured_in_every_round(asked):
    SpeedBenchmark(rounds=3).run()
    times = Counter((request.method, str(request.library)) for request in asked if not request.weigh)
    assert times == {
        ("lime", "None"): 3, ("kernel_shap", "None"): 3, ("counterfactual", "None"): 3, ("all five", "None"): 1,
        ("residual", "None"): 1, ("lrp", "None"): 1, ("integrated_gradients", "None"): 1, ("occlusion", "None"): 1, ("owen", "None"): 1,
        ("lime", "lime"): 1, ("kernel_shap", "shap"): 1, ("lime", "captum Lime"): 1,
        ("kernel_shap", "captum KernelShap"): 1,
    }  # fmt: skip


def test_what_is_told_has_the_rates_and_no_gap(asked):
    remarks = SpeedBenchmark(rounds=1).run().remarks
    assert remarks[0].startswith("The floor is 300 in float32 images a second;")
    assert (
        "Inspecting 200 files judges 90 images a second, 0.90 times what the forwards alone come to (100)."
        in remarks
    )
    assert len(remarks) == 7


@dataclass
class Played:
    """A picture whose searches end as they are told: (area, flipped, evaluations) of the fast and of the exact one."""

    fast: tuple[float, bool, int]
    exact: tuple[float, bool, int]

    def load(self):
        """Hand itself to the search."""
        return self, torch.zeros(3, 4, 4)


class Told:
    """A search that ends as it is told."""

    def __init__(self, method, options):
        assert (method, options["max_rectangles"]) == ("counterfactual", 1)
        self.search = options["search"]

    def explain(self, case, image):
        """Return what the case tells."""
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


def test_areas_are_compared_where_the_exact_search_flips(monkeypatch):
    monkeypatch.setattr(speed, "explainer_here", Told)
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
