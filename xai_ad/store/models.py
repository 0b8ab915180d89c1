"""Models on disk: a folder of data, no code and no pickle.

`card.json` is what a person reads; `weights.safetensors`, `references.safetensors`, `calibrations.json` and
`evaluation.json`, `explanations.json` and `familiarity.safetensors` are checked against the hashes in it. Shipped models
are never written to, wherever they lie (`XAI_AD_MODELS`): a new calibration of one goes to the user's own folder
(`XAI_AD_HOME`). Only what a model is shipped with, the functions called `record_...`, changes one.
"""

import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from xai_ad.data.images import sha256_of, to_float
from xai_ad.data.layouts import Protocol
from xai_ad.data.reading import seen_shape
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.detector.familiarity import Familiarity
from xai_ad.errors import InvalidInputError, StoreError, UnknownNameError
from xai_ad.machine.places import CHECKOUT, home, shipped_models
from xai_ad.networks import IMAGE_SIZE, Autoencoder, build_autoencoder
from xai_ad.store.files import read_checked, read_tensors, write_folder_whole, write_whole
from xai_ad.store.measured import MEASURED, MeasuredExplanations
from xai_ad.store.records import (
    CALIBRATION_RECORDS,
    DEFAULT_MODELS,
    EVALUATION_RECORD,
    MODEL_CARD,
    OLDER,
    OWN_CALIBRATIONS,
    SCHEMA,
    CalibrationRecord,
    EvaluationRecord,
    JudgedImage,
    ModelCard,
    OwnCalibrations,
    dump_record,
    parse_record,
)

CARD, WEIGHTS, REFERENCES = "card.json", "weights.safetensors", "references.safetensors"
CALIBRATIONS, EVALUATION = "calibrations.json", "evaluation.json"
EXPLANATIONS, FAMILIARITY = "explanations.json", "familiarity.safetensors"
DEFAULTS = "defaults.json"
MODEL_FILES = frozenset({CARD, WEIGHTS, REFERENCES, CALIBRATIONS, EVALUATION, EXPLANATIONS, FAMILIARITY})


@dataclass(frozen=True, kw_only=True)
class StoredModel:
    """A model's folder and its card."""

    path: Path
    card: ModelCard

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the package, so that its files are not to be touched."""
        return lies_with_shipped(self.path)


def lies_with_shipped(path: Path) -> bool:
    """Return whether a model's folder is in a folder of shipped models."""
    shipped = {shipped_models(), (CHECKOUT / "models").resolve()}
    return not shipped.isdisjoint({path.parent.resolve(), path.resolve().parent})


def list_models(*, on_broken: Callable[[StoreError], None] | None = None) -> tuple[StoredModel, ...]:
    """Return the shipped models, then the user's own; a model that cannot be read goes to `on_broken`.

    One of the user's own takes the place of a shipped one of the same id.

    >>> from xai_ad import list_models
    >>> "washer-bcae1" in [stored.card.id for stored in list_models()]
    True
    """
    found = {}
    for root in (shipped_models(), home() / "models"):
        for path in sorted(root.iterdir()) if root.is_dir() else []:
            if not (path / CARD).is_file():
                continue
            try:
                found[path.name] = _listed(path)
            except StoreError as error:
                if on_broken is None:
                    raise
                on_broken(error)
    return tuple(found.values())


def _listed(path: Path) -> StoredModel:
    card = read_card(path)
    if card.id != path.name:
        raise StoreError(f"The folder {str(path)!r} holds the model {card.id!r}. Name it like its model.")
    return StoredModel(path=path, card=card)


def find_model(model: str | Path) -> StoredModel:
    """Return a model by its id or its folder; raises `UnknownNameError` naming the ids there are."""
    path = Path(model)
    if (path / CARD).is_file():
        return StoredModel(path=path, card=read_card(path))
    models = {stored.card.id: stored for stored in list_models(on_broken=lambda _: None)}
    if str(model) not in models:
        raise UnknownNameError("model", str(model), models)
    return models[str(model)]


def _found(model: str | Path | StoredModel) -> StoredModel:
    return model if isinstance(model, StoredModel) else find_model(model)


def load(
    model: str | Path | StoredModel, *, calibration: str | None = None
) -> tuple[AnomalyClassifier, ModelCard]:
    """Return a model, by its id or its folder, ready to judge and explain, and its card.

    It judges by its active calibration, or by the stored one of that id. Raises `StoreError` where a file is missing, fails its hash or does not fit the architecture.

    >>> from xai_ad import load
    >>> classifier, card = load("washer-bcae1")
    >>> card.id, classifier.calibration.threshold > 0
    ('washer-bcae1', True)
    >>> load("washer-bcae9")
    Traceback (most recent call last):
    xai_ad.errors.UnknownNameError: There is no model 'washer-bcae9'. Choose one of: ...
    """
    stored = _found(model)
    references = _tensors(stored, REFERENCES)
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
    network = _built(card)
    frames = card.preprocessing.frames or 1
    if frames != network.frames:
        raise StoreError(
            f"{str(stored.path / CARD)!r} is of another length than its network: {frames} frames, and "
            f"{card.network!r} sees {network.frames} together."
        )
    weights = {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in _tensors(stored, WEIGHTS).items()
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
    kept = _tensors(stored, REFERENCES)
    return {name: kept[name] for name in ("mean", "normals") if name in kept}


def load_familiarity(model: str | Path | StoredModel) -> Familiarity | None:
    """Return what tells a model strangers from pictures like its training pictures, or None where it has nothing.

    Raises `StoreError` for a file that is damaged or holds something else.
    """
    stored = _found(model)
    if FAMILIARITY not in stored.card.sha256:
        return None
    try:
        return Familiarity.of_tensors(_tensors(stored, FAMILIARITY), shape=seen_shape(stored.card))
    except InvalidInputError as error:
        raise StoreError(f"{str(stored.path / FAMILIARITY)!r} holds no familiarity: {error}") from error


def load_calibration(model: str | Path | StoredModel, calibration: str | None = None) -> CalibrationRecord:
    """Return a model's active calibration, the user's own of a shipped model, else the card's; or the one of an id.

    Raises `UnknownNameError` for an id that the model has no calibration of.
    """
    stored = _found(model)
    own = _own_calibrations(stored)
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
    own = _own_calibrations(stored)
    return (*(own.calibrations if own else ()), *_calibrations(stored))


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
    return parse_record(EVALUATION_RECORD, _checked_bytes(stored, EVALUATION), stored.path / EVALUATION)


def load_measured(model: str | Path | StoredModel) -> tuple[MeasuredExplanations, ...]:
    """Return what explanations of a model's images were measured to be worth, by each score that was measured."""
    stored = _found(model)
    if EXPLANATIONS not in stored.card.sha256:
        return ()
    return parse_record(MEASURED, _checked_bytes(stored, EXPLANATIONS), stored.path / EXPLANATIONS)


def read_card(directory: Path) -> ModelCard:
    """Read a card strictly.

    Raises `StoreError` for an unknown or missing key, another schema version, and images of a size that its network
    cannot have.
    """
    path = directory / CARD
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{str(path)!r} is not a readable card ({error}).") from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema not in (SCHEMA, *OLDER):
        raise StoreError(f"{str(path)!r} has the schema {schema!r}; this version of xai_ad reads {SCHEMA}.")
    card = parse_record(MODEL_CARD, json.dumps({**data, "schema": SCHEMA}).encode(), path)
    if card.preprocessing.size != IMAGE_SIZE or "size" in card.options:
        try:
            with torch.device("meta"):
                _built(card)
        except InvalidInputError as error:
            raise StoreError(f"{str(path)!r} is of another size than its network: {error}") from error
    return card


def _built(card: ModelCard) -> Autoencoder:
    """Build the network that a card describes."""
    preprocessing = card.preprocessing
    return build_autoencoder(
        card.network, channels=preprocessing.channels, size=preprocessing.size, options=card.options
    )


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


def add_calibration(stored: StoredModel, record: CalibrationRecord) -> StoredModel:
    """Add a calibration and make it the active one; older ones are kept. A shipped model's files stay untouched.

    The figures in a card are the former calibration's and are dropped from it.
    """
    if stored.is_shipped:
        own = _own_calibrations(stored)
        kept = tuple(old for old in (own.calibrations if own else ()) if old.id != record.id)
        changed = OwnCalibrations(
            weights_sha256=stored.card.sha256.get(WEIGHTS, ""), active=record.id, calibrations=(*kept, record)
        )
        path = _own_path(stored)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, dump_record(OWN_CALIBRATIONS, changed))
        return stored
    kept = tuple(old for old in _calibrations(stored) if old.id != record.id)
    data = dump_record(CALIBRATION_RECORDS, (*kept, record), indent=None)
    return _rewrite(stored, {CALIBRATIONS: data}, calibration=record.id, metrics={})


def record_calibration(stored: StoredModel, record: CalibrationRecord) -> StoredModel:
    """Write a calibration into a model's own folder, beside those that it has; the active one stays what it is."""
    kept = tuple(old for old in _calibrations(stored) if old.id != record.id)
    data = dump_record(CALIBRATION_RECORDS, (*kept, record), indent=None)
    return _rewrite(stored, {CALIBRATIONS: data})


def record_choice(stored: StoredModel, calibration: str) -> StoredModel:
    """Make one of a model's stored calibrations the card's active one; the card's figures were the former one's and go."""
    if calibration == stored.card.calibration:
        return stored
    return _rewrite(stored, {}, calibration=load_calibration(stored, calibration).id, metrics={})


def default_models() -> dict[str, str]:
    """Return which of the shipped models a dataset opens with, by dataset."""
    path = shipped_models() / DEFAULTS
    return parse_record(DEFAULT_MODELS, path.read_bytes(), path) if path.is_file() else {}


def record_default(dataset: str, model: str) -> None:
    """Write which of the shipped models a dataset opens with."""
    found = {**default_models(), dataset: model}
    write_whole(shipped_models() / DEFAULTS, dump_record(DEFAULT_MODELS, dict(sorted(found.items()))))


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
    those that are kept.
    """
    if _own_calibrations(stored) is not None:
        raise StoreError(
            f"The model {stored.card.id!r} is judged by your own calibration {str(_own_path(stored))!r}. "
            "Delete that file to record figures at the shipped threshold."
        )
    files = {EVALUATION: dump_record(EVALUATION_RECORD, images, indent=None)}
    if components is not None:
        kept = _tensors(stored, REFERENCES)
        files[REFERENCES] = save({**kept, "components": components.to(torch.float32).contiguous()})
    return _rewrite(stored, files, metrics={**stored.card.metrics, str(protocol): dict(metrics)})


def has_components(stored: StoredModel, count: int) -> bool:
    """Whether a model keeps the principal components of so many images: with the same weights they stay as they are."""
    kept = _tensors(stored, REFERENCES).get("components")
    return kept is not None and len(kept) == count


def record_explanations(stored: StoredModel, measured: MeasuredExplanations) -> StoredModel:
    """Write what explanations were measured to be worth into a model's folder, in place of what that score had."""
    kept = tuple(old for old in load_measured(stored) if old.score != measured.score)
    data = dump_record(MEASURED, (*kept, measured), indent=None)
    return _rewrite(stored, {EXPLANATIONS: data})


def record_familiarity(stored: StoredModel, familiarity: Familiarity) -> StoredModel:
    """Write into a model's folder what tells strangers, in place of what it had."""
    return _rewrite(stored, {FAMILIARITY: save(familiarity.tensors())})


def versions() -> dict[str, str]:
    """Return the versions that a card records."""
    return {"python": platform.python_version(), "torch": str(torch.__version__)}


def _rewrite(stored: StoredModel, changed: Mapping[str, bytes], **fields: Any) -> StoredModel:
    """Write a model's folder anew with some files and fields of the card changed: all of it or nothing."""
    kept = {name: _checked_bytes(stored, name) for name in stored.card.sha256 if name not in changed}
    files = {**kept, **changed}
    card = replace(stored.card, sha256={name: sha256_of(data) for name, data in files.items()}, **fields)
    write_folder_whole(stored.path, {**files, CARD: dump_record(MODEL_CARD, card)})
    return StoredModel(path=stored.path, card=card)


def _calibrations(stored: StoredModel) -> tuple[CalibrationRecord, ...]:
    return parse_record(CALIBRATION_RECORDS, _checked_bytes(stored, CALIBRATIONS), stored.path / CALIBRATIONS)


def _own_path(stored: StoredModel) -> Path:
    return home() / "calibrations" / f"{stored.card.id}.json"


def _own_calibrations(stored: StoredModel) -> OwnCalibrations | None:
    """The user's calibrations of a shipped model, where they were made for these very weights."""
    path = _own_path(stored)
    if not stored.is_shipped or not path.is_file():
        return None
    try:
        own = parse_record(OWN_CALIBRATIONS, path.read_bytes(), path)
    except StoreError as error:
        raise StoreError(f"{error} Delete the file to go back to the shipped threshold.") from error
    return own if own.weights_sha256 == stored.card.sha256.get(WEIGHTS) else None


def _tensors(stored: StoredModel, name: str) -> dict[str, Tensor]:
    return read_tensors(stored.path / name, stored.card.sha256.get(name))


def _checked_bytes(stored: StoredModel, name: str) -> bytes:
    return read_checked(stored.path / name, stored.card.sha256.get(name))
