"""Hyper-parameters with their bounds: declared once, with the field, and read by who checks and by who draws.

A field of a frozen dataclass is declared by `whole`, `number` or `member` instead of by its bare default. `Checked`
holds every instance to what was declared, and a page asks `bounds` for a slider's range.

>>> @dataclass(frozen=True, kw_only=True)
... class Smoothing(Checked):
...     steps: int = whole(8, low=1)
...     sigma: float = number(1.0, above=0)
>>> bounds(Smoothing)["steps"]
Bound(kind='int', low=1, high=None, above=None, below=None, choices=())
>>> Smoothing(steps=0)
Traceback (most recent call last):
xai_ad.errors.InvalidInputError: The 'steps' of Smoothing must be an int in [1, inf). Got 0.
"""

import math
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, Literal, TypeVar

from xai_ad.errors import InvalidInputError

_BOUND, _KIND, _WANTED = "bound", "kind", "wanted"
_Member = TypeVar("_Member", bound=Enum)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What a field may hold, as plain values that `dataclasses.asdict` turns into JSON.

    `low` and `high` belong to the range, `above` and `below` do not; None leaves an end open. A choice is one of
    `choices`.
    """

    kind: Literal["int", "number", "choice"]
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()

    def holds(self, value: float) -> bool:
        """Return whether a number lies in the range; infinity lies in none."""
        return (
            -math.inf < value < math.inf
            and (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        """Say what is wanted, as an error does."""
        if (self.kind, self.above) == ("number", 0) and self.high is self.below is None:
            return "a positive number"
        start = f"({self.above:g}" if self.above is not None else f"[{_plain(self.low)}"
        end = f"{_plain(self.high)}]" if self.high is not None else f"{_plain(self.below)})"
        return f"{'an int' if self.kind == 'int' else 'a number'} in {start}, {end}"


def whole(default: int, *, low: int, high: int | None = None, wanted: str | None = None) -> int:
    """Declare a field that holds an int in [low, high]; `wanted` replaces the words that an error has for it."""
    found: int = _declared(default, Bound(kind="int", low=low, high=high), wanted)
    return found


def number(
    default: float,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
    wanted: str | None = None,
) -> float:
    """Declare a field that holds a finite number between bounds (see `Bound`)."""
    bound = Bound(kind="number", low=low, high=high, above=above, below=below)
    found: float = _declared(default, bound, wanted)
    return found


def member(default: _Member) -> _Member:
    """Declare a field that holds a member of the default's enumeration."""
    kind = type(default)
    choices = tuple(str(choice.value) for choice in kind)
    found: _Member = field(
        default=default,
        metadata={
            _BOUND: Bound(kind="choice", choices=choices),
            _KIND: kind,
            _WANTED: f"a {kind.__name__}, one of: {', '.join(choices)}",
        },
    )
    return found


def bounds(kind: type) -> dict[str, Bound]:
    """Return what the declared fields of a dataclass may hold, by name."""
    return {each.name: each.metadata[_BOUND] for each in fields(kind) if _BOUND in each.metadata}


def check_fields(instance: Any, *, of: str) -> None:
    """Raise `InvalidInputError` for the first declared field of a dataclass that holds what it may not."""
    for each in fields(instance):
        bound: Bound | None = each.metadata.get(_BOUND)
        value = getattr(instance, each.name)
        if bound is not None and not _fits(value, bound, each.metadata.get(_KIND)):
            raise _unfit(each.name, value, of=of, wanted=each.metadata.get(_WANTED) or bound)


def require_whole(name: str, value: Any, *, of: str, low: int, high: int | None = None) -> None:
    """Raise `InvalidInputError` unless a value that is no declared field is an int in [low, high]."""
    bound = Bound(kind="int", low=low, high=high)
    if not _fits(value, bound, None):
        raise _unfit(name, value, of=of, wanted=bound)


class Checked:
    """The base of dataclasses whose instances are checked when they are made; `called` is what errors call them."""

    called: ClassVar[str] = ""

    def __post_init__(self) -> None:
        check_fields(self, of=self.called or type(self).__name__)


def _fits(value: Any, bound: Bound, kind: type[Enum] | None) -> bool:
    if kind is not None:
        return isinstance(value, kind)
    types = int if bound.kind == "int" else (int, float)
    return isinstance(value, types) and not isinstance(value, bool) and bound.holds(value)


def _unfit(name: str, value: Any, *, of: str, wanted: str | Bound) -> InvalidInputError:
    return InvalidInputError(f"The '{name}' of {of} must be {wanted}. Got {value!r}.")


def _declared(default: Any, bound: Bound, wanted: str | None) -> Any:
    return field(default=default, metadata={_BOUND: bound, _WANTED: wanted})


def _plain(end: float | None) -> str:
    if end is None:
        return "inf"
    return f"{end:g}" if isinstance(end, float) else str(end)
