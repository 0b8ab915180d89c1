"""What there is: a row for every architecture, and one for every stored model."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from xai_ad.errors import StoreError
from xai_ad.networks import list_networks
from xai_ad.store import list_models, load_calibration


def network_rows() -> list[dict[str, Any]]:
    """Return every architecture with its options, its parameters, and the thesis's count where that is another."""
    rows = [asdict(found) for found in list_networks()]
    return [
        {name: value for name, value in row.items() if name != "thesis_parameters" or value is not None}
        for row in rows
    ]


def model_rows(*, on_broken: Callable[[StoreError], None]) -> list[dict[str, Any]]:
    """Return every stored model's card in short; a model that cannot be read goes to `on_broken`."""
    rows = []
    for stored in list_models(on_broken=on_broken):
        card = stored.card
        try:
            record = load_calibration(stored)
        except StoreError as error:
            on_broken(error)
            continue
        held_out = card.metrics.get("held-out", {})
        rows.append(
            {
                "id": card.id,
                "path": str(stored.path),
                "network": card.network,
                "options": card.options,
                "dataset": card.dataset,
                "subject": card.subject,
                "layout": card.layout,
                "frames": card.preprocessing.frames,
                "epochs": card.training.epochs,
                "calibration": record.id,
                "threshold": record.calibration.threshold,
                "score_max": record.calibration.score_max,
                "auc_roc": held_out.get("auc_roc"),
                "pixel_auc_roc": held_out.get("pixel_auc_roc"),
                "licence": card.licence,
            }
        )
    return rows
