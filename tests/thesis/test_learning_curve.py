import json
from dataclasses import replace

import numpy as np
import pytest

from xai_ad.data.layouts import Protocol
from xai_ad.errors import InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.store import find_model
from xai_ad.thesis.learning_curve import LEARNING_CURVE
from xai_ad.training.pipeline import TrainingTask, train_model


def test_the_curve_holds_what_evaluating_each_kept_network_gives(request_for, mvtec_folder, tmp_path):
    request, _ = request_for()
    task = TrainingTask(
        network="bcae1",
        options={},
        data=mvtec_folder,
        layout="mvtec",
        protocol=Protocol.HELD_OUT,
        recipe=replace(request.recipe, epochs=2),
    )
    train_model(task, tmp_path / "model", keep_every=1)
    kept = tmp_path / "model.epochs"
    _, _, record = LEARNING_CURVE.run(replace(request, models=kept))
    rows = json.loads(record.read_text())["rows"]
    assert [(row["epochs"], row["images_seen"]) for row in rows] == [(1, 10), (2, 20)]
    for row, name in zip(rows, ("model-0001", "model-0002"), strict=True):
        metrics = evaluate(find_model(kept / name), mvtec_folder, "mvtec").metrics
        assert row["test"]["squared_error"]["auc_roc"] == pytest.approx(metrics["auc_roc"])
        assert row["test"]["ssim"]["auc_roc"] == pytest.approx(metrics["auc_roc_ssim"])
        mean = np.mean(list(metrics["per_class"].values()))
        assert row["test"]["squared_error"]["mean"] == pytest.approx(mean)
    path = kept / "model-0002" / "card.json"
    card = json.loads(path.read_text())
    card["training"]["seed"] = 9
    path.write_text(json.dumps(card))
    with pytest.raises(InvalidInputError, match="not of one training"):
        LEARNING_CURVE.run(replace(request, models=kept))


def test_a_curve_is_of_networks_trained_on_the_data_given(request_for, stored_model):
    request, _ = request_for()
    with pytest.raises(InvalidInputError, match=r"widget-bcae1.*not on 'widget' with"):
        LEARNING_CURVE.run(replace(request, models=stored_model.path.parent))


def test_a_curve_needs_kept_networks(request_for, tmp_path):
    request, _ = request_for()
    with pytest.raises(InvalidInputError, match="--keep-every"):
        LEARNING_CURVE.run(request)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInputError, match="no models"):
        LEARNING_CURVE.run(replace(request, models=tmp_path / "empty"))
