"""What of a stored model a result depends on, as hashes that can be compared later."""

import json
from dataclasses import dataclass, field

from xai_ad.data.decoding import sha256_of
from xai_ad.machine.places import home, shipped_models
from xai_ad.store.loading import load_calibration
from xai_ad.store.models import REFERENCES, WEIGHTS, StoredModel
from xai_ad.store.records import CalibrationProtocol


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """A model's id and the SHA-256 of everything of it that a result depends on.

    `weights` and `references` are those of the files, `network` that of the architecture, its options and how images
    are prepared, `calibration` that of the active calibration's figures, whatever its name. `path` is where a model
    lies that its id does not find; it takes no part in comparisons.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    id: str
    path: str | None = field(default=None, compare=False)
    network: str
    weights: str
    calibration: str
    references: str


def fingerprint(stored: StoredModel, calibration: str | None = None) -> Fingerprint:
    """Return a stored model's fingerprint under its active calibration, or under the one of an id.

    Raises `StoreError` where its calibrations cannot be read.
    """
    card = stored.card
    record = load_calibration(stored, calibration)
    calibrated, scoring = record.calibration, record.calibration.scoring
    figures = [calibrated.threshold, calibrated.score_max, calibrated.map_scale]
    # A person's limit at the same place has no uncertainty of its own, and is another.
    manual = [record.protocol] if record.protocol is CalibrationProtocol.MANUAL else []
    listed = {folder.resolve() for folder in (shipped_models(), home() / "models")}
    return Fingerprint(
        id=card.id,
        path=None if stored.path.resolve().parent in listed else str(stored.path.resolve()),
        network=_sha256([card.network, card.options, card.preprocessing.record()]),
        weights=card.sha256.get(WEIGHTS, ""),
        calibration=_sha256([scoring.score, scoring.eta, scoring.window, *figures, *manual]),
        references=card.sha256.get(REFERENCES, ""),
    )


def _sha256(value: object) -> str:
    return sha256_of(json.dumps(value, sort_keys=True).encode())
