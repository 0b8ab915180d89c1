"""Stored models: their cards and records, and loading, saving and listing them."""

from xai_ad.store.models import (
    SHIPPED,
    StoredModel,
    add_calibration,
    find_model,
    home,
    list_models,
    load,
    load_calibration,
    load_evaluation,
    load_network,
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
    "SHIPPED",
    "CalibrationProtocol",
    "CalibrationRecord",
    "JudgedImage",
    "ModelCard",
    "SplitRecord",
    "StoredModel",
    "TrainingRecord",
    "add_calibration",
    "find_model",
    "home",
    "list_models",
    "load",
    "load_calibration",
    "load_evaluation",
    "load_network",
    "read_card",
    "record_evaluation",
    "save_model",
    "versions",
]
