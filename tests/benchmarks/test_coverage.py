"""`benchmark coverage`: what is counted, over what."""

import numpy as np
import pytest

from tests.benchmarks.games import additive, nearly_additive
from xai_ad.benchmarks import benchmark_record, shapley
from xai_ad.benchmarks.shapley import CoverageBenchmark
from xai_ad.errors import BenchmarkError, InvalidInputError
from xai_ad.explain.kernel_shap import ShapleyValues


@pytest.fixture
def tables(monkeypatch, case):
    monkeypatch.setattr(CoverageBenchmark, "cases", lambda self, count: (case,) * count)
    monkeypatch.setattr(shapley, "known_game", lambda case, **settings: nearly_additive(settings["players"]))


def test_the_record_has_a_row_for_each_budget(tables):
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
def test_settings_that_measure_nothing_are_refused(settings, message):
    with pytest.raises(InvalidInputError, match=message):
        CoverageBenchmark(**settings)
