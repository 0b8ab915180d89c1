"""A model as one ZIP archive: written with the user's own limits, and read as what a stranger may have made.

What is unpacked is checked first: the archive's directory before anything of it is read, and every file by its hash, its
format and its schema before the model is among the user's own. No code and no pickle is read.
"""

import io
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

import torch

from xai_ad.data.decoding import sha256_of
from xai_ad.errors import InvalidInputError, StoreError, XaiAdError
from xai_ad.machine.files import write_whole, writing
from xai_ad.machine.locks import claim
from xai_ad.machine.places import home
from xai_ad.store.entries import read_entries
from xai_ad.store.files import parse_tensors, write_folder_whole
from xai_ad.store.loading import (
    bytes_of,
    folder_calibrations,
    load,
    load_evaluation_record,
    load_familiarity,
    load_measured,
    own_calibrations,
)
from xai_ad.store.managing import require_new_name
from xai_ad.store.models import (
    CALIBRATIONS,
    CARD,
    MODEL_FILES,
    REFERENCES,
    WEIGHTS,
    StoredModel,
    built,
    read_card,
)
from xai_ad.store.recording import WAIT
from xai_ad.store.records import CALIBRATION_RECORDS, MODEL_CARD, ModelCard, dump_record

_NEEDED = frozenset({WEIGHTS, REFERENCES, CALIBRATIONS})
_MADE = (1980, 1, 1, 0, 0, 0)
"""The time that every entry has, so that a model is the same archive, whenever it is exported."""
_PLAIN = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def export_zip(stored: StoredModel, output: Path) -> Path:
    """Write a model into a ZIP archive, in a folder named like it, and return where it lies.

    The user's own calibrations of a shipped model travel along, the active one as the card's; the figures in a card are
    those of the calibration that it came with, and are left out where that is another. Raises `StoreError` for a damaged
    model, and `WritingError`.
    """
    files = _files_of(stored)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{stored.card.id}/{name}", _MADE)
            entry.external_attr = 0o644 << 16
            kind = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            archive.writestr(entry, files[name], kind)
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, buffer.getvalue())
    return output


def import_zip(file: Path | BinaryIO, *, name: str | None = None) -> StoredModel:
    """Read a model from a ZIP archive into the user's own models, under its id or another name, and return it.

    The archive holds a model's files and nothing else, at its top or in one folder. Nothing of a refused one is left.
    Raises `StoreError` for an archive that holds something else, is damaged, or unpacks to more than a model needs, and
    `InvalidInputError` for a name that is taken or does not do.
    """
    if name is not None:
        _named(name)
    files = _opened(file)
    with TemporaryDirectory(prefix="xai-ad-import-") as aside, _told(folder := Path(aside) / "archive"):
        write_folder_whole(folder, files)
        stored = StoredModel(path=folder, card=read_card(folder))
        name = _named(name or stored.card.id)
        _require_whole(stored, files)
        _require_usable(stored)
    target = home() / "models" / name
    with claim(target, wait=WAIT):
        _named(name)  # nobody took it meanwhile
        card = replace(stored.card, id=name)
        write_folder_whole(target, {**files, CARD: dump_record(MODEL_CARD, card)})
    return StoredModel(path=target, card=card)


def _files_of(stored: StoredModel) -> dict[str, bytes]:
    """Return a model's files by name, with what the user added to a shipped one."""
    files, card = {name: bytes_of(stored, name) for name in stored.card.sha256}, stored.card
    if (own := own_calibrations(stored)) is not None:
        records = {record.id: record for record in (*folder_calibrations(stored), *own.calibrations)}
        files[CALIBRATIONS] = dump_record(CALIBRATION_RECORDS, tuple(records.values()), indent=None)
        card = replace(
            card,
            calibration=own.active,
            metrics=card.metrics if own.active == card.calibration else {},
            sha256={**card.sha256, CALIBRATIONS: sha256_of(files[CALIBRATIONS])},
        )
    return {**files, CARD: dump_record(MODEL_CARD, card)}


def _named(name: str) -> str:
    """Return a name that no model has; the refusal says how to give another."""
    try:
        return require_new_name(name)
    except InvalidInputError as error:
        raise InvalidInputError(f"{error} Import it with --name.") from error


def _opened(file: Path | BinaryIO) -> dict[str, bytes]:
    if not isinstance(file, Path):
        return read_entries(file, of="The archive", valid=MODEL_FILES)
    try:
        with file.open("rb") as opened:
            return read_entries(opened, of=repr(str(file)), valid=MODEL_FILES)
    except OSError as error:
        raise StoreError(f"{str(file)!r} cannot be read ({error.strerror}).") from error


def _require_whole(stored: StoredModel, files: Mapping[str, bytes]) -> None:
    """Raise `StoreError` unless an archive holds just what its card has hashes of, and no less than a model needs."""
    listed, present = set(stored.card.sha256), set(files) - {CARD}
    if missing := sorted((listed | _NEEDED) - present):
        raise StoreError(f"The archive lacks {missing[0]!r} of the model {stored.card.id!r}. Export it anew.")
    if more := sorted(present - listed):
        raise StoreError(f"The archive's card has no hash of {more[0]!r}. Export the model anew.")
    for name in listed:
        if sha256_of(files[name]) != stored.card.sha256[name]:
            raise StoreError(f"{name!r} in the archive does not match the hash in its card. Export it anew.")


def _require_usable(stored: StoredModel) -> None:
    """Load all of a model once; raises `StoreError` for what does not fit together."""
    card = stored.card
    _require_plain(card)
    _require_shapes(stored)
    load(stored)
    load_familiarity(stored)
    load_measured(stored)
    if (evaluation := load_evaluation_record(stored)) is not None:
        for scores in evaluation.scores:
            evaluation.rows(scores.values)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what reading values of another kind than expected raises into a `StoreError`: all of them are a stranger's.

    `folder` is where an archive's files lie meanwhile, which is nothing to tell of.
    """
    try:
        yield
    except StoreError as error:
        raise StoreError(str(error).replace(f"{folder}{os.sep}", "")) from error
    except XaiAdError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        told = " ".join(str(error).split())[:200]
        raise StoreError(
            f"The archive's files do not fit together ({told}). Export the model anew."
        ) from error


def _require_plain(card: ModelCard) -> None:
    """Raise `StoreError` where what a card says would be taken for a place: samples are looked for by the dataset's name."""
    name = card.dataset
    parts = [PurePosixPath(name).parts, PureWindowsPath(name).parts]
    is_place = parts != [(name,), (name,)] or bool(
        PureWindowsPath(name).anchor or PureWindowsPath(name).drive
    )
    if is_place or name.startswith(".") or not _PLAIN.fullmatch(name):
        raise StoreError(f"The card names a dataset that is no plain name. Got {name[:80]!r}.")


def _require_shapes(stored: StoredModel) -> None:
    """Raise `StoreError` unless weights and references have the shapes that the card's network has, before it is built.

    A network of a card's own options takes as much memory as they say; no more than the archive brought along.
    """
    card, size = stored.card, stored.card.preprocessing.size
    weights = parse_tensors(bytes_of(stored, WEIGHTS), stored.path / WEIGHTS)
    with torch.device("meta"):
        network = built(card)
    expected = {name: tensor.shape for name, tensor in network.state_dict().items()}
    if {name: tensor.shape for name, tensor in weights.items()} != expected:
        raise StoreError(f"The weights of {card.id!r} do not fit the network {card.network!r} of its card.")
    if not all(bool(torch.isfinite(tensor).all()) for tensor in weights.values()):
        raise StoreError(f"The weights of {card.id!r} are not all numbers: it would score nothing.")
    image = (card.preprocessing.channels, size, size)
    for name, tensor in parse_tensors(bytes_of(stored, REFERENCES), stored.path / REFERENCES).items():
        shape = {"mean": tuple(tensor.shape), "normals": tuple(tensor.shape[1:])}.get(name)
        if shape not in {None, image}:
            raise StoreError(
                f"The {name!r} of {card.id!r} has the shape {shape}, and its network sees {image}."
            )
