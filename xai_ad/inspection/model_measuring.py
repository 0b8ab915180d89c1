"""One's own model measured on pictures that set no limit: those of its training's folder that were kept back."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.errors import DatasetError
from xai_ad.inspection.engines.base import JobStatus
from xai_ad.inspection.evaluating import evaluate_stored
from xai_ad.inspection.trainings.jobs import list_jobs
from xai_ad.progress import Progress, part_of
from xai_ad.store import CalibrationRecord, Fingerprint, StoredModel, find_model, fingerprint


@dataclass(frozen=True, kw_only=True)
class ModelMeasurement:
    """The question how good a model is on the pictures of its training's folder that neither taught nor calibrated it."""

    model: Fingerprint
    data: Path
    layout: str
    levels: int | None
    calibrated_on: frozenset[str]
    stored: StoredModel = field(compare=False, repr=False)

    def answer(self, progress: Progress) -> bool:
        """Measure, and record it with the model.

        Raises `DatasetError` where the folder is another one by now: it may hold back pictures that the model has seen.
        """
        stored = find_model(self.stored.path)
        self._require_same(stored)
        evaluate_stored(
            stored,
            self.data,
            self.layout,
            record=True,
            levels=self.levels,
            on_progress=part_of(progress, 0.1, 1.0),
        )
        return True

    def _require_same(self, stored: StoredModel) -> None:
        card = stored.card
        dataset = read_dataset(
            self.data,
            self.layout,
            levels=self.levels,
            assumed=card.preprocessing.levels,
            left_out=card.split.left_out,
        )
        split = split_dataset(dataset, Protocol.HELD_OUT)
        same = {sample.sha256 for sample in split.calibration} >= self.calibrated_on
        if not same or len(split.train) != card.split.counts.get("train"):
            raise DatasetError(
                f"{str(self.data)!r} holds other pictures than when {card.id!r} was trained on it: which ones it has not "
                "seen is not known."
            )


MeasuringStatus: TypeAlias = JobStatus[bool]
"""How far a measurement is."""


def model_measurement(stored: StoredModel, record: CalibrationRecord) -> ModelMeasurement | None:
    """Ask how good a model of one's own is, where a job of this computer trained it on a folder that has both kinds."""
    if stored.is_shipped or not any(image.label == 1 for image in record.images):
        return None
    orders = (job.order for job in list_jobs() if stored.card.id in job.order.names)
    order = next((order for order in orders if order.data.is_dir()), None)
    if order is None:
        return None
    return ModelMeasurement(
        model=fingerprint(stored),
        data=order.data,
        layout=order.layout,
        levels=order.levels,
        calibrated_on=frozenset(image.sha256 for image in record.images),
        stored=stored,
    )
