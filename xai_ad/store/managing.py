"""Models of one's own given a name, another name, or up; those that came with the package stay what they are."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from xai_ad.data.hidden import is_hidden
from xai_ad.errors import InvalidInputError, StoreError
from xai_ad.machine.files import write_whole, writing
from xai_ad.machine.locks import claim
from xai_ad.machine.places import home, shipped_models
from xai_ad.store.files import write_folder_whole
from xai_ad.store.loading import bytes_of, own_path
from xai_ad.store.models import CARD, MODEL_FILES, WEIGHTS, StoredModel, read_card
from xai_ad.store.recording import WAIT
from xai_ad.store.records import MODEL_CARD, OWN_CALIBRATIONS, dump_record, parse_record

LONGEST_NAME = 80
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?<!\.)")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|.*\.(training|epochs)", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever ending they have, and those of a training's own folders."""


def require_name(name: str) -> str:
    """Return a model's id that every system takes as a folder's name.

    It is of ASCII letters, digits and `-_.`, at most 80 of them, begins with none of `-.` and does not end with a dot.
    Raises `InvalidInputError` for another.
    """
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidInputError(
            f"A model's name has up to {LONGEST_NAME} of the letters a to z, digits, '-', '_' and '.', begins with a letter, "
            f"a digit or '_', and does not end with a dot. Got {name[: LONGEST_NAME + 1]!r}."
        )
    if _RESERVED.fullmatch(name) or is_hidden(name):
        raise InvalidInputError(f"The name {name!r} is kept for something else. Choose another one.")
    return name


def require_new_name(name: str) -> str:
    """Return a model's id that no model has yet, shipped or own, in whatever letter case; raises `InvalidInputError`."""
    require_name(name)
    for root in (shipped_models(), home() / "models"):
        for path in root.glob("*") if root.is_dir() else ():
            if path.name.casefold() == name.casefold():
                raise InvalidInputError(f"There is a model {path.name!r} already. Choose another name.")
    return name


def rename_model(stored: StoredModel, name: str) -> StoredModel:
    """Give one of the user's own models another id, and its folder that name.

    The new folder is whole before the old one goes. Raises `StoreError` for a shipped model or one that is damaged, and
    `InvalidInputError` for a name that does not do or is taken.
    """
    _require_own(stored, "renamed")
    require_new_name(name)
    target = stored.path.resolve().with_name(name)
    _require_alone(stored.path)
    with claim(stored.path, wait=WAIT), claim(target, wait=WAIT):
        if target.exists():
            raise InvalidInputError(f"{str(target)!r} exists already. Choose another name.")
        now = StoredModel(path=stored.path, card=read_card(stored.path))
        files = {each: bytes_of(now, each) for each in now.card.sha256}
        card = replace(now.card, id=name)
        write_folder_whole(target, {**files, CARD: dump_record(MODEL_CARD, card)})
        renamed = StoredModel(path=target, card=card)
        if (limits := _own_limits(now)) is not None:
            write_whole(own_path(renamed), limits.read_bytes())
            limits.unlink(missing_ok=True)
        _remove_folder(stored.path.resolve())
    return renamed


def delete_model(stored: StoredModel) -> None:
    """Delete one of the user's own models and its calibrations.

    Raises `StoreError` for a shipped one, and where something else lies in its folder.
    """
    _require_own(stored, "deleted")
    _require_alone(stored.path)
    with claim(stored.path, wait=WAIT):
        if (limits := _own_limits(stored)) is not None:
            with writing(limits):
                limits.unlink(missing_ok=True)
        _remove_folder(stored.path.resolve())


def _require_own(stored: StoredModel, done: str) -> None:
    if stored.is_shipped:
        raise StoreError(
            f"The model {stored.card.id!r} came with xai_ad and cannot be {done}. Choose one of your own."
        )


def _require_alone(folder: Path) -> None:
    """Raise `StoreError` where a model's folder holds somebody's other files."""
    for path in folder.iterdir():
        if path.name not in MODEL_FILES and not is_hidden(path.name):
            raise StoreError(f"{str(path)!r} is no part of the model beside it. Move it elsewhere first.")


def _own_limits(stored: StoredModel) -> Path | None:
    """Return the file of calibrations under the user's home that is of these very weights, or None.

    A model of one's own has one where it lay among the shipped models once; one of a shipped model of the same id is
    that model's.
    """
    path = own_path(stored)
    if (shipped_models() / stored.card.id / CARD).is_file() or not path.is_file():
        return None
    try:
        own = parse_record(OWN_CALIBRATIONS, path.read_bytes(), path)
    except StoreError:
        return None
    return path if own.weights_sha256 == stored.card.sha256.get(WEIGHTS) else None


def _remove_folder(folder: Path) -> None:
    """Delete a folder, first from every list: it is hidden in one step."""
    with writing(folder):
        hidden = Path(mkdtemp(prefix=f".{folder.name}-gone-", dir=folder.parent))
        folder.replace(hidden)
        shutil.rmtree(hidden)
