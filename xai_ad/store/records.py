"""What a stored model's JSON files hold. Parsed strictly: an unknown or missing key is an error."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar

import pydantic
from pydantic import TypeAdapter

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol
from xai_ad.data.specs import Subject
from xai_ad.detector.classifier import Calibration
from xai_ad.detector.losses import ETA, WINDOW
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import StoreError, XaiAdError

SCHEMA = 3
"""The card's schema. A later field raises it and migrates every shipped card in the same commit."""
OLDER = (1, 2)
"""Schemas that are read too, for what people trained with them: 1 knew no score but the squared error, 2 no crop that
scales with the picture."""

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
    score: Score
    threshold: float
    score_max: float
    map_scale: float
    images: tuple[JudgedImage, ...]
    eta: float = ETA
    window: int = WINDOW

    @property
    def scoring(self) -> Scoring:
        """The score with its parameters."""
        return self.calibration.scoring

    @property
    def calibration(self) -> Calibration:
        """What a classifier needs of it."""
        return Calibration(
            score=self.score,
            threshold=self.threshold,
            score_max=self.score_max,
            map_scale=self.map_scale,
            eta=self.eta,
            window=self.window,
        )


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
    """What a stored model is: everything needed to rebuild it, and everything a person should know before using it."""

    __pydantic_config__ = _STRICT

    id: str
    network: str
    options: dict[str, Any]
    dataset: str
    subject: Subject
    layout: str
    split: SplitRecord
    preprocessing: Preprocessing
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
    calibrations: tuple[CalibrationRecord, ...]


CALIBRATION_RECORDS: TypeAdapter[tuple[CalibrationRecord, ...]] = TypeAdapter(tuple[CalibrationRecord, ...])
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
