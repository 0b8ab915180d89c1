"""A model's folder written: whole, or what was measured of it into the folder that it has."""

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from xai_ad.data.decoding import sha256_of
from xai_ad.data.fitting import Proportions
from xai_ad.data.layouts import Protocol
from xai_ad.detector.familiarity import Familiarity
from xai_ad.errors import StoreError
from xai_ad.machine.files import write_whole
from xai_ad.machine.locks import claim
from xai_ad.machine.places import shipped_models
from xai_ad.networks import Autoencoder
from xai_ad.store.files import write_folder_whole
from xai_ad.store.loading import (
    bytes_of,
    default_models,
    folder_calibrations,
    load_calibration,
    load_measured,
    own_calibrations,
    own_path,
    tensors_of,
)
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
    read_card,
)
from xai_ad.store.records import (
    CALIBRATION_RECORDS,
    DEFAULT_MODELS,
    EVALUATION_RECORD,
    MODEL_CARD,
    OWN_CALIBRATIONS,
    CalibrationRecord,
    EvaluationRecord,
    ModelCard,
    OwnCalibrations,
    dump_record,
)

WAIT = 60.0
"""Seconds to wait for another process that writes a model: it takes a moment, but for a training into its folder."""


def save_model(
    directory: Path,
    card: ModelCard,
    *,
    network: Autoencoder,
    references: Mapping[str, Tensor],
    calibrations: tuple[CalibrationRecord, ...],
    familiarity: Familiarity | None = None,
) -> StoredModel:
    """Write a model's folder whole, or leave what was there: it is written aside and then renamed."""
    dtype = getattr(torch, card.weights_dtype)
    weights = {name: _as_stored(tensor, dtype).contiguous() for name, tensor in network.state_dict().items()}
    files = {
        WEIGHTS: save(weights),
        REFERENCES: save({name: tensor.contiguous() for name, tensor in references.items()}),
        CALIBRATIONS: dump_record(CALIBRATION_RECORDS, calibrations, indent=None),
    }
    if familiarity is not None:
        files[FAMILIARITY] = save(familiarity.tensors())
    card = replace(card, sha256={name: sha256_of(data) for name, data in files.items()})
    with claim(directory, wait=WAIT):
        write_folder_whole(directory, {**files, CARD: dump_record(MODEL_CARD, card)})
    return StoredModel(path=directory, card=card)


def _as_stored(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a tensor of weights as it is written: kernels in `dtype`, and in float16 where that loses nothing.

    A model that was fine-tuned from one in float16 shares most of its kernels. Kernels alone are rounded: they are
    nearly all of the weights, and a batch norm's variance may not fit.
    """
    if not tensor.is_floating_point() or tensor.ndim < 2:
        return tensor
    half = tensor.half()
    return half if torch.equal(half.to(tensor.dtype), tensor) else tensor.to(dtype)


def add_calibration(
    stored: StoredModel, record: CalibrationRecord, *, photograph: Proportions | None = None
) -> StoredModel:
    """Add a calibration and make it the active one; older ones are kept. A shipped model's files stay untouched.

    The figures in a card are the former calibration's and are dropped from it. A `photograph` is what shape the
    training images had, for a card that did not say.
    """
    if stored.is_shipped:
        path = own_path(stored)
        with claim(path, wait=WAIT):
            own = own_calibrations(stored)
            kept = tuple(old for old in (own.calibrations if own else ()) if old.id != record.id)
            changed = OwnCalibrations(
                weights_sha256=stored.card.sha256.get(WEIGHTS, ""),
                active=record.id,
                calibrations=(*kept, record),
            )
            write_whole(path, dump_record(OWN_CALIBRATIONS, changed))
        return stored
    with _changing(stored) as now:
        fields = {"photograph": photograph} if photograph is not None else {}
        return _rewrite(now, {CALIBRATIONS: _with(now, record)}, calibration=record.id, metrics={}, **fields)


def record_calibration(stored: StoredModel, record: CalibrationRecord) -> StoredModel:
    """Write a calibration into a model's own folder, beside those that it has; the active one stays what it is."""
    with _changing(stored) as now:
        return _rewrite(now, {CALIBRATIONS: _with(now, record)})


def _with(stored: StoredModel, record: CalibrationRecord) -> bytes:
    """Return the file of a model's calibrations with one more."""
    kept = tuple(old for old in folder_calibrations(stored) if old.id != record.id)
    return dump_record(CALIBRATION_RECORDS, (*kept, record), indent=None)


def activate_calibration(stored: StoredModel, calibration: str) -> StoredModel:
    """Make one of a model's calibrations the active one, its own or one that it was shipped with; none is removed.

    A shipped model's files stay untouched: the user's own file says which is active. Raises `UnknownNameError` for an id
    that the model has no calibration of.
    """
    if not stored.is_shipped:
        return record_choice(stored, calibration)
    path = own_path(stored)
    with claim(path, wait=WAIT):
        chosen, own = load_calibration(stored, calibration).id, own_calibrations(stored)
        changed = OwnCalibrations(
            weights_sha256=stored.card.sha256.get(WEIGHTS, ""),
            active=chosen,
            calibrations=own.calibrations if own else (),
        )
        write_whole(path, dump_record(OWN_CALIBRATIONS, changed))
    return stored


def record_choice(stored: StoredModel, calibration: str) -> StoredModel:
    """Make one of a model's stored calibrations the card's active one; the card's figures were the former one's and go."""
    with _changing(stored) as now:
        if calibration == now.card.calibration:
            return now
        return _rewrite(now, {}, calibration=load_calibration(now, calibration).id, metrics={})


def record_default(dataset: str, model: str) -> None:
    """Write which of the shipped models a dataset opens with."""
    path = shipped_models() / DEFAULTS
    with claim(path, wait=WAIT):
        found = {**default_models(), dataset: model}
        write_whole(path, dump_record(DEFAULT_MODELS, dict(sorted(found.items()))))


def record_evaluation(
    stored: StoredModel,
    *,
    protocol: Protocol,
    metrics: Mapping[str, Any],
    images: EvaluationRecord,
    components: Tensor | None,
) -> StoredModel:
    """Write an evaluation into a model's folder: its figures into the card, each image's scores beside it.

    `components` are the embeddings' first principal components, (N, 16), kept with the references; None leaves
    those that are kept. Raises `StoreError` where the model was calibrated anew since `stored` was read.
    """
    own = own_calibrations(stored)
    if own is not None and own.active != stored.card.calibration:
        raise StoreError(
            f"The model {stored.card.id!r} is judged by your own calibration {str(own_path(stored))!r}. "
            "Delete that file to record figures at the shipped threshold."
        )
    with _changing(stored) as now:
        if now.card.calibration != stored.card.calibration:
            raise StoreError(
                f"The model {stored.card.id!r} was calibrated anew while it was evaluated. Evaluate it again."
            )
        files = {EVALUATION: dump_record(EVALUATION_RECORD, images, indent=None)}
        if components is not None:
            kept = tensors_of(now, REFERENCES)
            files[REFERENCES] = save({**kept, "components": components.to(torch.float32).contiguous()})
        return _rewrite(now, files, metrics={**now.card.metrics, str(protocol): dict(metrics)})


def has_components(stored: StoredModel, count: int) -> bool:
    """Whether a model keeps the principal components of so many images: with the same weights they stay as they are."""
    kept = tensors_of(stored, REFERENCES).get("components")
    return kept is not None and len(kept) == count


def record_explanations(stored: StoredModel, measured: MeasuredExplanations) -> StoredModel:
    """Write what explanations were measured to be worth into a model's folder, in place of what that score had."""
    with _changing(stored) as now:
        kept = tuple(old for old in load_measured(now) if old.score != measured.score)
        return _rewrite(now, {EXPLANATIONS: dump_record(MEASURED, (*kept, measured), indent=None)})


def record_familiarity(stored: StoredModel, familiarity: Familiarity) -> StoredModel:
    """Write into a model's folder what tells strangers, in place of what it had."""
    with _changing(stored) as now:
        return _rewrite(now, {FAMILIARITY: save(familiarity.tensors())})


def versions() -> dict[str, str]:
    """Return the versions that a card records."""
    return {"python": platform.python_version(), "torch": str(torch.__version__)}


def require_unclaimed(stored: StoredModel) -> None:
    """Raise `InUseError` where another process is about to replace what a calibration of a model would be added to."""
    with claim(own_path(stored) if stored.is_shipped else stored.path, wait=WAIT):
        pass


@contextmanager
def _changing(stored: StoredModel) -> Iterator[StoredModel]:
    """Claim a model's folder, and give the model as it is now: another process may have added to it since it was read.

    Raises `StoreError` where it has other weights by now.
    """
    with claim(stored.path, wait=WAIT):
        now = StoredModel(path=stored.path, card=read_card(stored.path))
        if now.card.sha256.get(WEIGHTS) != stored.card.sha256.get(WEIGHTS):
            raise StoreError(f"The model {str(stored.path)!r} was replaced meanwhile. Do this again.")
        yield now


def _rewrite(stored: StoredModel, changed: Mapping[str, bytes], **fields: Any) -> StoredModel:
    """Write a model's folder anew with some files and fields of the card changed: all of it or nothing."""
    kept = {name: bytes_of(stored, name) for name in stored.card.sha256 if name not in changed}
    files = {**kept, **changed}
    card = replace(stored.card, sha256={name: sha256_of(data) for name, data in files.items()}, **fields)
    write_folder_whole(stored.path, {**files, CARD: dump_record(MODEL_CARD, card)})
    return StoredModel(path=stored.path, card=card)
