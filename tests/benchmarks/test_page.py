"""What a person waits for on page Inspect is measured in a browser."""

import shutil

import pytest

from xai_ad.benchmarks import build_benchmark
from xai_ad.errors import BenchmarkError, XaiAdError


@pytest.mark.slow
@pytest.mark.browser
def test_every_wait_is_measured():
    if shutil.which("chromium") is None:
        pytest.skip("There is no chromium on the path.")
    rows = build_benchmark("page", {"rounds": 2}).run().rows
    assert [row["wait"] for row in rows] == ["verdict", "residual", "method"]
    assert all(0 < row["seconds"] <= row["longest"] for row in rows)


def test_without_a_browser_it_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(BenchmarkError, match="There is no chromium on the path"):
        build_benchmark("page").run()


def test_another_model_than_the_one_that_was_meant_is_not_measured():
    with pytest.raises(XaiAdError, match="nosuch"):
        build_benchmark("page", {"model": "nosuch"}).run()
