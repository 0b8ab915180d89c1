from pathlib import Path

import pytest
import torch

from xai_ad.benchmarks import (
    BENCHMARKS,
    BenchmarkResult,
    benchmark_options,
    benchmark_record,
    build_benchmark,
    find_benchmark,
)
from xai_ad.errors import InvalidInputError, UnknownNameError


def test_each_benchmark_stands_under_its_name_and_says_what_it_compares():
    for name, kind in BENCHMARKS.items():
        assert build_benchmark(name).id == kind.id == name
        assert kind.sentence.endswith(".")


def test_the_documentation_has_a_section_for_each_benchmark():
    text = (Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md").read_text()
    for name in BENCHMARKS:
        assert f"## `{name}`" in text


def test_an_unknown_name_is_answered_with_the_valid_ones():
    with pytest.raises(UnknownNameError, match=rf"no benchmark 'sped'.*{', '.join(sorted(BENCHMARKS))}"):
        find_benchmark("sped")


def test_an_unknown_setting_is_answered_with_the_valid_ones():
    with pytest.raises(UnknownNameError, match=r"'fusing' called 'images'.*rounds"):
        build_benchmark("fusing", {"images": 3})


@pytest.mark.parametrize("name", [name for name in BENCHMARKS if "rounds" in benchmark_options(name)])
def test_no_round_is_no_measurement(name):
    with pytest.raises(InvalidInputError, match=r"'rounds'.*\[1, inf\).*Got 0"):
        build_benchmark(name, {"rounds": 0})


def test_the_record_has_the_machine_the_settings_the_rows_and_each_figure_by_its_name():
    benchmark = build_benchmark("fusing", {"rounds": 7})
    record = benchmark_record(benchmark, BenchmarkResult(rows=({"ratio": 1.5},), figures={"gain": 2.0}))
    machine = record.pop("machine")
    assert record == {"benchmark": "fusing", "settings": {"rounds": 7}, "rows": [{"ratio": 1.5}], "gain": 2.0}
    assert machine.pop("cpu")
    assert machine == {"threads": torch.get_num_threads(), "torch": torch.__version__}


@pytest.mark.parametrize("name", ["speed", "shapley", "coverage"])
def test_what_explains_runs_anywhere_and_on_other_images_by_the_same_flags(name):
    assert {"model", "data", "layout", "images"} <= set(benchmark_options(name))
    chosen = build_benchmark(name)
    assert (chosen.model, chosen.layout) == ("washer-bcae1", "mvtec")
    assert (chosen.data / "test").is_dir()


def test_rows_may_have_another_name_and_paths_are_written_as_text():
    benchmark = build_benchmark("coverage", {"data": Path("some/where")})
    result = BenchmarkResult(
        rows=({"a": None, "others": [{"b": 1}]},), figures={"c": {"d": 2.0}}, rows_are="explainers"
    )
    record = benchmark_record(benchmark, result)
    assert record["settings"]["data"] == str(Path("some/where"))
    assert record["explainers"] == [{"a": None, "others": [{"b": 1}]}]
    assert record["c"] == {"d": 2.0}
    assert "rows" not in record
