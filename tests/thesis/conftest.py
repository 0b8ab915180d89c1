"""Cells that are stored models with made-up figures, so that what is made of them can be tested in a moment."""

from dataclasses import replace

import pytest

from tests.data.videos.writing import write_frames
from xai_ad.machine.execution import Precision
from xai_ad.store import StoredModel
from xai_ad.thesis.base import Request, Source
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


@pytest.fixture
def ped2_folder(tmp_path):
    """Ped 2 in small: three training clips of 8 frames; four of test, the last half of the first one's 24 anomalous."""
    root = tmp_path / "UCSDped2"
    size = (36, 24)
    for clip in (1, 2, 3):
        write_frames(root / f"Train/Train00{clip}", range(clip, clip + 8), size=size)
    write_frames(root / "Test/Test001", range(1, 25), size=size)
    for clip, first in ((2, 8), (3, 3), (4, 12)):
        write_frames(root / f"Test/Test00{clip}", range(first, first + 8), size=size)
    (root / "Test/labels.m").write_text(
        "a.gt_frame = [13:24];\nb.gt_frame = [8:11];\nc.gt_frame = [4];\nd.gt_frame = [19];\n"
    )
    return root


@pytest.fixture
def video_request_for(request_for, ped2_folder):
    """A request on the small set of videos."""

    def build(**fields):
        return request_for(sources=(Source(data=ped2_folder, layout="ucsd"),), **fields)

    return build
