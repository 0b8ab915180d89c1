"""Files of annotations, of whatever format, and folders of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xai_ad.data.decoding.files import bytes_of
from xai_ad.data.hidden import lies_hidden
from xai_ad.data.masks.annotations.coco import is_coco, read_coco
from xai_ad.data.masks.annotations.label_studio import is_label_studio, read_label_studio
from xai_ad.data.masks.annotations.labelme import is_labelme, read_labelme
from xai_ad.data.masks.annotations.parsing import Parsed
from xai_ad.errors import DatasetError

_FORMATS = ((is_coco, read_coco), (is_labelme, read_labelme), (is_label_studio, read_label_studio))
_SUFFIX = ".json"


def holds_annotations(folder: Path) -> bool:
    """Return whether any JSON file in a folder is of a known format; raises `DatasetError` for a damaged one before."""
    return any(_reader(_json(file)) is not None for file in _annotation_files(folder))


def _annotation_files(place: Path) -> list[Path]:
    """Return a file itself, or the JSON files in a folder and those within it, without hidden ones."""
    if not place.is_dir():
        return [place]
    return sorted(
        path
        for path in place.rglob("*")
        if path.suffix.lower() == _SUFFIX and path.is_file() and not lies_hidden(path.relative_to(place))
    )


def read_annotations(place: Path) -> Parsed:
    """Return what a file of annotations, or all files in a folder, draw on pictures.

    Of a folder, JSON files of other kinds are passed over, and counted in a note. Raises `DatasetError` for a file that
    cannot be read, and where none of a folder's is of a known format.
    """
    parts, others = [], []
    files = _annotation_files(place)
    for file in files:
        value = _json(file)
        reader = _reader(value)
        if reader is not None:
            parts.append(reader(value, file))
        elif file == place:
            raise _unknown(str(file))
        else:
            others.append(file.name)
    if not parts:
        raise _unknown(f"What {str(place)!r} holds")
    notes = [note for part in parts for note in part.notes]
    if others:
        notes.append(
            f"{len(others)} of {len(files)} JSON files in {str(place)!r} are no annotations: {', '.join(others[:3])}."
        )
    return Parsed(drawn=tuple(one for part in parts for one in part.drawn), notes=tuple(notes))


def annotations_in(content: bytes, file: Path) -> Parsed:
    """Return what the content of a file of annotations draws on pictures; raises `DatasetError` as `read_annotations` does."""
    value = _parsed_json(content, file)
    reader = _reader(value)
    if reader is None:
        raise _unknown(str(file))
    return reader(value, file)


def _reader(value: Any) -> Callable[[Any, Path], Parsed] | None:
    """Return what reads a JSON file's value; None for one of no known format."""
    return next((read for fits, read in _FORMATS if fits(value)), None)


def _json(file: Path) -> Any:
    return _parsed_json(bytes_of(file), file)


def _parsed_json(content: bytes, file: Path) -> Any:
    try:
        return json.loads(content)  # UTF-8, 16 or 32, with a byte order mark or without
    except (ValueError, RecursionError) as error:  # JSON's and Unicode's errors are of the first kind
        reason = " ".join(str(error).split())
        raise DatasetError(f"{file} is no JSON file that can be read ({reason}). Export it again.") from error


def _unknown(what: str) -> DatasetError:
    return DatasetError(
        f"{what} is no annotation that is known. What is read: COCO JSON, LabelMe JSON (or a folder of it) and Label "
        "Studio's JSON."
    )
