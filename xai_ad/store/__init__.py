"""Stored models: their cards and records, and loading, saving and listing them."""

from xai_ad.store.fingerprint import Fingerprint, fingerprint
from xai_ad.store.models import (
    CARD,
    MODEL_FILES,
    StoredModel,
    add_calibration,
    find_model,
    list_models,
    load,
    load_calibration,
    load_evaluation,
    load_network,
    load_references,
    read_card,
    record_evaluation,
    save_model,
    versions,
)
from xai_ad.store.records import (
    CalibrationProtocol,
    CalibrationRecord,
    JudgedImage,
    ModelCard,
    SplitRecord,
    TrainingRecord,
)

__all__ = [
    "CARD",
    "MODEL_FILES",
    "CalibrationProtocol",
    "CalibrationRecord",
    "Fingerprint",
    "JudgedImage",
    "ModelCard",
    "SplitRecord",
    "StoredModel",
    "TrainingRecord",
    "add_calibration",
    "find_model",
    "fingerprint",
    "list_models",
    "load",
    "load_calibration",
    "load_evaluation",
    "load_network",
    "load_references",
    "read_card",
    "record_evaluation",
    "save_model",
    "versions",
]
