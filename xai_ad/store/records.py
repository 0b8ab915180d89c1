"""What a stored model's JSON files hold. Parsed strictly: an unknown or missing key is an error."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
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
from xai_ad.detector.scores import Score, Scoring
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
    CLIP_QUANTILE = "clip-quantile"
    """By whole clips: the frames of one are alike, and no independent evidence of where a limit should lie."""
    MANUAL = "manual"
    """No image: a person set the limit, and said why."""


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
    """A calibration and the images that made it, so that it can be drawn and moved without the data.

    `quantile` is the share of normal images, or of whole clips, that are to pass, where it set the limit; of clips,
    `clips` says how many of the images each has, one clip after another. Of a limit that a person set, `reason` says why
    and `by` who, and the images are those of the calibration that it took the place of.
    """

    __pydantic_config__ = _STRICT

    id: str
    protocol: CalibrationProtocol
    quantile: float | None = None
    calibration: Calibration
    images: tuple[JudgedImage, ...]
    clips: tuple[int, ...] = ()
    reason: str | None = None
    by: str | None = None


_COLUMNS = tuple(each.name for each in fields(JudgedImage))


def _columns(images: Iterable[JudgedImage]) -> dict[str, list[Any]]:
    """Return images as their file holds them, column by column: a third of the bytes that a name for each figure takes."""
    rows = [asdict(image) for image in images]
    return {name: [row[name] for row in rows] for name in _COLUMNS}


def _rows(columns: Any) -> Any:
    """Take columns apart into rows; what older versions wrote is rows already."""
    if not isinstance(columns, dict):
        return columns
    if set(columns) != set(_COLUMNS) or len({len(column) for column in columns.values()}) > 1:
        raise ValueError(f"Images are columns of one length called {', '.join(_COLUMNS)}")
    return [
        dict(zip(_COLUMNS, row, strict=True))
        for row in zip(*(columns[name] for name in _COLUMNS), strict=True)
    ]


_SCORING, _FIGURES = ("score", "eta", "window"), ("threshold", "score_max", "map_scale")
_NOTED = ("reason", "by")
"""What a file has only where it is set: other versions, which know no such key, read it where it can be read."""


def _nested(flat: Any) -> Any:
    """Take together what of a calibration lies flat in a record's JSON."""
    if not isinstance(flat, dict) or "calibration" in flat:
        raise ValueError("A record of a calibration is an object of its fields")
    scoring = {name: flat[name] for name in _SCORING if name in flat}
    figures = {name: flat[name] for name in _FIGURES if name in flat}
    others = {name: value for name, value in flat.items() if name not in {*_SCORING, *_FIGURES}}
    images = {"images": _rows(flat["images"])} if "images" in flat else {}
    return {**others, **images, "calibration": {"scoring": scoring, **figures}}


def _flat(record: CalibrationRecord) -> dict[str, Any]:
    """Return a record as its JSON holds it."""
    calibration, scoring = record.calibration, record.calibration.scoring
    return {
        "id": record.id,
        "protocol": record.protocol,
        "quantile": record.quantile,
        "score": scoring.score,
        **{name: getattr(calibration, name) for name in _FIGURES},
        "images": _columns(record.images),
        "eta": scoring.eta,
        "window": scoring.window,
        **({"clips": record.clips} if record.clips else {}),
        **{name: value for name in _NOTED if (value := getattr(record, name)) is not None},
    }


_FlatRecord = Annotated[CalibrationRecord, BeforeValidator(_nested), PlainSerializer(_flat)]


@dataclass(frozen=True, kw_only=True)
class EvaluatedScores:
    """What every evaluated image scores, (N,), by one score; None in `score` where an older version did not say which."""

    __pydantic_config__ = _STRICT

    score: Score | None
    eta: float | None = None
    window: int | None = None
    values: tuple[float, ...]

    def is_of(self, scoring: Scoring) -> bool:
        """Whether these are the scores of such a scoring."""
        mine = (self.score, self.eta, self.window)
        return self.score is None or mine == (scoring.score, scoring.eta, scoring.window)


@dataclass(frozen=True, kw_only=True)
class EvaluationRecord:
    """The images of an evaluation, N of them, and their raw scores by each score that was stored then.

    `groups` names each one's clip, where the set has any: a clip's frames follow one another.
    """

    __pydantic_config__ = _STRICT

    label: tuple[int, ...]
    kind: tuple[str, ...]
    sha256: tuple[str, ...]
    groups: tuple[str, ...] | None = None
    scores: tuple[EvaluatedScores, ...]

    def images(self, scoring: Scoring) -> tuple[JudgedImage, ...]:
        """Return the images with their raw scores by a scoring; none where they were not scored so."""
        values = next((found.values for found in self.scores if found.is_of(scoring)), None)
        return () if values is None else self.rows(values)

    def rows(self, values: tuple[float, ...]) -> tuple[JudgedImage, ...]:
        """Return the images with a raw score each, (N,)."""
        columns = zip(values, self.label, self.kind, self.sha256, strict=True)
        return tuple(
            JudgedImage(score=score, label=label, kind=kind, sha256=sha256)
            for score, label, kind, sha256 in columns
        )


def _evaluation(value: Any) -> Any:
    """Take what older versions wrote, a row for each image, into columns."""
    if not isinstance(value, list):
        return value
    rows = JUDGED_IMAGES.validate_python(value)
    columns = _columns(rows)
    scores = columns.pop("score")
    return {**columns, "scores": [{"score": None, "values": scores}]}


@dataclass(frozen=True, kw_only=True)
class SplitRecord:
    """How the data was split for training."""

    __pydantic_config__ = _STRICT

    protocol: Protocol
    seed: int
    counts: dict[str, int]
    left_out: tuple[str, ...] = ()
    """The SHA-256 of what of the dataset took no part, split or not; of one of several copies `<SHA-256>:<path in the folder>`."""

    def record(self) -> dict[str, Any]:
        """Return the fields as JSON holds them, without `left_out` where nothing was: so cards had it before."""
        return {name: value for name, value in asdict(self).items() if name != "left_out" or value}


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
    split: Annotated[SplitRecord, PlainSerializer(SplitRecord.record)]
    preprocessing: Annotated[Preprocessing, PlainSerializer(Preprocessing.record)]
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
EVALUATION_RECORD: TypeAdapter[EvaluationRecord] = TypeAdapter(
    Annotated[EvaluationRecord, BeforeValidator(_evaluation)]
)
DEFAULT_MODELS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
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


def dump_record(adapter: TypeAdapter[_Record], value: _Record, *, indent: int | None = 1) -> bytes:
    """Return a record as the bytes of its JSON file; without `indent` on one line."""
    return adapter.dump_json(value, indent=indent) + b"\n"
