"""What a person waits for on page Video is measured in a browser."""

import shutil

import pytest

from xai_ad.benchmarks import build_benchmark
from xai_ad.benchmarks.video import _frames
from xai_ad.errors import BenchmarkError, XaiAdError


@pytest.mark.slow
@pytest.mark.browser
def test_every_wait_is_measured():
    if shutil.which("chromium") is None:
        pytest.skip("There is no chromium on the path.")
    rows = build_benchmark("video", {"rounds": 2}).run().rows
    assert [row["wait"] for row in rows] == ["verdict", "residual"]
    assert all(0 < row["seconds"] <= row["longest"] for row in rows)


def test_the_frames_are_drawn_by_the_seed_and_none_comes_twice():
    drawn = [_frames(180, 15, seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(len(set(frames)) == 15 and set(frames) <= set(range(1, 181)) for frames in drawn)


def test_without_a_browser_it_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(BenchmarkError, match="There is no chromium on the path"):
        build_benchmark("video").run()


def test_a_model_whose_set_has_no_clips_here_and_one_that_is_not_there_are_refused():
    with pytest.raises(BenchmarkError, match="no sample clip of 'bottle', the dataset of 'bottle-bcae1'"):
        build_benchmark("video", {"model": "bottle-bcae1"}).run()
    with pytest.raises(XaiAdError, match="nosuch"):
        build_benchmark("video", {"model": "nosuch"}).run()
