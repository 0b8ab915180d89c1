"""Models on disk: a folder of data, no code and no pickle.

`card.json` is what a person reads; `weights.safetensors`, `references.safetensors`, `calibrations.json` and
`evaluation.json`, `explanations.json` and `familiarity.safetensors` are checked against the hashes in it. Shipped models
are never written to, wherever they lie (`XAI_AD_MODELS`): a new calibration of one goes to the user's own folder
(`XAI_AD_HOME`). Only what a model is shipped with, the functions called `record_...`, changes one.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

from xai_ad.data.hidden import visible_in
from xai_ad.errors import InvalidInputError, StoreError, UnknownNameError
from xai_ad.machine.places import CHECKOUT, home, shipped_models
from xai_ad.networks import IMAGE_SIZE, Autoencoder, build_autoencoder
from xai_ad.store.files import is_there
from xai_ad.store.records import (
    MODEL_CARD,
    OLDER,
    SCHEMA,
    ModelCard,
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
    return _lies_in(path, shipped_models())


@lru_cache(maxsize=4096)  # every model is asked at each look at a page
def _lies_in(path: Path, shipped: Path) -> bool:
    folders = {shipped, (CHECKOUT / "models").resolve()}
    return not folders.isdisjoint({path.parent.resolve(), path.resolve().parent})


def list_models(*, on_broken: Callable[[StoreError], None] | None = None) -> tuple[StoredModel, ...]:
    """Return the shipped models, then the user's own; a model that cannot be read goes to `on_broken`.

    One of the user's own takes the place of a shipped one of the same id.

    >>> from xai_ad import list_models
    >>> "washer-bcae1" in [stored.card.id for stored in list_models()]
    True
    """
    found = {}
    for root in (shipped_models(), home() / "models"):
        for path in _folders(root, on_broken):  # a hidden one is a folder that is being written
            if not (path / CARD).is_file():
                continue
            try:
                found[path.name] = _listed(path)
            except StoreError as error:
                if on_broken is None:
                    raise
                on_broken(error)
    return tuple(found.values())


def _folders(root: Path, on_broken: Callable[[StoreError], None] | None) -> Iterable[Path]:
    """Return what lies in a folder of models, by name; none where there is no such folder, or nobody may read it."""
    try:
        return visible_in(root)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        unreadable = StoreError(
            f"{str(root)!r} cannot be read ({error.strerror}): its models are not listed."
        )
        if on_broken is None:
            raise unreadable from error
        on_broken(unreadable)
        return ()


def _listed(path: Path) -> StoredModel:
    card = read_card(path)
    if card.id != path.name:
        raise StoreError(f"The folder {str(path)!r} holds the model {card.id!r}. Name it like its model.")
    return StoredModel(path=path, card=card)


def find_model(model: str | Path) -> StoredModel:
    """Return a model by its id or its folder; raises `UnknownNameError` naming the ids there are."""
    path = Path(model)
    if is_there(path / CARD):
        return StoredModel(path=path, card=read_card(path))
    models = {stored.card.id: stored for stored in list_models(on_broken=lambda _: None)}
    if str(model) not in models:
        raise UnknownNameError("model", str(model), models)
    return models[str(model)]


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
                built(card)
        except InvalidInputError as error:
            raise StoreError(f"{str(path)!r} is of another size than its network: {error}") from error
    return card


def built(card: ModelCard) -> Autoencoder:
    """Build the network that a card describes."""
    preprocessing = card.preprocessing
    return build_autoencoder(
        card.network, channels=preprocessing.channels, size=preprocessing.size, options=card.options
    )
