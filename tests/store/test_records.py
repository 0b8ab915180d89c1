import json
from dataclasses import replace
from pathlib import Path

import pytest

from xai_ad.detector.calibration import Calibration
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import StoreError
from xai_ad.machine.places import shipped_models
from xai_ad.store import CalibrationProtocol, CalibrationRecord, JudgedImage
from xai_ad.store.records import CALIBRATION_RECORDS, dump_record, parse_record

RECORD = CalibrationRecord(
    id="compound-held-out",
    protocol=CalibrationProtocol.HELD_OUT,
    calibration=Calibration(
        scoring=Scoring(score=Score.COMPOUND, eta=0.25, window=7), threshold=0.5, score_max=2.0, map_scale=4.0
    ),
    images=(JudgedImage(score=0.75, label=1, kind="hole", sha256="0" * 64),),
)
WRITTEN = """[
 {
  "id": "compound-held-out",
  "protocol": "held-out",
  "quantile": null,
  "score": "compound",
  "threshold": 0.5,
  "score_max": 2.0,
  "map_scale": 4.0,
  "images": [
   {
    "score": 0.75,
    "label": 1,
    "kind": "hole",
    "sha256": "0000000000000000000000000000000000000000000000000000000000000000"
   }
  ],
  "eta": 0.25,
  "window": 7
 }
]
"""
"""What versions before wrote of the same calibration."""


def test_a_calibration_lies_flat_in_its_file():
    assert dump_record(CALIBRATION_RECORDS, (RECORD,)).decode() == WRITTEN
    assert parse_record(CALIBRATION_RECORDS, WRITTEN.encode(), Path("calibrations.json")) == (RECORD,)


def test_what_a_file_leaves_out_is_the_default():
    (entry,) = json.loads(WRITTEN)
    del entry["eta"], entry["window"], entry["quantile"]
    (record,) = parse_record(CALIBRATION_RECORDS, json.dumps([entry]).encode(), Path("calibrations.json"))
    assert record == replace(
        RECORD, calibration=replace(RECORD.calibration, scoring=Scoring(score=Score.COMPOUND))
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"more": 1}, "'0.more'"),
        ({"calibration": {}}, "'0': "),
        ({"score": "mse"}, "score"),
        ({"threshold": -1.0}, "'threshold' of a calibration must be positive"),
        ({"window": 4}, "'window' of SSIM"),
        ({"id": None}, "'0.id'"),
    ],
)
def test_what_is_no_calibration_is_told(changed, told):
    (entry,) = json.loads(WRITTEN)
    with pytest.raises(StoreError, match=told):
        parse_record(
            CALIBRATION_RECORDS, json.dumps([{**entry, **changed}]).encode(), Path("calibrations.json")
        )


@pytest.mark.parametrize(
    "path", sorted(shipped_models().glob("*/calibrations.json")), ids=lambda p: p.parent.name
)
def test_shipped_calibrations_are_written_as_they_are_read(path):
    records = parse_record(CALIBRATION_RECORDS, path.read_bytes(), path)
    assert json.loads(dump_record(CALIBRATION_RECORDS, records)) == [
        {"eta": 0.5, "window": 11, "quantile": None, **entry} for entry in json.loads(path.read_bytes())
    ]
