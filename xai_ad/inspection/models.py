"""Models opened once a process and shared by every session: a classifier is frozen, so nobody can disturb another."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from xai_ad.data.images import read_image
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import StoreError
from xai_ad.inspection.photos import Photo, list_samples
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.variants import model_order
from xai_ad.store import CalibrationRecord, ModelCard, StoredModel, list_models, load, load_calibration


@dataclass(frozen=True, kw_only=True)
class OpenModel:
    """A model in memory. `fingerprint` names everything of it that a result depends on."""

    classifier: AnomalyClassifier
    card: ModelCard
    record: CalibrationRecord
    fingerprint: str

    @property
    def has_normals(self) -> bool:
        """Whether it brought pictures of normal parts to fill from."""
        return self.classifier.references.normals.numel() > 0


_MODELS: BoundedCache[str, OpenModel] = BoundedCache(4)
_OPENING = threading.Lock()


def stored_models(*, on_broken: Callable[[StoreError], None]) -> list[StoredModel]:
    """Return the models of pictures in the pickers' order; those of clips judge no single one.

    Those with sample pictures come first: the page opens on a result, not on a prompt.
    """
    listed = list_models(on_broken=on_broken)
    models = [stored for stored in listed if stored.card.preprocessing.frames is None]
    return sorted(models, key=lambda stored: (not list_samples(stored.card.dataset), model_order(stored)))


def open_model(stored: StoredModel) -> OpenModel:
    """Return a stored model, loaded at most once; raises `StoreError` where it is damaged."""
    record = load_calibration(stored)
    card = stored.card
    # The hashes name the files; the rest of what the verdict depends on stands in the card and the calibration.
    parts = [
        card.network,
        card.options,
        card.preprocessing,
        sorted(card.sha256.items()),
        record.id,
        record.calibration,
    ]
    fingerprint = " ".join(map(repr, parts))
    with _OPENING:  # a second session waits for the first one's load instead of loading it too
        model = _MODELS.get(fingerprint)
        if model is None:
            classifier, card = load(stored.path)
            model = OpenModel(classifier=classifier, card=card, record=record, fingerprint=fingerprint)
            _MODELS.put(fingerprint, model)
        return replace(
            model, card=stored.card
        )  # what a card says of a model may change under the same weights


def with_normal(model: OpenModel, photo: Photo) -> OpenModel:
    """Return the model with a photograph of a normal part to fill from; raises `ImageError` for an unusable one."""
    fingerprint = f"{model.fingerprint} normal={photo.sha256}"
    known = _MODELS.get(fingerprint)
    if known is None:
        normal = read_image(photo.content, model.card)
        classifier = model.classifier.with_normals(normal[None])
        known = _MODELS.put(fingerprint, replace(model, classifier=classifier, fingerprint=fingerprint))
    return replace(known, card=model.card)
