"""Cells that are stored models with made-up figures, so that what is made of them can be tested in a moment."""

from dataclasses import replace

import pytest

from xai_ad.experiments.base import Request, Source
from xai_ad.inference import Precision
from xai_ad.store import StoredModel
from xai_ad.training.recipe import Recipe


@pytest.fixture
def request_for(mvtec_folder, tmp_path):
    """A request on the small dataset with one epoch, announcing into a list."""

    def build(**fields):
        lines = []
        recipe = Recipe(epochs=1, batch_size=8, precision=Precision.FLOAT32)
        source = Source(data=mvtec_folder, layout="mvtec")
        named = {"output": tmp_path / "out", "sources": (source,), "runs": 1, "recipe": recipe} | fields
        return Request(**named, announce=lines.append), lines

    return build


@pytest.fixture
def with_figures(stored_model):
    """Build a stored model whose card bears the given figures."""

    def build(**figures) -> StoredModel:
        metrics = {
            "auc_roc": 0.5, "auc_pr": 0.5, "eer": 0.5, "f1": 0.9, "precision": 0.9, "recall": 0.9,
            "weighted": {"precision": 0.5, "recall": 0.5, "f1": 0.5}, "per_class": {"hole": 0.4, "stain": 0.6},
            "pixel_auc_roc": None, "aupro": None, "auc_roc_ssim": 0.5, "pixel_auc_roc_ssim": None, "aupro_ssim": None,
        }  # fmt: skip
        card = replace(stored_model.card, metrics={"held-out": metrics | figures})
        return StoredModel(path=stored_model.path, card=card)

    return build
