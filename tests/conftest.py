"""What every test may use: a small dataset written on the spot."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol
from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import Calibration
from xai_ad.networks import build_network
from xai_ad.store import (
    CalibrationProtocol,
    CalibrationRecord,
    JudgedImage,
    ModelCard,
    SplitRecord,
    StoredModel,
    TrainingRecord,
    find_model,
    save_model,
    versions,
)

if "PYTEST_XDIST_WORKER" in os.environ:  # of several processes, which would take each other's cores
    torch.set_num_threads(1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the processes that tests begin


@pytest.fixture(autouse=True)
def own_execution(monkeypatch):
    """No test depends on what the machine is fastest with, or waits until that is measured."""
    monkeypatch.setenv("XAI_AD_PRECISION", "float32")
    monkeypatch.setenv("XAI_AD_BATCH_SIZE", "32")


def write_picture(path: Path, seed: int, *, size: int = 32, bright: bool = False) -> Path:
    """Write a small grey-blue gradient with noise; a bright one has a white square."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(40, 120, size)[None, :, None] * np.array([1.0, 1.1, 1.3])
    pixels = np.broadcast_to(ramp, (size, size, 3)) + rng.normal(0, 6, (size, size, 3))
    if bright:
        pixels[size // 4 : size // 2, size // 4 : size // 2] = 250
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def mvtec_folder(tmp_path):
    """A category in the layout of MVTec AD: 12 train, 6 good, 5 of each of two defects, masks for one of them."""
    root = tmp_path / "widget"
    for index in range(12):
        write_picture(root / "train/good" / f"{index:03d}.png", index)
    for index in range(6):
        write_picture(root / "test/good" / f"{index:03d}.png", 100 + index)
    for index in range(5):
        write_picture(root / "test/hole" / f"{index:03d}.png", 200 + index, bright=True)
        write_picture(root / "test/stain" / f"{index:03d}.png", 300 + index, bright=True)
        mask = np.zeros((32, 32), np.uint8)
        mask[8:16, 8:16] = 255
        path = root / "ground_truth/hole" / f"{index:03d}_mask.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).save(path)
    return root


@pytest.fixture
def stored_model(tmp_path) -> StoredModel:
    """An untrained BCAE1, stored with a made-up calibration."""
    record = CalibrationRecord(
        id="squared_error-held-out",
        protocol=CalibrationProtocol.HELD_OUT,
        calibration=Calibration(threshold=0.05, score_max=0.2, map_scale=4.0),
        images=(JudgedImage(score=0.02, label=0, kind="good", sha256="0" * 64),),
    )
    network = build_network("bcae1")
    card = ModelCard(
        id="widget-bcae1",
        network="bcae1",
        options={},
        dataset="widget",
        subject=Subject.PART,
        layout="mvtec",
        split=SplitRecord(protocol=Protocol.HELD_OUT, seed=0, counts={"train": 1}),
        preprocessing=Preprocessing(),
        parent=None,
        weights_dtype="float32",
        loss="mse",
        calibration=record.id,
        training=TrainingRecord(recipe={}, epochs=1, seed=0, seconds=1.0, images_seen=1, ended_by="epochs"),
        metrics={},
        versions=versions(),
        licence="MIT",
    )
    references = {"mean": network.decoder[-1][0].weight.detach().new_full((3, 128, 128), 0.5)}
    return save_model(
        tmp_path / "models" / card.id, card, network=network, references=references, calibrations=(record,)
    )


@pytest.fixture
def square_model(stored_model) -> StoredModel:
    """That model, which knows that its training images were squares."""
    path = stored_model.path / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"photograph": {"width": 1, "height": 1}}))
    return find_model(stored_model.path)


@pytest.fixture
def calibration() -> Calibration:
    return Calibration(threshold=0.05, score_max=0.2, map_scale=4.0)
