import json

import pytest

from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError
from xai_ad.machine.places import shipped_models
from xai_ad.thesis import results, speed
from xai_ad.thesis.results import RESULTS


def test_every_shipped_model_stands_with_the_figures_of_its_card(request_for, monkeypatch, tmp_path):
    monkeypatch.setattr(speed, "BATCH", 1)
    monkeypatch.setattr(speed, "ROUNDS", 1)
    request, _ = request_for(sources=())
    markdown, record = RESULTS.run(request)
    text = markdown.read_text()
    rows = {row["model"]: row for row in json.loads(record.read_text())["models"]}
    for path in shipped_models().glob("*/card.json"):
        card = json.loads(path.read_text())
        figures = card["metrics"]["held-out"]
        assert rows[card["id"]]["figures"]["auc_roc"] == figures["auc_roc"]
        line = next(line for line in text.splitlines() if line.startswith(f"| `{card['id']}`"))
        assert f"{figures['auc_roc']:.3f}" in line
        records = json.loads((path.parent / "calibrations.json").read_text())
        (active,) = (record for record in records if record["id"] == card["calibration"])
        assert line.startswith(
            f"| `{card['id']}` | {active['score'].replace('_', ' ').replace('ssim', 'SSIM')} | "
        )
    assert "The thesis's claims" not in text


@pytest.mark.parametrize("scores", [list(Score), ["squared_error", "ssim"]])
def test_records_of_other_experiments_stand_under_the_tables(request_for, monkeypatch, tmp_path, scores):
    monkeypatch.setenv("XAI_AD_MODELS", str(tmp_path))
    curve = {
        "models": "m.epochs",
        "dataset": "skin",
        "protocol": "held-out",
        "rows": [
            {
                "epochs": 5,
                "images_seen": 50,
                **{part: {score: {"mean": 0.71234} for score in scores} for part in ("calibration", "test")},
            }
        ],
    }
    (tmp_path / "learning-curve.json").write_text(json.dumps(curve))
    request, _ = request_for(sources=(), models=tmp_path)
    text = RESULTS.run(request)[0].read_text()
    assert "## How detection develops through a training" in text
    assert text.count("0.712") == 2 * len(scores)


@pytest.mark.parametrize(
    ("content", "said"), [(None, "neither claims.json nor"), ("{", "no record"), ("{}", "no record")]
)
def test_a_damaged_or_missing_record_is_told_before_anything_is_measured(
    request_for, monkeypatch, tmp_path, content, said
):
    monkeypatch.setattr(results, "_row", lambda stored: pytest.fail("measured"))
    if content is not None:
        (tmp_path / "claims.json").write_text(content)
    request, _ = request_for(sources=(), models=tmp_path)
    with pytest.raises(InvalidInputError, match=said):
        RESULTS.run(request)


def test_a_model_without_figures_is_named(request_for, stored_model, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    request, _ = request_for(sources=())
    with pytest.raises(InvalidInputError, match=r"widget-bcae1.*evaluate --model"):
        RESULTS.run(request)
