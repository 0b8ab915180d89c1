"""What commands share: `key=value` options, and progress on a terminal."""

import sys
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_origin, get_type_hints

import typer
from pydantic import TypeAdapter, ValidationError

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.progress import Progress, silent

if TYPE_CHECKING:
    from xai_ad.training.recipe import Device, Recipe

_Choice = TypeVar("_Choice", bound=StrEnum)

Levels = Annotated[
    str | None,
    typer.Option(
        "--levels",
        help="How many grey levels pictures of more than 8 bits a pixel have: 256, 1024, 4096, 16384 or 65536, or 1 for "
        "floating point from 0 to 1. Without it their files say it, or all of them together.",
    ),
]
"""What every command that reads pictures takes."""


def white_of(levels: str | None) -> int | None:
    """Return the value that is white as `--levels` says it; raises `InvalidInputError` for another text."""
    from xai_ad.data.decoding import parse_levels

    return None if levels is None else parse_levels(levels)


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return `["a=1", "b=x"]` as `{"a": "1", "b": "x"}`."""
    found = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise InvalidInputError(f"An option is written name=value. Got {text!r}.")
        found[name] = value
    return found


def typed_fields(kind: type, texts: dict[str, str], *, valid: Collection[str], of: str) -> dict[str, Any]:
    """Return texts as the types of a dataclass's fields; raises for a name that is not valid and for an unfit value.

    A tuple is written with commas: `members=lrp,occlusion`.
    """
    hints = get_type_hints(kind)
    typed = {}
    for name, text in texts.items():
        if name not in valid:
            raise UnknownNameError(f"option of {of} called", name, valid)
        adapter = TypeAdapter(hints[name])
        is_tuple = get_origin(hints[name]) is tuple
        try:
            typed[name] = (
                adapter.validate_python(text.split(",")) if is_tuple else adapter.validate_strings(text)
            )
        except ValidationError as error:
            reason = error.errors()[-1]["msg"]
            raise InvalidInputError(f"The option {name!r} of {of} got {text!r}: {reason}.") from error
    return typed


def recipe_of(
    flags: Mapping[str, Any], texts: Sequence[str], *, valid: Collection[str], of: str, device: "Device"
) -> "Recipe":
    """Return a recipe of flags, None where they were not given, and of `name=value` texts, which overrule them.

    Trained is in what the machine is fastest in, where nothing else is asked for.
    """
    from xai_ad.machine.execution import Precision
    from xai_ad.machine.speeds import training_precision
    from xai_ad.training.recipe import Device, Recipe

    given = {name: value for name, value in flags.items() if value is not None}
    named = {"precision": Precision.AUTO} | given | typed_fields(Recipe, pairs(texts), valid=valid, of=of)
    if named["precision"] is Precision.AUTO:
        named["precision"] = training_precision(gpu=device is not Device.CPU)
    return Recipe(**named)


def one_of(kind: type[_Choice], text: str, what: str) -> _Choice:
    """Return a text as a member of an enumeration, or raise `UnknownNameError` naming the valid ones."""
    if text not in set(kind):
        raise UnknownNameError(what, text, kind)
    return kind(text)


def terminal_progress(what: str) -> Progress:
    """Return a progress line on stderr, where that is a terminal; silence elsewhere. The first 100 % ends it."""
    if not sys.stderr.isatty():
        return silent

    ended = False

    def show(fraction: float) -> None:
        nonlocal ended
        if ended:
            return
        ended = fraction >= 1
        end = "\n" if ended else ""
        sys.stderr.write(f"\r{what} {fraction:4.0%}{end}")
        sys.stderr.flush()

    return show
