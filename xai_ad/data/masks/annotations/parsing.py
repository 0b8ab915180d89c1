"""What the readers of annotations share: parsed files, checked by their schemas, and what names say."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from xai_ad.data.masks.annotations.base import Drawn
from xai_ad.data.wording import NORMAL_NAMES, bare
from xai_ad.errors import DatasetError

_NO_DEFECT = NORMAL_NAMES | {"background", "bg", "ignore", "ignored"}
_Content = TypeVar("_Content", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What a file, or several, draw on pictures, and what a person should know of how they were read."""

    drawn: tuple[Drawn, ...] = ()
    notes: tuple[str, ...] = ()


def parsed(schema: type[_Content], value: Any, file: Path, kind: str) -> _Content:
    """Return a JSON value by a schema; raises `DatasetError` with the first place that does not follow it."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        first = min(error.errors(), key=lambda found: -len(found["loc"]))
        place = ".".join(
            str(part) for part in first["loc"] if not str(part).startswith(("list[", "_", "function"))
        )
        shown = repr(first["input"])
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        raise DatasetError(
            f"{file} is no {kind} file that can be read: {place}: {first['msg']}. Got {shown}."
        ) from error


def is_no_defect(label: str) -> bool:
    """Return whether a label says that what it names is no defect.

    >>> is_no_defect("__ignore__"), is_no_defect("No-Defect"), is_no_defect("scratch")
    (True, True, False)
    """
    return bare(label) in _NO_DEFECT
