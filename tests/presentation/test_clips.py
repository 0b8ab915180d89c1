"""What is drawn and said of a clip's scores."""

import itertools

import numpy as np
import pytest

from xai_ad.presentation.clips import (
    AbnormalStretch,
    abnormal_stretches,
    all_above,
    extremes,
    progress_words,
    runs_of,
    summary,
)
from xai_ad.presentation.words import NARROW


def plain(words: str) -> str:
    return words.replace(NARROW, " ")


@pytest.mark.parametrize("seed", range(5))
def test_stretches_hold_every_frame_above_the_limit_and_no_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers, scores = np.arange(40) + 7, rng.integers(0, 4, 40) / 2.0
    found = abnormal_stretches(numbers, scores, 1.0)
    held = [number for each in found for number in range(each.first, each.last + 1)]
    assert held == [number for number, score in zip(numbers.tolist(), scores, strict=True) if score > 1.0]
    assert all(one.last + 1 < other.first for one, other in itertools.pairwise(found))
    for each in found:
        inside = scores[(numbers >= each.first) & (numbers <= each.last)]
        assert (each.count, scores[each.highest - 7]) == (len(inside), inside.max())


def test_a_frame_at_the_limit_is_not_above_it() -> None:
    assert abnormal_stretches(np.arange(3), np.ones(3), 1.0) == []


def test_a_drawn_curve_keeps_the_lowest_and_the_highest_of_all_its_parts() -> None:
    values = np.random.default_rng(0).standard_normal(997)
    kept = extremes(values, 10)
    starts = [part * 997 // 10 for part in range(11)]
    parts = [values[begin:end] for begin, end in itertools.pairwise(starts)]
    assert sorted(values[kept]) == sorted(extreme for part in parts for extreme in (part.min(), part.max()))
    assert (np.diff(kept) > 0).all()


def test_frames_that_are_missing_part_the_runs() -> None:
    assert runs_of(np.array([], dtype=np.int64)) == []
    assert runs_of(np.array([4, 5, 9])) == [[4, 5], [9, 9]]


def test_a_summary_names_the_first_stretches_and_counts_the_others() -> None:
    stretches = [AbnormalStretch(first=n, last=n + n % 2, highest=n, count=1 + n % 2) for n in (2, 5, 8, 11)]
    assert plain(summary(stretches, 12, highest=5, times=2.5)) == (
        "6 of 12 frames (50 %) are above the limit, in 4 stretches: frame 2, frames 5 to 6, frame 8 and 1 more. "
        "The highest is frame 5, at 2.50 times the limit."
    )


def test_a_clip_that_is_above_the_limit_from_end_to_end_is_said_to_stand_out() -> None:
    whole = [AbnormalStretch(first=1, last=9, highest=2, count=9)]
    assert "whole clip" in (all_above(whole, 9) or "")
    assert all_above(whole, 10) is None
    assert all_above([AbnormalStretch(first=1, last=1, highest=1, count=1)], 1) is None


def test_progress_says_no_more_than_is_known() -> None:
    assert plain(progress_words(5, 4, 10.0)) == "5 frames scored"  # a header that promised too few
    assert plain(progress_words(5, 10, None)) == "5 of 10 frames scored"
    assert plain(progress_words(5, 10, 0.2)) == "5 of 10 frames scored, about 1 s left"
    assert plain(progress_words(5, 10, 9000.0)) == "5 of 10 frames scored, about 2.50 h left"
