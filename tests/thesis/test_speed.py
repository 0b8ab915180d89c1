"""Forwards per second, by a clock that the test turns."""

from types import SimpleNamespace

from xai_ad.machine import timing
from xai_ad.thesis import speed


def test_forwards_are_counted_by_the_frame_and_the_median_round_counts(monkeypatch):
    times = iter([0, 2.0, 10, 10.5, 20, 29.0])
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    monkeypatch.setattr(speed, "BATCH", 8)
    monkeypatch.setattr(speed, "ROUNDS", 3)
    seen = []
    scorer = SimpleNamespace(
        network=SimpleNamespace(channels=1), score_frames=lambda frames: seen.append(frames) or ()
    )
    assert speed.forwards_per_second(scorer) == 8 / 2.0
    assert [len(frames) for frames in seen] == [8] * 4  # one round warms up
