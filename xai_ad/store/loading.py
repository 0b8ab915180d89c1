"""What a model's folder holds, read and checked against the hashes in its card."""

from pathlib import Path

import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.reading import seen_shape
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.detector.familiarity import Familiarity
from xai_ad.errors import InvalidInputError, StoreError, UnknownNameError
from xai_ad.machine.places import home, shipped_models
from xai_ad.networks import Autoencoder
from xai_ad.store.files import is_there, parse_tensors, read_checked
from xai_ad.store.measured import MEASURED, MeasuredExplanations
from xai_ad.store.models import (
    CALIBRATIONS,
    CARD,
    DEFAULTS,
    EVALUATION,
    EXPLANATIONS,
    FAMILIARITY,
    REFERENCES,
    WEIGHTS,
    StoredModel,
    built,
    find_model,
    read_card,
)
from xai_ad.store.records import (
    CALIBRATION_RECORDS,
    DEFAULT_MODELS,
    EVALUATION_RECORD,
    OWN_CALIBRATIONS,
    CalibrationRecord,
    EvaluationRecord,
    JudgedImage,
    ModelCard,
    OwnCalibrations,
    parse_record,
)


def load(
    model: str | Path | StoredModel, *, calibration: str | None = None
) -> tuple[AnomalyClassifier, ModelCard]:
    """Return a model, by its id or its folder, ready to judge and explain, and its card.

    It judges by its active calibration, or by the stored one of that id. Raises `StoreError` where a file is missing,
    fails its hash or does not fit the architecture.

    >>> from xai_ad import load
    >>> classifier, card = load("washer-bcae1")
    >>> card.id, classifier.calibration.threshold > 0
    ('washer-bcae1', True)
    >>> load("washer-bcae9")
    Traceback (most recent call last):
    xai_ad.errors.UnknownNameError: There is no model 'washer-bcae9'. Choose one of: ...
    """
    stored = _found(model)
    references = tensors_of(stored, REFERENCES)
    normals = references.get("normals")
    detector = AnomalyClassifier(
        load_network(stored),
        load_calibration(stored, calibration).calibration,
        References(
            mean=references.get("mean"), normals=torch.empty(0) if normals is None else to_float(normals)
        ),
    )
    return detector, stored.card


def load_network(stored: StoredModel) -> Autoencoder:
    """Return a stored model's network alone, in float32."""
    card = stored.card
    network = built(card)
    frames = card.preprocessing.frames or 1
    if frames != network.frames:
        raise StoreError(
            f"{str(stored.path / CARD)!r} is of another length than its network: {frames} frames, and "
            f"{card.network!r} sees {network.frames} together."
        )
    weights = {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in tensors_of(stored, WEIGHTS).items()
    }
    try:
        network.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise StoreError(
            f"The weights of {str(stored.path)!r} do not fit {card.network!r}: {reason}."
        ) from error
    network.eval()
    return network


def load_references(stored: StoredModel) -> dict[str, Tensor]:
    """Return what a model keeps of its training images: `mean` (C, H, W) and, for generated sets, `normals` as bytes."""
    kept = tensors_of(stored, REFERENCES)
    return {name: kept[name] for name in ("mean", "normals") if name in kept}


def load_components(stored: StoredModel) -> Tensor | None:
    """Return the first principal components of the evaluated images' embeddings, (N, 16), or None where none are kept."""
    return tensors_of(stored, REFERENCES).get("components")


def load_familiarity(model: str | Path | StoredModel) -> Familiarity | None:
    """Return what tells a model strangers from pictures like its training pictures, or None where it has nothing.

    Raises `StoreError` for a file that is damaged or holds something else.
    """
    stored = _found(model)
    if FAMILIARITY not in stored.card.sha256:
        return None
    try:
        return Familiarity.of_tensors(tensors_of(stored, FAMILIARITY), shape=seen_shape(stored.card))
    except InvalidInputError as error:
        raise StoreError(f"{str(stored.path / FAMILIARITY)!r} holds no familiarity: {error}") from error


def load_calibration(model: str | Path | StoredModel, calibration: str | None = None) -> CalibrationRecord:
    """Return a model's active calibration, the user's own of a shipped model, else the card's; or the one of an id.

    Raises `UnknownNameError` for an id that the model has no calibration of.
    """
    stored = _found(model)
    own = own_calibrations(stored)
    wanted = calibration or (own.active if own else stored.card.calibration)
    every = load_calibrations(stored)
    for record in every:
        if record.id == wanted:
            return record
    if calibration is not None:
        raise UnknownNameError("calibration", calibration, [record.id for record in every])
    raise StoreError(f"The active calibration {wanted!r} of {str(stored.path)!r} is not in {CALIBRATIONS}.")


def load_calibrations(model: str | Path | StoredModel) -> tuple[CalibrationRecord, ...]:
    """Return all of a model's calibrations: the user's own of a shipped model first, then those it came with."""
    stored = _found(model)
    own = own_calibrations(stored)
    return (*(own.calibrations if own else ()), *folder_calibrations(stored))


def load_evaluation(
    model: str | Path | StoredModel, calibration: str | None = None
) -> tuple[JudgedImage, ...]:
    """Return the images of a model's latest recorded evaluation, scored as a calibration does, by default the active one.

    Empty where none was recorded, or none by such a score.
    """
    stored = _found(model)
    record = load_evaluation_record(stored)
    if record is None:
        return ()
    return record.images(load_calibration(stored, calibration).calibration.scoring)


def load_evaluation_record(model: str | Path | StoredModel) -> EvaluationRecord | None:
    """Return a model's latest recorded evaluation under every score, or None."""
    stored = _found(model)
    if EVALUATION not in stored.card.sha256:
        return None
    return parse_record(EVALUATION_RECORD, bytes_of(stored, EVALUATION), stored.path / EVALUATION)


def load_measured(model: str | Path | StoredModel) -> tuple[MeasuredExplanations, ...]:
    """Return what explanations of a model's images were measured to be worth, by each score that was measured."""
    stored = _found(model)
    if EXPLANATIONS not in stored.card.sha256:
        return ()
    return parse_record(MEASURED, bytes_of(stored, EXPLANATIONS), stored.path / EXPLANATIONS)


def default_models() -> dict[str, str]:
    """Return which of the shipped models a dataset opens with, by dataset."""
    path = shipped_models() / DEFAULTS
    return parse_record(DEFAULT_MODELS, path.read_bytes(), path) if path.is_file() else {}


def folder_calibrations(stored: StoredModel) -> tuple[CalibrationRecord, ...]:
    """Return the calibrations that the folder of a model holds."""
    return parse_record(CALIBRATION_RECORDS, bytes_of(stored, CALIBRATIONS), stored.path / CALIBRATIONS)


def own_path(stored: StoredModel) -> Path:
    """Return where calibrations that a user made of a shipped model lie."""
    return home() / "calibrations" / f"{stored.card.id}.json"


def own_calibrations(stored: StoredModel) -> OwnCalibrations | None:
    """The user's calibrations of a shipped model, where they were made for these very weights."""
    path = own_path(stored)
    if not stored.is_shipped:
        return None
    try:
        own = parse_record(OWN_CALIBRATIONS, path.read_bytes(), path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(
            f"{str(path)!r} cannot be read ({error.strerror}), and it may hold your own limit."
        ) from error
    except StoreError as error:
        raise StoreError(f"{error} Delete the file to go back to the shipped threshold.") from error
    return own if own.weights_sha256 == stored.card.sha256.get(WEIGHTS) else None


def _found(model: str | Path | StoredModel) -> StoredModel:
    return model if isinstance(model, StoredModel) else find_model(model)


def tensors_of(stored: StoredModel, name: str) -> dict[str, Tensor]:
    """Return the tensors in a file of a model; raises `StoreError` where it is damaged."""
    return parse_tensors(bytes_of(stored, name), stored.path / name)


def bytes_of(stored: StoredModel, name: str) -> bytes:
    """Return the bytes of a file of a model; raises `StoreError` where it is damaged.

    A model that another process has added to since its card was read is read by its new card. One that has other
    weights by now is another model.
    """
    card = stored.card
    while True:
        try:
            return read_checked(stored.path / name, card.sha256.get(name))
        except StoreError:
            now = read_card(stored.path) if is_there(stored.path / CARD) else card
            if now.sha256 == card.sha256:
                raise
            if now.sha256.get(WEIGHTS) != stored.card.sha256.get(WEIGHTS):
                raise StoreError(
                    f"The model {str(stored.path)!r} was replaced while it was read. Do this again."
                ) from None
            card = now
