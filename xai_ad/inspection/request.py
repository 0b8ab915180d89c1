"""A question as data: which model, which image, which explainer with every option. It is JSON both ways.

It is the key of caches and jobs, and the provenance in `explanation.json`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self, get_type_hints

import pydantic
from pydantic import TypeAdapter

from xai_ad.detector.placement import Placement
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain import Consensus, Explainer, find_explainer
from xai_ad.store import Fingerprint

_LONGEST = 300
"""Characters of a value that an error quotes."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The bytes that a question is about: an image, or a clip of which one `frame`, by its number, is meant.

    `path` is the place as it was given; equal bytes are the same source under any name. `levels` is the value that was
    taken for white, of a file of more than 8 bits a pixel.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    path: str = field(compare=False)
    sha256: str
    frame: int | None = None
    levels: int | None = None

    def record(self) -> dict[str, Any]:
        """Return the source as its JSON object, without `levels` where the file has 8 bits."""
        return {name: value for name, value in asdict(self).items() if name != "levels" or value is not None}


@dataclass(frozen=True, kw_only=True)
class Request:
    """Everything that an explanation depends on, but for the program and the machine that compute it.

    The explainer has to be resolved: a precision and a batch size that the machine chooses are no data. Raises
    `InvalidInputError` for one that is not. `normal` is a normal image that was given to fill absent parts from,
    `placement` what of the source the network sees.

    >>> from xai_ad.explain import Residual
    >>> model = Fingerprint(id="washer-bcae1", network="a", weights="b", calibration="c", references="d")
    >>> request = Request(model=model, source=Source(path="part.png", sha256="e"), explainer=Residual())
    >>> request.record()["explainer"]
    {'method': 'residual', 'options': {}}
    >>> Request.parse(request.record()) == request
    True
    """

    model: Fingerprint
    source: Source
    explainer: Explainer
    normal: Source | None = None
    placement: Placement | None = None

    def __post_init__(self) -> None:
        if self.explainer.is_open:
            raise InvalidInputError(
                f"A request's explainer names its precision and batch size. Got {self.explainer}; resolve it first."
            )

    def record(self) -> dict[str, Any]:
        """Return the request as its JSON object."""
        return {
            "model": asdict(self.model),
            "source": self.source.record(),
            "normal": None if self.normal is None else self.normal.record(),
            "placement": None if self.placement is None else self.placement.record(),
            "explainer": explainer_record(self.explainer),
        }

    @classmethod
    def parse(cls, record: object) -> Self:
        """Return the request of a JSON object.

        Raises `InvalidInputError` for a key that is missing, unknown or holds what it cannot, quoting it, and
        `UnknownNameError` for a method or an option that does not exist.
        """
        kinds = {
            "model": Fingerprint,
            "source": Source,
            "normal": Source | None,
            "placement": Placement | None,
            "explainer": _ExplainerRecord,
        }
        if not isinstance(record, Mapping) or set(record) != set(kinds):
            keys = sorted(record) if isinstance(record, Mapping) else record
            raise InvalidInputError(f"A request has the keys {', '.join(kinds)}. Got {_quoted(keys)}.")
        parts = {name: _typed(kind, record[name], name) for name, kind in kinds.items()}
        return cls(**parts | {"explainer": _explainer(parts["explainer"])})


@dataclass(frozen=True, kw_only=True)
class _ExplainerRecord:
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    method: str
    options: dict[str, Any]


def explainer_record(explainer: Explainer) -> dict[str, Any]:
    """Return an explainer's id and every option as JSON; the members of a consensus are such records themselves."""
    if isinstance(explainer, Consensus):
        return {
            "method": explainer.id,
            "options": {"members": [explainer_record(one) for one in explainer.members]},
        }
    hints = get_type_hints(type(explainer))
    options = {}
    for option in fields(explainer):
        adapter = TypeAdapter(hints[option.name])
        value = adapter.validate_python(
            getattr(explainer, option.name)
        )  # a whole number may stand for a float
        options[option.name] = adapter.dump_python(value, mode="json")
    return {"method": explainer.id, "options": options}


def _explainer(record: _ExplainerRecord) -> Explainer:
    kind = find_explainer(record.method)
    hints = get_type_hints(kind) | {"members": tuple[_ExplainerRecord, ...]}
    valid = [option.name for option in fields(kind)]
    for name in record.options:
        if name not in valid:
            raise UnknownNameError(f"option of the explainer {record.method!r} called", name, valid)
    options = dict(kind.formerly) | {
        name: _typed(hints[name], value, f"explainer.options.{name}")
        for name, value in record.options.items()
    }
    if "members" in options:
        options["members"] = tuple(_explainer(one) for one in options["members"])
    return kind(**options)


def _typed(kind: Any, value: object, name: str) -> Any:
    """Return a JSON value as what it stands for; raises `InvalidInputError` for one of another type."""
    try:
        return TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
    except pydantic.ValidationError as error:
        problem = error.errors()[0]
        where = ".".join([name, *(str(part) for part in problem["loc"] if isinstance(part, str | int))])
        raise InvalidInputError(
            f"The request's {where!r} got {_quoted(problem['input'])}: {problem['msg']}."
        ) from error


def _quoted(value: object) -> str:
    """Return a value as an error quotes it: a file may hold anything."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
