"""Checks on real photographs, where they are at hand: `XAI_AD_DATA`, else `../shared/data`."""

import csv
import os
import shutil
import sys
from pathlib import Path

import pytest

from xai_ad.cli import main
from xai_ad.evaluation import evaluate
from xai_ad.store import find_model

DATA = Path(
    os.environ.get("XAI_AD_DATA") or Path(__file__).resolve().parent.parent.parent / "shared" / "data"
)
BOTTLE = DATA / "mvtec" / "bottle"

pytestmark = pytest.mark.skipif(not BOTTLE.is_dir(), reason=f"no MVTec bottle in {DATA}; set XAI_AD_DATA")


@pytest.mark.slow
def test_the_shipped_bottle_model_reproduces_its_cards_figures():
    stored = find_model("bottle-bcae1")
    metrics = evaluate(stored, BOTTLE, "mvtec").metrics
    recorded = stored.card.metrics["held-out"]
    for name in ("auc_roc", "auc_pr", "eer", "f1", "pixel_auc_roc"):
        assert metrics[name] == pytest.approx(recorded[name], abs=2e-3), name
    assert metrics["auc_roc"] >= 0.93
    assert metrics["pixel_auc_roc"] >= 0.60


def test_bottle_photographs_are_inspected_and_a_broken_file_keeps_its_row(tmp_path, monkeypatch):
    folder = tmp_path / "photos"
    folder.mkdir()
    for kind in ("good", "broken_large"):
        for path in sorted((BOTTLE / "test" / kind).iterdir())[:3]:
            shutil.copy(path, folder / f"{kind}-{path.name}")
    (folder / "notes.png").write_text("this is a text file")
    arguments = ["inspect", "--model", "bottle-bcae1", str(folder), "--output", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["xai_ad", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert not caught.value.code
    with (tmp_path / "out" / "results.csv").open() as file:
        rows = {Path(row["path"]).name: row for row in csv.DictReader(file)}
    assert len(rows) == 7
    assert "is not a PNG" in rows["notes.png"]["error"]
    assert all(rows[name]["is_anomalous"] == "True" for name in rows if name.startswith("broken"))
