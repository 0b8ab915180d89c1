"""A model's limits: one that a person sets, with a reason and a name, and those that there were, which stay."""

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path

from xai_ad.data.layouts import ANOMALOUS, NORMAL
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError
from xai_ad.store import (
    CalibrationProtocol,
    CalibrationRecord,
    StoredModel,
    activate_calibration,
    add_calibration,
    find_model,
    load_calibration,
    load_calibrations,
)

LONGEST_REASON, LONGEST_NAME = 500, 100
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One of a model's calibrations and how it does among its own images.

    `threshold` is raw. `false_alarms` is the share of its `normals` above it, `caught` that of its `anomalies`; each is
    None where it has no such images. `reason` and `by` are those of a limit that a person set.
    """

    id: str
    protocol: CalibrationProtocol
    score: Score
    threshold: float
    quantile: float | None
    normals: int
    anomalies: int
    false_alarms: float | None
    caught: float | None
    reason: str | None
    by: str | None
    is_active: bool


def set_limit(
    model: str | Path | StoredModel, threshold: float, *, reason: str, by: str
) -> CalibrationRecord:
    """Set a model's limit by hand, raw, and make it the active one; all others are kept.

    Score and images are those of the calibration that was active. What is scaled by the limit follows it: `map_scale`,
    so that a map's scale ends at the same error as before, and `score_max` where it is twice the limit for want of
    anomalous images.

    Raises `InvalidInputError` unless the threshold is positive and finite and a reason and a name are given.
    """
    threshold = float(threshold)
    if not (math.isfinite(threshold) and threshold > 0):
        raise InvalidInputError(f"A limit is a positive, finite score. Got {threshold!r}.")
    reason = _said(reason, "reason", "Say why the limit is moved", LONGEST_REASON)
    by = _said(by, "name", "Say who moves it", LONGEST_NAME)
    stored = _found(model)
    former = load_calibration(stored)
    calibration = _moved(former, threshold)
    parts = [repr(threshold), reason, by, repr(calibration.scoring), *(one.sha256 for one in former.images)]
    fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
    record = replace(
        former,
        id=f"{calibration.scoring.score}-{CalibrationProtocol.MANUAL}-{fingerprint}",
        protocol=CalibrationProtocol.MANUAL,
        quantile=None,
        calibration=calibration,
        reason=reason,
        by=by,
    )
    add_calibration(stored, record)
    return record


def restore_limit(model: str | Path | StoredModel, calibration_id: str) -> CalibrationRecord:
    """Make one of a model's calibrations the active one again, and return it; raises `UnknownNameError`."""
    stored = activate_calibration(_found(model), calibration_id)
    return load_calibration(stored, calibration_id)


def limits_of(model: str | Path | StoredModel) -> tuple[Limit, ...]:
    """Return all of a model's limits: the user's own of a shipped model first, then those it came with."""
    stored = _found(model)
    active = load_calibration(stored).id
    found = {record.id: record for record in reversed(load_calibrations(stored))}
    return tuple(_limit(record, is_active=record.id == active) for record in reversed(found.values()))


def _found(model: str | Path | StoredModel) -> StoredModel:
    """Return a model as it is now: the active calibration may have changed since it was read."""
    return find_model(model.path if isinstance(model, StoredModel) else model)


def _moved(former: CalibrationRecord, threshold: float) -> Calibration:
    """Return a record's calibration with another limit, and what is scaled by it."""
    calibration = former.calibration
    highest = max((image.score for image in former.images if image.label == ANOMALOUS), default=0.0)
    return replace(
        calibration,
        threshold=threshold,
        score_max=highest if highest > 0 else 2 * threshold,
        map_scale=calibration.map_scale * calibration.threshold / threshold,
    )


def _limit(record: CalibrationRecord, *, is_active: bool) -> Limit:
    normals, anomalies = (
        [image.score for image in record.images if image.label == label] for label in (NORMAL, ANOMALOUS)
    )
    return Limit(
        id=record.id,
        protocol=record.protocol,
        score=record.calibration.scoring.score,
        threshold=record.calibration.threshold,
        quantile=record.quantile,
        normals=len(normals),
        anomalies=len(anomalies),
        false_alarms=_share_above(normals, record),
        caught=_share_above(anomalies, record),
        reason=record.reason,
        by=record.by,
        is_active=is_active,
    )


def _share_above(scores: list[float], record: CalibrationRecord) -> float | None:
    above = sum(record.calibration.is_anomalous(score) for score in scores)
    return above / len(scores) if scores else None


def _said(text: str, what: str, todo: str, longest: int) -> str:
    """Return a person's words on one line."""
    plain = " ".join(text.split())
    if not plain or len(plain) > longest:
        raise InvalidInputError(
            f"A limit needs a {what} of 1 to {longest} characters. {todo}. Got {plain[:40]!r}."
        )
    return plain
