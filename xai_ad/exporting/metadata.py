"""What an exported file says of itself: enough to prepare a picture for it and to judge by its score."""

import json

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.exporting.graph import input_shape
from xai_ad.store import CalibrationRecord, StoredModel
from xai_ad.store.models import WEIGHTS

PREFIX = "xai_ad."


def metadata_of(
    stored: StoredModel, record: CalibrationRecord, detector: AnomalyClassifier
) -> dict[str, str]:
    """Return what is written into an exported file, texts by name; structures as JSON."""
    card, calibration = stored.card, record.calibration
    found = {
        "id": card.id,
        "network": card.network,
        "dataset": card.dataset,
        "licence": card.licence,
        "weights_sha256": card.sha256.get(WEIGHTS, ""),
        "calibration": record.id,
        "score": str(calibration.scoring.score),
        "threshold": repr(calibration.threshold),
        "score_max": repr(calibration.score_max),
        "input": json.dumps(["N", *input_shape(detector)]),
        "preprocessing": json.dumps(card.preprocessing.record()),
        "use": "images: float32 RGB or grey in [0, 1]. score > threshold is anomalous. map: errors whose reduction is the "
        "score.",
    }
    return {f"{PREFIX}{name}": value for name, value in found.items()}
