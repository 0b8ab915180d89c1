"""Models opened once a process and shared by every session: a classifier is frozen, so nobody can disturb another."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xai_ad.data.layouts import Protocol
from xai_ad.data.reading import read_image
from xai_ad.data.specs import Subject
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.familiarity import Familiarity
from xai_ad.errors import StoreError
from xai_ad.inspection.clip_files import list_clips
from xai_ad.inspection.image_files import ImageFile, decoded, list_samples
from xai_ad.inspection.request import Source
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.variants import model_order
from xai_ad.store import (
    CalibrationRecord,
    Fingerprint,
    JudgedImage,
    ModelCard,
    StoredModel,
    default_models,
    fingerprint,
    list_models,
    load,
    load_calibration,
    load_evaluation,
    load_familiarity,
)


@dataclass(frozen=True, kw_only=True)
class OpenModel:
    """A model in memory. `fingerprint` and `normal` name everything of it that a result depends on."""

    classifier: AnomalyClassifier
    card: ModelCard
    record: CalibrationRecord
    fingerprint: Fingerprint
    normal: Source | None = None  # an image that was given to fill from
    familiarity: Familiarity | None = None  # None for a model that cannot tell strangers
    evaluated: tuple[JudgedImage, ...] = ()
    """Images that set no limit, with their raw scores; none where no evaluation was recorded."""

    @property
    def has_normals(self) -> bool:
        """Whether it brought images of normal parts to fill from."""
        return self.classifier.references.normals.numel() > 0


_MODELS: BoundedCache[tuple[Fingerprint, Source | None], OpenModel] = BoundedCache(24)
"""A comparison uses twelve at once. Most take 2 to 15 MB of memory, the largest 43: twelve of one dataset 130 MB. One that
was given a normal image shares its weights with the one that was not."""
_OPENING = threading.Lock()


def stored_models(*, on_broken: Callable[[StoreError], None]) -> list[StoredModel]:
    """Return the models of images in the pickers' order; those of clips judge no single one.

    Those with sample images come first: the page opens on a result, not on a prompt. Of each dataset the one that was
    measured best comes first.
    """
    listed = list_models(on_broken=on_broken)
    models = [stored for stored in listed if stored.card.preprocessing.frames is None]
    return _in_order(models, lambda card: not list_samples(card.dataset), first=default_models())


def every_model(*, on_broken: Callable[[StoreError], None]) -> list[StoredModel]:
    """Return all models in the order of a page that shows each: datasets with samples first, as on the home page."""
    return _in_order(
        list_models(on_broken=on_broken),
        lambda card: not (list_samples(card.dataset) or list_clips(card.dataset)),
        first=default_models(),
    )


def models_of_frames(*, on_broken: Callable[[StoreError], None]) -> list[StoredModel]:
    """Return all models in the order of a page of clips: every one judges frames, alone or several together.

    Those of scenes come first, among them those with sample clips; of each dataset the one whose scores tell frames of
    different clips apart best, as its card says: a limit is the same for all clips.
    """
    models = list_models(on_broken=on_broken)
    ranked = sorted(
        (stored for stored in models if stored.is_shipped), key=lambda stored: _apart(stored.card)
    )
    return _in_order(
        models,
        lambda card: (card.subject is not Subject.SCENE, not list_clips(card.dataset)),
        first={stored.card.dataset: stored.card.id for stored in ranked},
    )


def _apart(card: ModelCard) -> float:
    """Return the AUC-ROC of a model's frames, all clips together; 0 where it was not measured."""
    return float(card.metrics.get(Protocol.HELD_OUT, {}).get("auc_roc_global") or 0.0)


def _in_order(
    models: Sequence[StoredModel], rank: Callable[[ModelCard], object], *, first: Mapping[str, str]
) -> list[StoredModel]:
    """Return models as pickers have them: datasets by a rank of their cards, the same for all of one dataset.

    `first` names the shipped model that a dataset begins with.
    """
    ranks = {stored.card.dataset: rank(stored.card) for stored in models}

    def place(stored: StoredModel) -> tuple[Any, ...]:
        dataset, network, *rest = model_order(stored)
        is_default = stored.is_shipped and first.get(stored.card.dataset) == stored.card.id
        return ranks[stored.card.dataset], dataset, not is_default, network, *rest

    return sorted(models, key=place)


def levels_of(dataset: str) -> int | None:
    """Return the value that was white in the training pictures of a dataset's models, where they had more than 8 bits."""
    whites = {
        stored.card.preprocessing.levels
        for stored in list_models(on_broken=lambda _: None)
        if stored.card.dataset == dataset
    } - {None}
    return whites.pop() if len(whites) == 1 else None


def open_model(stored: StoredModel, calibration: str | None = None) -> OpenModel:
    """Return a stored model, loaded at most once, under its active calibration or the one of an id.

    Raises `StoreError` where it is damaged, and `UnknownNameError` for a calibration that it does not have.
    """
    name = fingerprint(stored, calibration)
    with _OPENING:  # a second session waits for the first one's load instead of loading it too
        model = _MODELS.get((name, None))
        if model is None:
            classifier, card = load(stored.path, calibration=calibration)
            record = load_calibration(stored, calibration)
            model = OpenModel(
                classifier=classifier,
                card=card,
                record=record,
                fingerprint=name,
                familiarity=load_familiarity(stored),
                evaluated=evaluated(stored, record),
            )
            _MODELS.put((name, None), model)
        # What is said of a model may change under the same weights and figures: its card, a limit's name and reason.
        return replace(model, card=stored.card, record=load_calibration(stored, calibration))


def evaluated(stored: StoredModel, record: CalibrationRecord) -> tuple[JudgedImage, ...]:
    """Return the images of a model's evaluation, scored as a calibration does; none where the two share an image."""
    images = load_evaluation(stored, record.id)
    used = {image.sha256 for image in record.images}
    return () if any(image.sha256 in used for image in images) else images


def with_normal(model: OpenModel, image_file: ImageFile) -> OpenModel:
    """Return the model with an image of a normal part to fill from; raises `ImageError` for an unusable one."""
    known = _MODELS.get((model.fingerprint, image_file.source))
    if known is None:
        normal = read_image(decoded(image_file), model.card)
        classifier = model.classifier.with_normals(normal[None])
        known = replace(model, classifier=classifier, normal=image_file.source)
        _MODELS.put((model.fingerprint, image_file.source), known)
    return replace(known, card=model.card)
