"""Bounds that are declared with a field: what they refuse, and what they tell."""

import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import ClassVar

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.explain import EXPLAINERS
from xai_ad.fields import Bound, Checked, bounds, check_fields, member, number, require_whole, whole


class Side(StrEnum):
    """A choice."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, kw_only=True)
class Cut(Checked):
    """A field of every kind."""

    count: int = whole(4, low=2, high=8)
    seed: int = whole(0, low=0)
    width: float = number(1.0, above=0)
    share: float = number(0.5, low=0.05, high=100.0)
    nu: float = number(0.1, above=0, high=1)
    decay: float = number(0.0, low=0)
    factor: float = number(0.5, above=0, below=1, wanted="between 0 and 1")
    side: Side = member(Side.LEFT)
    name: str = "free"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 1}, "The 'count' of Cut must be an int in [2, 8]. Got 1."),
        ({"count": 9}, "The 'count' of Cut must be an int in [2, 8]. Got 9."),
        ({"count": True}, "The 'count' of Cut must be an int in [2, 8]. Got True."),
        ({"count": 4.0}, "The 'count' of Cut must be an int in [2, 8]. Got 4.0."),
        ({"seed": -1}, "The 'seed' of Cut must be an int in [0, inf). Got -1."),
        ({"width": 0}, "The 'width' of Cut must be a positive number. Got 0."),
        ({"width": math.nan}, "The 'width' of Cut must be a positive number. Got nan."),
        ({"width": math.inf}, "The 'width' of Cut must be a positive number. Got inf."),
        ({"width": True}, "The 'width' of Cut must be a positive number. Got True."),
        ({"share": 0.01}, "The 'share' of Cut must be a number in [0.05, 100]. Got 0.01."),
        ({"nu": 0}, "The 'nu' of Cut must be a number in (0, 1]. Got 0."),
        ({"nu": 1.1}, "The 'nu' of Cut must be a number in (0, 1]. Got 1.1."),
        ({"decay": -1}, "The 'decay' of Cut must be a number in [0, inf). Got -1."),
        ({"factor": 1}, "The 'factor' of Cut must be between 0 and 1. Got 1."),
        ({"side": "left"}, "The 'side' of Cut must be a Side, one of: left, right. Got 'left'."),
    ],
)
def test_a_value_out_of_bounds_is_refused_quoting_it(changes, message):
    with pytest.raises(InvalidInputError) as error:
        Cut(**changes)
    assert str(error.value) == message


def test_ends_that_belong_to_a_range_are_taken():
    Cut(count=2, share=0.05, nu=1, decay=0, side=Side.RIGHT)
    Cut(count=8, share=100, seed=10**30)


def test_errors_call_a_configuration_by_its_own_name():
    @dataclass(frozen=True, kw_only=True)
    class Named(Checked):
        called: ClassVar[str] = "a recipe"
        epochs: int = whole(3, low=1)

    with pytest.raises(InvalidInputError, match="The 'epochs' of a recipe must be"):
        Named(epochs=0)
    with pytest.raises(InvalidInputError, match="The 'epochs' of it must be"):
        check_fields(type("Other", (Named,), {"__post_init__": lambda _: None})(epochs=0), of="it")


def test_bounds_are_data():
    found = bounds(Cut)
    assert list(found) == ["count", "seed", "width", "share", "nu", "decay", "factor", "side"]
    assert found["count"] == Bound(kind="int", low=2, high=8)
    assert found["factor"] == Bound(kind="number", above=0, below=1)
    assert json.loads(json.dumps(asdict(found["side"])))["choices"] == ["left", "right"]


def test_defaults_lie_within_their_bounds():
    assert Cut() == Cut(count=4)
    for explainer in EXPLAINERS.values():
        assert explainer()  # checked when made
        named = bounds(explainer)
        assert all("fill" not in field or named[field].kind == "choice" for field in named)


@pytest.mark.parametrize("value", [0, 4, True, 2.0])
def test_a_value_that_is_no_field_is_held_to_bounds_in_the_same_words(value):
    with pytest.raises(InvalidInputError) as caught:
        require_whole("runs", value, of="an experiment", low=1, high=3)
    assert str(caught.value) == f"The 'runs' of an experiment must be an int in [1, 3]. Got {value!r}."
    require_whole("runs", 3, of="an experiment", low=1, high=3)
