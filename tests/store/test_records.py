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
WRITTEN = (
    '[{"id":"compound-held-out","protocol":"held-out","quantile":null,"score":"compound","threshold":0.5,'
    '"score_max":2.0,"map_scale":4.0,"images":{"score":[0.75],"label":[1],"kind":["hole"],"sha256":'
    f'["{"0" * 64}"]}},"eta":0.25,"window":7}}]\n'
)


def test_a_calibration_lies_flat_in_its_file():
    assert dump_record(CALIBRATION_RECORDS, (RECORD,), indent=None).decode() == WRITTEN
    assert parse_record(CALIBRATION_RECORDS, WRITTEN.encode(), Path("calibrations.json")) == (RECORD,)


def test_why_a_person_set_a_limit_is_written_where_it_is_known():
    noted = replace(RECORD, protocol=CalibrationProtocol.MANUAL, reason="the line was cleaned", by="Ada")
    written = dump_record(CALIBRATION_RECORDS, (noted,), indent=None)
    assert b'"window":7,"reason":"the line was cleaned","by":"Ada"}' in written
    assert parse_record(CALIBRATION_RECORDS, written, Path("calibrations.json")) == (noted,)
    assert b"reason" not in dump_record(CALIBRATION_RECORDS, (RECORD,))


def test_rows_of_images_are_read_as_versions_before_wrote_them():
    (entry,) = json.loads(WRITTEN)
    rows = [{"score": 0.75, "label": 1, "kind": "hole", "sha256": "0" * 64}]
    old = json.dumps([{**entry, "images": rows}]).encode()
    assert parse_record(CALIBRATION_RECORDS, old, Path("calibrations.json")) == (RECORD,)


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
        ({"images": {"score": [1.0]}}, "columns of one length called score, label, kind, sha256"),
        ({"images": {"score": [1.0], "label": [], "kind": [], "sha256": []}}, "columns of one length"),
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
    again = dump_record(CALIBRATION_RECORDS, records, indent=None)
    assert parse_record(CALIBRATION_RECORDS, again, path) == records
    assert json.loads(again) == [
        {"eta": 0.5, "window": 11, "quantile": None, **entry, "images": in_columns(entry["images"])}
        for entry in json.loads(path.read_bytes())
    ]


def in_columns(images):
    """Images as they are written now, whichever way they were."""
    if isinstance(images, dict):
        return images
    return {name: [image[name] for image in images] for name in ("score", "label", "kind", "sha256")}
