"""What a stored model's JSON files hold. Parsed strictly: an unknown or missing key is an error."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pydantic
from pydantic import BeforeValidator, PlainSerializer, TypeAdapter

from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol
from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import Calibration
from xai_ad.errors import StoreError, XaiAdError

SCHEMA = 4
"""The card's schema. A later field raises it and migrates every shipped card in the same commit."""
OLDER = (1, 2, 3)
"""Schemas that are read too, for what people trained with them: 1 knew no score but the squared error, 2 no crop that
scales with the picture, 3 no shape of the pictures."""

_Record = TypeVar("_Record")
_STRICT: Any = {"extra": "forbid", "allow_inf_nan": False}


class CalibrationProtocol(StrEnum):
    """Which images set a threshold, and how."""

    HELD_OUT = "held-out"
    THESIS = "thesis"
    NORMAL_QUANTILE = "normal-quantile"


@dataclass(frozen=True, kw_only=True)
class JudgedImage:
    """One image that a calibration or an evaluation used: its raw score, label (1 anomalous), class and hash."""

    __pydantic_config__ = _STRICT

    score: float
    label: int
    kind: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class CalibrationRecord:
    """A calibration and the images that made it, so that it can be drawn and moved without the data."""

    __pydantic_config__ = _STRICT

    id: str
    protocol: CalibrationProtocol
    quantile: float | None = None
    calibration: Calibration
    images: tuple[JudgedImage, ...]


_SCORING, _FIGURES = ("score", "eta", "window"), ("threshold", "score_max", "map_scale")


def _nested(flat: Any) -> Any:
    """Take together what of a calibration lies flat in a record's JSON."""
    if not isinstance(flat, dict) or "calibration" in flat:
        raise ValueError("A record of a calibration is an object of its fields")
    scoring = {name: flat[name] for name in _SCORING if name in flat}
    figures = {name: flat[name] for name in _FIGURES if name in flat}
    others = {name: value for name, value in flat.items() if name not in {*_SCORING, *_FIGURES}}
    return {**others, "calibration": {"scoring": scoring, **figures}}


def _flat(record: CalibrationRecord) -> dict[str, Any]:
    """Return a record as its JSON holds it."""
    calibration, scoring = record.calibration, record.calibration.scoring
    return {
        "id": record.id,
        "protocol": record.protocol,
        "quantile": record.quantile,
        "score": scoring.score,
        **{name: getattr(calibration, name) for name in _FIGURES},
        "images": record.images,
        "eta": scoring.eta,
        "window": scoring.window,
    }


_FlatRecord = Annotated[CalibrationRecord, BeforeValidator(_nested), PlainSerializer(_flat)]


@dataclass(frozen=True, kw_only=True)
class SplitRecord:
    """How the data was split for training."""

    __pydantic_config__ = _STRICT

    protocol: Protocol
    seed: int
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """What training cost and what ended it."""

    __pydantic_config__ = _STRICT

    recipe: dict[str, str | int | float | bool | None]
    epochs: int
    seed: int
    seconds: float
    images_seen: int
    ended_by: str


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What a stored model is: everything needed to rebuild it, and everything a person should know before using it.

    >>> from xai_ad import ModelCard, load
    >>> card = load("washer-bcae1")[1]
    >>> isinstance(card, ModelCard), card.network, card.preprocessing.size, card.licence
    (True, 'bcae1', 128, 'MIT')
    """

    __pydantic_config__ = _STRICT

    id: str
    network: str
    options: dict[str, Any]
    dataset: str
    subject: Subject
    layout: str
    split: SplitRecord
    preprocessing: Preprocessing
    photograph: Proportions | None = None
    """The shape of the training images before anything was done to them; None where an older version trained."""
    parent: str | None
    weights_dtype: Literal["float32", "float16"]
    loss: str
    calibration: str
    training: TrainingRecord
    metrics: dict[str, dict[str, Any]]
    versions: dict[str, str]
    licence: str
    sha256: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA


@dataclass(frozen=True, kw_only=True)
class OwnCalibrations:
    """New calibrations of a shipped model, kept in the user's folder."""

    __pydantic_config__ = _STRICT

    weights_sha256: str
    active: str
    calibrations: tuple[_FlatRecord, ...]


CALIBRATION_RECORDS: TypeAdapter[tuple[CalibrationRecord, ...]] = TypeAdapter(tuple[_FlatRecord, ...])
JUDGED_IMAGES: TypeAdapter[tuple[JudgedImage, ...]] = TypeAdapter(tuple[JudgedImage, ...])
MODEL_CARD: TypeAdapter[ModelCard] = TypeAdapter(ModelCard)
OWN_CALIBRATIONS: TypeAdapter[OwnCalibrations] = TypeAdapter(OwnCalibrations)


def parse_record(adapter: TypeAdapter[_Record], data: bytes, path: Path) -> _Record:
    """Parse a JSON file's bytes; raises `StoreError` naming the file, the key and what is wrong with it."""
    try:
        return adapter.validate_json(data)
    except pydantic.ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise StoreError(f"{str(path)!r} does not follow its schema: {where!r}: {problem['msg']}.") from error
    except XaiAdError as error:
        raise StoreError(f"{str(path)!r} does not follow its schema: {error}") from error


def dump_record(adapter: TypeAdapter[_Record], value: _Record) -> bytes:
    """Return a record as the bytes of its JSON file."""
    return adapter.dump_json(value, indent=1) + b"\n"
