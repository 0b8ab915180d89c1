import json
import sys

import numpy as np
import pytest

from xai_ad.benchmarks import BENCHMARKS, fusing, shapley
from xai_ad.benchmarks.games import of_table
from xai_ad.benchmarks.shapley import CoverageBenchmark
from xai_ad.cli import main
from xai_ad.cli.benchmarking import table_lines


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `benchmark` in this process; return (exit code, stdout, message)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["xai_ad", "benchmark", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        code, captured = caught.value.code, capsys.readouterr()
        return (1, captured.out, code) if isinstance(code, str) else (code or 0, captured.out, captured.err)

    return call


def test_it_prints_a_table_and_writes_the_json(run, tmp_path, monkeypatch):
    monkeypatch.setattr(fusing, "_latency", lambda network, images: lambda: 4.0)
    code, out, _ = run("fusing", "--option", "rounds=1", "--json", tmp_path / "figures.json")
    assert code == 0
    record = json.loads((tmp_path / "figures.json").read_text())
    assert set(record) == {"benchmark", "machine", "settings", "rows"}
    assert record["settings"] == {"rounds": 1}
    assert "fused milliseconds" in out
    assert f"torch {record['machine']['torch']}" in out
    assert out.splitlines()[-1].split() == ["ks_cae", "32", "4.00", "4.00", "4.00", "1.00", "1.00"]


def test_without_a_file_it_only_prints(run, monkeypatch):
    monkeypatch.setattr(fusing, "_latency", lambda network, images: lambda: 4.0)
    code, out, _ = run("fusing", "--option", "rounds=1")
    assert code == 0
    assert "ks_cae" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sped"], f"There is no benchmark 'sped'. Choose one of: {', '.join(sorted(BENCHMARKS))}."),
        (
            ["fusing", "--model", "x"],
            "no option of the benchmark 'fusing' called 'model'. Choose one of: rounds.",
        ),
        (["shapley", "--m", 9], "'m' of the benchmark 'shapley' must be an int in [10, 64]. Got 9."),
        (["coverage", "--fill", "purple"], "'fill' of the benchmark 'coverage' got 'purple'"),
        (
            ["coverage", "--data", "sample_data/washer", "--images", 31],
            "hold 30 anomalous ones to measure on. Got 'images' = 31; ask for fewer.",
        ),
        (["training", "--images", 17], "multiple of its batch size 16. Got 17."),
        (["fusing", "--option", "rounds=many"], "'rounds' of the benchmark 'fusing' got 'many'"),
    ],
)
def test_what_cannot_be_measured_is_one_line_and_exit_1(run, arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert message in err
    assert "\n" not in err


def test_the_flags_are_settings_and_reach_the_json(run, tmp_path, monkeypatch):
    monkeypatch.setattr(CoverageBenchmark, "cases", lambda self, count: [None] * count)
    scores = np.arange(256.0)
    monkeypatch.setattr(shapley, "known_game", lambda case, **_: of_table(scores))
    arguments = ["--model", "m", "--data", "d", "--layout", "l", "--images", 2, "--m", 8, "--fill", "black"]
    code, out, _ = run("coverage", *arguments, "--option", "seeds=1", "--json", tmp_path / "figures.json")
    assert code == 0
    record = json.loads((tmp_path / "figures.json").read_text())
    assert record["settings"] == {
        "model": "m", "data": "d", "layout": "l", "images": 2, "m": 8, "fill": "black", "seeds": 1,
    }  # fmt: skip
    assert "relative width" in out


def test_tables_of_a_rows_own_are_not_printed_and_gaps_are_a_dash():
    rows = [
        {"method": "lrp", "library": None, "others": [], "speedup": None},
        {"method": "lime", "library": "lime", "others": [{"seconds": 3.0}], "speedup": 0.012},
    ]
    assert list(table_lines(rows)) == [
        "method  library  speedup",
        "lrp     -              -",
        "lime    lime       0.012",
    ]


def test_columns_are_as_wide_as_their_widest_cell():
    rows = [{"network": "a", "images_per_second": 3}, {"network": "a_longer_one", "images_per_second": 2.345}]
    assert list(table_lines(rows)) == [
        "network       images per second",
        "a                             3",
        "a_longer_one               2.35",
    ]
