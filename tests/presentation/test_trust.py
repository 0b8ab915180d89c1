"""What a person reads of how far an explanation can be trusted."""

from dataclasses import replace

import numpy as np
import pytest

from xai_ad.explain import Attribution, Counterfactual, Direction
from xai_ad.explain.choices import Search
from xai_ad.explain.trust import Trust
from xai_ad.presentation.trust import trust_line
from xai_ad.presentation.words import NARROW

TRUST = Trust(
    faithfulness=0.8,
    fall=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    random_fall=(0.0,) * 6,
    ideal_fall=(1.0,) * 6,
    marked=0.04,
    removed=0.71,
    stability=0.93,
    shared=0.9,
    completeness=0.001,
    width=0.2,
    randomised=0.1,
    evaluations=70,
    seconds=0.25,
)
MAP = Attribution(
    method="lime", relevance=np.zeros((1, 2, 2), np.float32), score=1.0, baseline=0.0, evaluations=1
)
RECTANGLE = Counterfactual(
    method="counterfactual",
    direction=Direction.REPAIR,
    search=Search.EXACT,
    rectangles=(),
    pixels=np.zeros((3, 2, 2), np.float32),
    score=1.0,
    score_before=1.0,
    score_after=0.0,
    flipped=True,
    area=0.04,
    evaluations=1,
)


def words(explanation=MAP, **changes):
    return trust_line(replace(TRUST, **changes), explanation)


def said(found):
    return found.line.replace(NARROW, " ")


def test_one_line_says_what_goes_with_what_is_marked_and_whether_it_holds():
    found = words()
    assert said(found) == (
        "Replacing the marked 4 % by normal content removes 71 % of the error; repeated runs agree."
    )
    assert found.short.replace(NARROW, " ") == "71 % of the error goes with the marked 4 %, repeats agree"
    assert not found.warns


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"faithfulness": 0.05}, "no more than places at random"),
        ({"faithfulness": -3.0}, "no more than places at random"),
        ({"randomised": 0.62}, "shuffled (correlation 0.620): it owes little to what was learnt"),
        ({"shared": 0.2}, "a repeated run points elsewhere: it shares 20 % of the strongest places"),
    ],
)
def test_a_method_that_fails_says_so(changes, sentence):
    found = words(**changes)
    assert sentence in said(found)
    assert found.warns


def test_what_is_only_partly_steady_is_no_failure():
    found = words(stability=0.4)
    assert "order the others otherwise" in found.line
    assert not found.warns


def test_what_is_marked_may_remove_nothing_or_all():
    assert "removes none of the error" in words(removed=-0.3).line
    assert "removes all of the error" in words(removed=1.4).line
    assert words(removed=1.4).short.startswith("all of the error goes with the marked")
    assert words(removed=-0.3).short.startswith("none of the error goes with the marked")
    assert "nothing is marked" in words(marked=0.0, removed=0.0).line.lower()


def test_a_picture_that_scores_hardly_more_than_a_normal_one_has_nothing_to_lose():
    found = words(removed=None, faithfulness=None, fall=(), random_fall=(), ideal_fall=())
    assert found.line.startswith("The picture scores hardly more than a normal one")
    assert not any(name.startswith("Removed with the highest") for name, _ in found.figures)


def test_a_counterfactual_is_asked_whether_it_still_flips():
    assert "in noise that nobody sees the verdict still flips." in words(RECTANGLE, stability=1.0).line
    found = words(RECTANGLE, stability=0.25)
    assert "flips in 25 % of the copies" in said(found)
    assert found.warns
    assert found.short.replace(NARROW, " ").endswith("still flips in 25 % of noisy copies")
    assert "repeated" not in said(found)
    never = words(RECTANGLE, stability=0.0)
    assert "flips in none of the copies" in never.line
    assert never.short.endswith("any noise undoes the flip")


def test_figures_that_have_no_meaning_are_left_out():
    names = dict(words(width=None, completeness=None, randomised=None).figures)
    assert not any("interval" in name or "accounted" in name or "shuffled" in name for name in names)
    assert names["Faithfulness (0: places at random, 1: the best order known)"] == "0.800"
    assert dict(words().figures)["90 % interval, median, of the largest value"].replace(NARROW, " ") == "20 %"
