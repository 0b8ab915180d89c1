"""Explains what an anomaly-detecting convolutional autoencoder decided.

    from xai_ad import load, read_image, KernelShap
    classifier, card = load("models/washer-bcae1")
    image = read_image("part.png", card)
    prediction = classifier.predict(image[None])
    explanation = KernelShap(budget=512, seed=0).explain(classifier, image)

Names are imported when they are first used, so that `python -m xai_ad --help` does not pay for torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xai_ad.data.reading import read_image
    from xai_ad.detector.calibration import Calibration
    from xai_ad.detector.detector import AnomalyClassifier, Prediction
    from xai_ad.errors import XaiAdError
    from xai_ad.explain import EXPLAINERS, CounterfactualSearch, KernelShap, Lime, Lrp, Residual
    from xai_ad.store import ModelCard, list_models, load

__version__ = "0.1.0"

__all__ = [
    "EXPLAINERS",
    "AnomalyClassifier",
    "Calibration",
    "CounterfactualSearch",
    "KernelShap",
    "Lime",
    "Lrp",
    "ModelCard",
    "Prediction",
    "Residual",
    "XaiAdError",
    "list_models",
    "load",
    "read_image",
]

_HOMES = {
    "xai_ad.detector.calibration": ("Calibration",),
    "xai_ad.detector.detector": ("AnomalyClassifier", "Prediction"),
    "xai_ad.data.reading": ("read_image",),
    "xai_ad.errors": ("XaiAdError",),
    "xai_ad.explain": ("EXPLAINERS", "CounterfactualSearch", "KernelShap", "Lime", "Lrp", "Residual"),
    "xai_ad.store": ("ModelCard", "list_models", "load"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
