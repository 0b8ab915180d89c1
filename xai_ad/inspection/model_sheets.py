"""What page Models says of a model: its sheet, the images that its limit is seen on, and which of them are at hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_ad.inspection.models import evaluated
from xai_ad.inspection.results import BoundedCache
from xai_ad.metrics.detection import auc_roc
from xai_ad.metrics.intervals import auc_roc_interval
from xai_ad.presentation.about import About, about
from xai_ad.presentation.limits import (
    about_measured,
    about_setting,
    moved_measured,
    moved_setting,
    set_title,
)
from xai_ad.presentation.rates import CLASSES
from xai_ad.presentation.sheets import Sheet, sheet
from xai_ad.store import (
    CalibrationRecord,
    Fingerprint,
    JudgedImage,
    StoredModel,
    fingerprint,
    load_calibration,
    load_evaluation_record,
)

MEASURED, SETTING = "measured", "setting"


@dataclass(frozen=True, kw_only=True)
class ScoredSet:
    """Scored images that a limit is seen on: those that measure it, or those that it was placed by.

    `groups` names each one's clip, where they are frames that are known by clip.
    """

    id: str
    title: str
    about: str
    moved: str
    images: tuple[JudgedImage, ...]
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class KnownModel:
    """What is known of a model under its active calibration."""

    stored: StoredModel
    record: CalibrationRecord
    about: About
    sheet: Sheet
    sets: tuple[ScoredSet, ...]

    def set_of(self, name: str) -> ScoredSet | None:
        """Return a set of images by its id, or None."""
        return next((each for each in self.sets if each.id == name), None)


_KNOWN: BoundedCache[tuple[Fingerprint, str, str], KnownModel] = BoundedCache(8)


def known_model(stored: StoredModel) -> KnownModel:
    """Return what is known of a model; it is read and counted once. Raises `StoreError` for a damaged model."""
    record = load_calibration(stored)
    files = ", ".join(f"{name} {content}" for name, content in sorted(stored.card.sha256.items()))
    key = (fingerprint(stored), record.id, files)
    return _KNOWN.get_or(key, lambda: _read(stored, record))


def kind_name(kind: str) -> str:
    """Return what a class of images is called."""
    return CLASSES.get(kind, kind.replace("_", " "))


def kinds_of(images: Sequence[JudgedImage]) -> tuple[str, ...]:
    """Return the classes of anomalous images, in order."""
    return tuple(sorted({image.kind for image in images if image.label == 1}, key=kind_name))


def areas_of(scored: ScoredSet) -> dict[str, tuple[float, float, float]]:
    """Return each class's AUC-ROC against all normal images and the ends of its 95 % interval, by class."""
    found: dict[str, tuple[float, float, float]] = {}
    if not any(image.label == 0 for image in scored.images):
        return found
    for kind in kinds_of(scored.images):
        places = [
            place for place, image in enumerate(scored.images) if image.label == 0 or image.kind == kind
        ]
        scores = np.array([scored.images[place].score for place in places])
        labels = np.array([scored.images[place].label for place in places])
        groups = None if scored.groups is None else [scored.groups[place] for place in places]
        low, high = auc_roc_interval(scores, labels, groups)
        found[kind] = (auc_roc(scores, labels), low, high)
    return found


def _read(stored: StoredModel, record: CalibrationRecord) -> KnownModel:
    card, images = stored.card, evaluated(stored, record)
    evaluation = load_evaluation_record(stored)
    groups = evaluation.groups if evaluation is not None and images else None
    known = about(card, record.calibration.threshold, images, groups)
    size = sum(path.stat().st_size for path in stored.path.iterdir() if path.is_file())
    return KnownModel(
        stored=stored,
        record=record,
        about=known,
        sheet=sheet(card, record, known, folder=str(stored.path), size=size),
        sets=_sets(stored, record, images, groups),
    )


def _sets(
    stored: StoredModel,
    record: CalibrationRecord,
    images: tuple[JudgedImage, ...],
    groups: tuple[str, ...] | None,
) -> tuple[ScoredSet, ...]:
    """Return what there is of both: first the images that measure, which no limit was placed by."""
    subject = stored.card.subject
    found = []
    if images:
        found.append(
            ScoredSet(
                id=MEASURED,
                title=set_title(len(images), sets_limit=False, subject=subject),
                about=about_measured(record, images, subject),
                moved=moved_measured(subject),
                images=images,
                groups=groups,
            )
        )
    if record.images:
        found.append(
            ScoredSet(
                id=SETTING,
                title=set_title(len(record.images), sets_limit=True, subject=subject),
                about=about_setting(record, subject),
                moved=moved_setting(subject),
                images=record.images,
            )
        )
    return tuple(found)
