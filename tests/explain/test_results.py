"""Explanations as data: how sure they are, JSON both ways, and that nothing in them can be changed."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.explain.choices import Direction, Estimator, Fill, Search
from xai_ad.explain.results import (
    Agreement,
    Attribution,
    Counterfactual,
    Propagation,
    Provenance,
    Rectangle,
    SearchClaims,
    SegmentValues,
    ShapleyEstimate,
    SurrogateFit,
    WindowCount,
    diagnostics,
    from_json,
    map_of,
    to_json,
)
from xai_ad.machine.execution import Precision

SEGMENTS = np.array([[0, 0, 1], [2, 2, 3]])


def known(values, low, high):
    return SegmentValues(segments=SEGMENTS, values=np.array(values), low=np.array(low), high=np.array(high))


def test_a_segment_is_unsure_where_its_interval_holds_zero():
    found = known([1.0, 1.0, -1.0, 1.0], low=[-0.5, 0.5, -2.0, 0.0], high=[2.5, 1.5, -0.1, 2.0])
    assert found.unsure.tolist() == [True, False, False, True]
    assert found.unsure_pixels.tolist() == [[True, True, False], [False, False, True]]


def test_an_interval_that_is_negligible_as_a_whole_is_sure_to_be_nothing():
    found = known([98.0, 0.0, 1.0, -1.0], low=[97.0, -0.9, -1.1, -1.0], high=[99.0, 0.9, 1.0, 1.0])
    assert found.unsure.tolist() == [False, False, True, False]


def test_exact_zeros_are_sure():
    assert not known([0.0] * 4, low=[0.0] * 4, high=[0.0] * 4).unsure.any()


def test_without_intervals_nothing_is_said():
    found = SegmentValues(segments=SEGMENTS, values=np.zeros(4))
    assert found.unsure is None
    assert found.unsure_pixels is None


def test_what_is_shared_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        known([0.0] * 4, low=[0.0] * 4, high=[0.0] * 4).low[0] = 1


PROVENANCE = Provenance(
    segments=4, precision=Precision.BFLOAT16, batch_size=8, fill=Fill.MEAN, fill_score=0.25
)
FOUND = [
    SurrogateFit(surrogate_r2=0.5, stability=0.75),
    ShapleyEstimate(exact=False, estimator=Estimator.ODD_GP, unsure_segments=2),
    ShapleyEstimate(exact=True, estimator=Estimator.SHAP),
    Propagation(bias_share=0.5, epsilon_share=-0.25, cancellation=3.0),
    WindowCount(windows=9, window_pixels=16),
    Agreement(members=("lime", "lrp"), agreement=0.5),
    None,
]


def attribution(**changes):
    values = {
        "method": "lime",
        "relevance": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
        "score": 0.1 + 0.2,
        "baseline": 1 / 3,
        "evaluations": 7,
        "by_segment": known([0.0, 1.0, 2.0, 3.0], low=[-1.0] * 4, high=[1.0] * 4),
        "provenance": PROVENANCE,
        "note": "So it is.",
    }
    return Attribution(**values | changes)


def counterfactual(**changes):
    values = {
        "method": "counterfactual",
        "direction": Direction.TRANSPLANT,
        "search": Search.FAST,
        "rectangles": (Rectangle(top=0, left=1, height=2, width=3),),
        "pixels": np.random.default_rng(0).random((3, 4, 4), dtype=np.float32),
        "score": 0.1,
        "score_before": 0.2,
        "score_after": 0.3,
        "flipped": True,
        "area": 0.375,
        "evaluations": 9,
        "findings": SearchClaims(nothing_smaller_flips=False, no_single_flips=True, largest_deviation=0.1),
        "warning": "Beware.",
    }
    return Counterfactual(**values | changes)


def same(one, other):
    """Whether two explanations hold the same, arrays to the bit."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, Attribution | Counterfactual | SegmentValues):
        return type(one) is type(other) and all(
            same(vars(one)[name], vars(other)[name]) for name in vars(one)
        )
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("explanation", [*(attribution(findings=found) for found in FOUND), counterfactual()])
def test_an_explanation_comes_back_from_json_to_the_bit(explanation):
    text = to_json(explanation)
    assert same(from_json(text), explanation)
    assert to_json(from_json(text)) == text


@pytest.mark.parametrize("text", ["", "{}", "[]", to_json(attribution()).replace("relevance", "map")])
def test_what_is_no_explanation_is_refused_quoting_it(text):
    with pytest.raises(InvalidInputError, match="no explanation's JSON"):
        from_json(text)


def test_arrays_take_no_part_in_equality_and_hashes():
    one = attribution()
    assert one != attribution()
    assert len({one, attribution(), one}) == 2
    assert known([0.0] * 4, low=[0.0] * 4, high=[0.0] * 4) != known([0.0] * 4, low=[0.0] * 4, high=[0.0] * 4)


def test_nothing_in_an_explanation_can_be_changed_after_it_was_built():
    relevance = np.zeros((2, 3), np.float32)
    found, changed = attribution(relevance=relevance[:]), counterfactual()
    relevance += 1
    assert not found.relevance.any()
    for array in (found.relevance, found.by_segment.values, changed.pixels):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 1
    changed.image.zero_()
    assert changed.image.any()
    for name in ("note", "provenance", "findings"):
        with pytest.raises(FrozenInstanceError):
            setattr(found, name, None)
    diagnostics(found)["note"] = "Something else."
    assert diagnostics(found)["note"] == "So it is."


def test_the_record_names_what_applies_and_nothing_else():
    found = attribution(findings=FOUND[1], warning="Beware.")
    assert diagnostics(found) == {
        "exact": False, "estimator": "odd_gp", "unsure_segments": 2, "segments": 4, "precision": "bfloat16",
        "batch_size": 8, "fill": "mean", "fill_score": 0.25, "note": "So it is.", "warning": "Beware.",
    }  # fmt: skip
    assert {type(value) for value in diagnostics(found).values()} <= {str, int, float, bool}
    assert diagnostics(attribution(findings=FOUND[5]))["members"] == "lime, lrp"
    assert diagnostics(counterfactual()) == {
        "nothing_smaller_flips": False, "no_single_flips": True, "largest_deviation": 0.1, "warning": "Beware.",
    }  # fmt: skip
    assert diagnostics(attribution(provenance=Provenance(), note=None)) == {}


def of_relevance(relevance):
    return Attribution(method="residual", relevance=relevance, score=1.0, baseline=0.0, evaluations=1)


def test_a_map_is_one_frame_of_the_relevance():
    relevance = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    assert (map_of(of_relevance(relevance), 1) == relevance[1]).all()
    assert (map_of(of_relevance(relevance[:1])) == relevance[0]).all()


def test_rectangles_are_one_inside():
    change = Counterfactual(
        method="counterfactual",
        direction=Direction.REPAIR,
        search=next(iter(Search)),
        rectangles=(Rectangle(top=1, left=2, height=2, width=1),),
        pixels=np.zeros((3, 4, 5), np.float32),
        score=1.0,
        score_before=1.0,
        score_after=0.5,
        flipped=True,
        area=0.1,
        evaluations=1,
    )
    found = map_of(change)
    assert found.shape == (4, 5)
    assert sorted(zip(*np.nonzero(found), strict=True)) == [(1, 2), (2, 2)]
    assert set(np.unique(found)) == {0.0, 1.0}
