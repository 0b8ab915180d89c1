"""`benchmark shapley`: its rows, its medians, and the time that an accuracy takes; `coverage`: what is counted, over what."""

from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from tests.benchmarks.games import additive, nearly_additive
from xai_ad.benchmarks import benchmark_record, explaining, shapley
from xai_ad.benchmarks.explaining import Timing
from xai_ad.benchmarks.games import play
from xai_ad.benchmarks.shapley import BUDGETS, RUNGS, CoverageBenchmark, ShapleyBenchmark
from xai_ad.errors import BenchmarkError, InvalidInputError
from xai_ad.explain.kernel_shap import Estimator, ShapleyValues
from xai_ad.machine.execution import Precision

TIME_KEYS = {
    "shap_error", "shap_evaluations", "shap_seconds", "default_error", "default_evaluations", "default_seconds",
    "default_precision", "ratio",
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch, case):
    """Let a random game stand in for every image, and made-up seconds for every explanation."""
    requests = []

    def answer(function, request, *, tuned, what):
        requests.append(request)
        seconds = 6.0 if request.library else 0.1
        return Timing(
            seconds=seconds * len(requests), evaluations=request.evaluations, precision=Precision.BFLOAT16
        )

    monkeypatch.setattr(ShapleyBenchmark, "cases", lambda self, count: (case,) * count)
    monkeypatch.setattr(shapley, "known_game", lambda case, **settings: nearly_additive(settings["players"]))
    monkeypatch.setattr(explaining, "ask", answer)
    monkeypatch.setattr(shapley, "BUDGETS", (32, 128, 512))
    return requests


@pytest.fixture
def benchmark():
    return ShapleyBenchmark(images=1, m=10, seeds=2, rounds=1)


def test_the_record_has_each_estimator_at_each_budget_and_the_time_to_accuracy(asked, benchmark):
    seen = []
    record = benchmark_record(benchmark, benchmark.run(on_progress=seen.append))
    assert set(record) == {"benchmark", "machine", "settings", "rows", "time_to_accuracy"}
    assert {tuple(row) for row in record["rows"]} == {("estimator", "m", "fill", "evaluations", "error")}
    assert [(row["estimator"], row["evaluations"]) for row in record["rows"]] == [
        (name, budget)
        for name in ("default", "regression", "shap", "shap_no_l1")
        for budget in (32, 128, 512)
    ]
    assert {(row["m"], row["fill"]) for row in record["rows"]} == {(10, "mean")}
    assert set(record["time_to_accuracy"]) == TIME_KEYS
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_by_default_every_budget_of_the_comparison_is_played():
    assert BUDGETS == (32, 64, 128, 256, 512)
    assert (ShapleyBenchmark().images, ShapleyBenchmark().m, ShapleyBenchmark().fill) == (2, 14, "mean")
    assert ShapleyBenchmark().seeds == 20


def test_an_error_is_relative_and_the_median_over_images_and_seeds(benchmark):
    games = [nearly_additive(10), nearly_additive(11)]
    errors = []
    for game in games:
        for seed in (0, 1):
            missed = play(Estimator.SHAP, game, budget=40, seed=seed).values - game.values
            errors.append((missed @ missed) / (game.values @ game.values))
    assert len(set(errors)) == 4
    assert benchmark.median_error(games, Estimator.SHAP, 40) == pytest.approx(median(errors))


def test_ours_is_timed_at_the_smallest_budget_that_is_as_accurate(asked, benchmark):
    time = benchmark.run().figures["time_to_accuracy"]
    game = nearly_additive(10)
    target = benchmark.median_error([game], Estimator.SHAP, 512)
    reaching = [
        budget for budget in RUNGS if benchmark.median_error([game], Estimator.ODD_GP, budget) <= target
    ]
    assert [(request.library, request.evaluations, request.players) for request in asked] == [
        (None, reaching[0], 10),
        ("shap", 512, 10),
    ]
    assert (time["shap_error"], time["default_evaluations"]) == (target, reaching[0])
    assert reaching[0] > RUNGS[0]
    assert time["default_error"] <= target
    assert time["ratio"] == pytest.approx(12.0 / 0.1)
    assert time["default_precision"] == "bfloat16"


def test_an_accuracy_that_no_budget_comes_to_has_no_time_and_the_rows_stay(asked, benchmark, monkeypatch):
    monkeypatch.setattr(shapley, "RUNGS", (16,))
    result = benchmark.run()
    time = result.figures["time_to_accuracy"]
    assert set(time) == TIME_KEYS
    assert (time["ratio"], time["default_seconds"], time["default_evaluations"]) == (None, None, None)
    assert time["shap_seconds"] == 6.0
    assert len(result.rows) == 12
    assert "No budget up to 16 comes to shap's error with 512" in result.remarks[-1]


def test_values_that_are_no_exact_ones_are_said_to_be_none(asked, benchmark, monkeypatch):
    assert benchmark.run().remarks[0].startswith("The values are exact")
    rough = replace(nearly_additive(10), values_error=2e-7)
    monkeypatch.setattr(shapley, "known_game", lambda case, **settings: rough)
    assert "no exact ones but the mean of two long regressions, off by 2.0e-07" in benchmark.run().remarks[0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"m": 9}, r"'m'.*\[10, 64\]. Got 9"),
        ({"seeds": 0}, r"'seeds'.*\[1, inf\). Got 0"),
        ({"images": 0}, r"'images'.*\[1, inf\). Got 0"),
        ({"fill": "mean"}, "'fill'.*must be a Fill"),
    ],
)
def test_settings_that_measure_nothing_are_refused(settings, message):
    with pytest.raises(InvalidInputError, match=message):
        ShapleyBenchmark(**settings)


def test_an_additive_game_leaves_no_error_to_the_default(benchmark):
    assert benchmark.median_error([additive(12)], Estimator.ODD_GP, 64) < 1e-12
    assert np.isfinite(benchmark.median_error([additive(12)], Estimator.SHAP, 64))


@pytest.fixture
def tables(monkeypatch, case):
    monkeypatch.setattr(CoverageBenchmark, "cases", lambda self, count: (case,) * count)
    monkeypatch.setattr(shapley, "known_game", lambda case, **settings: nearly_additive(settings["players"]))


def test_coverages_record_has_a_row_for_each_budget(tables):
    benchmark = CoverageBenchmark(images=3, m=9, seeds=2)
    seen = []
    record = benchmark_record(benchmark, benchmark.run(on_progress=seen.append))
    assert [tuple(row) for row in record["rows"]] == [
        ("m", "fill", "images", "evaluations", "coverage", "relative_width")
    ] * 3
    assert [row["evaluations"] for row in record["rows"]] == [32, 64, 128]
    assert all(0 <= row["coverage"] <= 1 and row["relative_width"] > 0 for row in record["rows"])
    assert record["rows"][0]["images"] == 3
    assert seen[-1] == 1


def test_by_default_there_are_thirty_images_of_ten_segments():
    assert (CoverageBenchmark().images, CoverageBenchmark().m) == (30, 10)


def test_coverage_is_the_share_of_values_inside_over_games_seeds_and_players(monkeypatch):
    # Of the values 1 .. 10, seed 0 covers the 1 and the 2 from below and above, seed 1 all.
    def made_up(estimator, game, *, budget, seed):
        low, high = (np.full(10, 0.9), np.full(10, 2.1)) if seed == 0 else (game.values, game.values)
        return ShapleyValues(values=game.values, low=low, high=high)

    monkeypatch.setattr(shapley, "play", made_up)
    row = CoverageBenchmark(seeds=2).row([additive(10)], 64)
    assert row["coverage"] == (2 + 10) / 20
    assert row["relative_width"] == pytest.approx((12 / 55 + 0) / 2)


def test_an_estimator_without_intervals_has_no_coverage(monkeypatch):
    monkeypatch.setattr(shapley, "play", lambda estimator, game, **_: ShapleyValues(values=game.values))
    with pytest.raises(BenchmarkError, match="no intervals at 64"):
        CoverageBenchmark().row([additive(10)], 64)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"m": 7}, r"'m'.*\[8, 14\]. Got 7"),
        ({"seeds": 0}, r"'seeds'.*Got 0"),
        ({"images": 0}, r"'images'.*Got 0"),
    ],
)
def test_settings_that_cover_nothing_are_refused(settings, message):
    with pytest.raises(InvalidInputError, match=message):
        CoverageBenchmark(**settings)
